#include "CFuse.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static const char helper[] = "/usr/bin/fusermount3";

// Its own words go to standard error, as it is run. 0 or an errno.
static int run(char *const arguments[], char *const environment[], pid_t *child) {
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    // Signals that this program waits for by descriptors are blocked in it.
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    int problem = posix_spawn(child, helper, NULL, &attributes, arguments, environment);
    posix_spawnattr_destroy(&attributes);
    return problem;
}

// 0, or EPERM where it refused.
static int ended(pid_t child) {
    int status;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR) return errno;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : EPERM;
}

// The one descriptor that comes over a socket, closed on exec; -1 where none comes.
static int received(int socket) {
    char byte;
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec data = {&byte, 1};
    struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = control.room, .msg_controllen = sizeof control.room};
    ssize_t count;
    do count = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    while (count < 0 && errno == EINTR);
    struct cmsghdr *part = count > 0 ? CMSG_FIRSTHDR(&message) : NULL;
    if (!part || part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) return -1;
    int descriptor;
    memcpy(&descriptor, CMSG_DATA(part), sizeof descriptor);
    return descriptor;
}

int shareagent_fuse_mount_by_helper(const char *options, const char *target) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return -1;
    // The helper's end outlives exec, under a number that nothing else here has.
    int theirs = dup(ends[0]);
    close(ends[0]);
    char number[32];
    snprintf(number, sizeof number, "_FUSE_COMMFD=%d", theirs);
    char *arguments[] = {"fusermount3", "-o", (char *)options, "--", (char *)target, NULL}, *environment[] = {number, NULL};
    pid_t child;
    int problem = run(arguments, environment, &child);
    close(theirs);
    int device = -1;
    if (!problem) {
        device = received(ends[1]);
        problem = ended(child);
    }
    close(ends[1]);
    if (device >= 0 && !problem) return device;
    if (device >= 0) close(device);
    errno = problem ? problem : EPERM;
    return -1;
}

int shareagent_fuse_unmount_by_helper(const char *target, int lazily) {
    char *arguments[] = {"fusermount3", lazily ? "-uz" : "-u", "--", (char *)target, NULL}, *environment[] = {NULL};
    pid_t child;
    int problem = run(arguments, environment, &child);
    if (!problem) problem = ended(child);
    errno = problem;
    return problem ? -1 : 0;
}
