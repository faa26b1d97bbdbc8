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

int shareagent_fuse_mount(int device, const char *source, const char *target, unsigned long flags, uint32_t max_read) {
    char options[160];
    snprintf(options, sizeof options, "fd=%d,rootmode=40000,user_id=%u,group_id=%u,default_permissions,allow_other,max_read=%u", device,
             getuid(), getgid(), max_read);
    return mount(source, target, "fuse.shareagent-names", flags, options);
}

long shareagent_fuse_write(int device, const void *header, unsigned long header_size, const void *body, unsigned long body_size) {
    struct iovec parts[2] = {{(void *)header, header_size}, {(void *)body, body_size}};
    return writev(device, parts, body_size ? 2 : 1);
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
