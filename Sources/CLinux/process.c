#include "CLinux.h"
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/random.h>

int shareagent_terminal_size(int descriptor, int *columns, int *rows) {
    struct winsize size;
    if (ioctl(descriptor, TIOCGWINSZ, &size) != 0) return -1;
    *columns = size.ws_col;
    *rows = size.ws_row;
    return 0;
}

int shareagent_forbid_core_dump(void) { return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

long shareagent_random(void *bytes, unsigned long count) { return getrandom(bytes, count, 0); }
