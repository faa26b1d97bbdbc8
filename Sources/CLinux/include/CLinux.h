// System calls that glibc 2.36 has no wrapper for, kernel structures, and macros that Swift cannot import.
// Everything here exists because Swift cannot say it; what the Glibc module says already is not repeated.
// Only the C files define _GNU_SOURCE: with it some structures differ from those that the Glibc module has.
#pragma once

#include <stdint.h>
#include <sys/types.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/pidfd.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/timerfd.h>

// errno.c: glibc declares both functions only under _GNU_SOURCE, which the Glibc module is built without.

/// "ECONNREFUSED" for 111; NULL for a number glibc does not know.
const char *shareagent_errno_name(int number);
/// "Connection refused" for 111, never translated; NULL for a number glibc does not know.
const char *shareagent_errno_text(int number);
