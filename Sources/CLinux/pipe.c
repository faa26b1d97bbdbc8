#define _GNU_SOURCE
#include "CLinux.h"
#include <fcntl.h>
#include <unistd.h>

int shareagent_pipe(int ends[2], int capacity) {
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) == -1) return -1;
    if (capacity <= 65536 || fcntl(ends[1], F_SETPIPE_SZ, capacity) != -1) return 0;
    close(ends[0]);
    close(ends[1]);
    return -1;
}
