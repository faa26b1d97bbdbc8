#pragma once
#include <libmount/libmount.h>
#include <sys/prctl.h>

/// prctl(PR_SET_DUMPABLE), which is variadic and so out of Swift's reach. Returns what it was before; -1 with errno.
static inline int shareagent_set_dumpable(int dumpable) {
    int before = prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
    if (before < 0 || prctl(PR_SET_DUMPABLE, dumpable, 0, 0, 0) != 0) return -1;
    return before;
}
