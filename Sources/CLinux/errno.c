#include "CLinux.h"
#include <string.h>

const char *shareagent_errno_name(int number) { return strerrorname_np(number); }

const char *shareagent_errno_text(int number) { return strerrordesc_np(number); }
