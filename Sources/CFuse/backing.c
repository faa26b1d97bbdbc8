#include "CFuse.h"

#include <errno.h>
#include <linux/capability.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

// linux/fuse.h since Linux 6.9; Debian 12's is older.
struct backing_map {
    int32_t fd;
    uint32_t flags;
    uint64_t padding;
};
#define BACKING_OPEN _IOW(229, 1, struct backing_map)
#define BACKING_CLOSE _IOW(229, 2, uint32_t)

// Where linux/fuse.h has `max_stack_depth` and `backing_id` since then, under whatever name this one has them.
void shareagent_fuse_pass(struct fuse_init_out *answer) {
    answer->flags |= FUSE_INIT_EXT;
    answer->flags2 |= SHAREAGENT_FUSE_PASSTHROUGH | SHAREAGENT_FUSE_MAP_DIRECT;
    uint32_t depth = 1;
    memcpy((char *)answer + offsetof(struct fuse_init_out, flags2) + sizeof answer->flags2, &depth, sizeof depth);
}

void shareagent_fuse_pass_to(struct fuse_open_out *answer, int32_t id) {
    // The kernel keeps no pages of a file that is passed through.
    answer->open_flags |= SHAREAGENT_FOPEN_PASSTHROUGH;
    memcpy((char *)answer + offsetof(struct fuse_open_out, open_flags) + sizeof answer->open_flags, &id, sizeof id);
}

static int change_rights(struct __user_cap_data_struct rights[2]) {
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    return syscall(SYS_capset, &header, rights);
}

int shareagent_drop_reserve(void) {
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct rights[2];
    if (syscall(SYS_capget, &header, rights) != 0) return -1;
    rights[0].effective &= ~(1u << CAP_SYS_RESOURCE);
    rights[0].permitted &= ~(1u << CAP_SYS_RESOURCE);
    rights[0].inheritable &= ~(1u << CAP_SYS_RESOURCE);
    return change_rights(rights);
}

// Whoever has CAP_FSETID keeps set-user-id bits when writing. A thread has other rights while it acts as somebody else.
static int drop_bit_right(struct __user_cap_data_struct before[2]) {
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    if (syscall(SYS_capget, &header, before) != 0) return -1;
    struct __user_cap_data_struct less[2];
    less[0] = before[0];
    less[1] = before[1];
    less[0].effective &= ~(1u << CAP_FSETID);
    return change_rights(less);
}

int32_t shareagent_backing_open(int device, int file) {
    struct __user_cap_data_struct before[2];
    if (drop_bit_right(before) != 0) return -1;
    struct backing_map map = {.fd = file};
    int32_t id = ioctl(device, BACKING_OPEN, &map);
    change_rights(before);
    return id;
}

int shareagent_file_truncate_plainly(int file, int64_t size) {
    struct __user_cap_data_struct before[2];
    if (drop_bit_right(before) != 0) return -1;
    int answer = ftruncate(file, size), number = errno;
    change_rights(before);
    errno = number;
    return answer;
}

int shareagent_backing_close(int device, int32_t id) { return ioctl(device, BACKING_CLOSE, &id); }
