// System calls that glibc 2.36 has no wrapper for, and macros that Swift cannot import.
#pragma once
#include <stdint.h>
#include <sys/types.h>
