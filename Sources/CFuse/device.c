#include "CFuse.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

const unsigned long shareagent_mount_flags = MS_NOSUID | MS_NODEV, shareagent_mount_flag_readonly = MS_RDONLY,
                    shareagent_mount_flag_noexec = MS_NOEXEC;

int shareagent_fuse_mount(int device, const char *source, const char *target, unsigned long flags) {
    char options[128];
    snprintf(options, sizeof options, "fd=%d,rootmode=40000,user_id=%u,group_id=%u,default_permissions,allow_other", device, getuid(),
             getgid());
    return mount(source, target, "fuse.shareagent-names", flags, options);
}

long shareagent_fuse_write(int device, const void *header, unsigned long header_size, const void *body, unsigned long body_size) {
    struct iovec parts[2] = {{(void *)header, header_size}, {(void *)body, body_size}};
    return writev(device, parts, body_size ? 2 : 1);
}

int shareagent_fuse_pipe(int ends[2], int capacity) {
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return -1;
    fcntl(ends[1], F_SETPIPE_SZ, capacity);
    return fcntl(ends[1], F_GETPIPE_SZ);
}

long shareagent_fuse_splice(int device, uint64_t unique, int file, int64_t offset, unsigned long size, const int pipes[4]) {
    // The file first: only then is known how much there is, which the header in front of it says.
    off_t at = offset;
    long got = 0;
    while ((unsigned long)got < size) {
        // A short answer means the end of the file to the kernel.
        long more = splice(file, &at, pipes[1], NULL, size - got, SPLICE_F_MOVE);
        if (more == 0) break;
        if (more < 0) {
            if (got > 0) goto spoiled;
            return -1;
        }
        got += more;
    }
    struct fuse_out_header header = {sizeof header + got, 0, unique};
    if (write(pipes[3], &header, sizeof header) != sizeof header) goto spoiled;
    for (long left = got; left > 0;) {
        long moved = splice(pipes[0], NULL, pipes[3], NULL, left, SPLICE_F_MOVE);
        if (moved <= 0) goto spoiled;
        left -= moved;
    }
    if (splice(pipes[2], NULL, device, NULL, header.len, SPLICE_F_MOVE) == header.len) return got;
spoiled:
    // The pipes hold what nobody wants: the caller gives them up.
    errno = EPIPE;
    return -1;
}

int shareagent_fuse_received(int socket) {
    char byte;
    union {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec data = {&byte, 1};
    struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = control.room, .msg_controllen = sizeof control.room};
    ssize_t count = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    if (count < 0) return -1;
    struct cmsghdr *part = count > 0 ? CMSG_FIRSTHDR(&message) : NULL;
    if (!part || part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) {
        errno = EPROTO;
        return -1;
    }
    int descriptor;
    memcpy(&descriptor, CMSG_DATA(part), sizeof descriptor);
    return descriptor;
}
