// Not together with <sys/mount.h>, whose constants are those of <linux/mount.h> again.
#include "CLinux.h"
#include <fcntl.h>
#include <linux/mount.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef AT_EMPTY_PATH
#define AT_EMPTY_PATH 0x1000
#endif

int shareagent_clone_mount(int root) {
    return (int)syscall(SYS_open_tree, root, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
}

int shareagent_restrict_mount(int mount, uint64_t set) {
    struct mount_attr attributes = {.attr_set = set};
    // Which access times are kept is one choice of several, so the old one has to go.
    if (set & MOUNT_ATTR__ATIME) attributes.attr_clr = MOUNT_ATTR__ATIME;
    return (int)syscall(SYS_mount_setattr, mount, "", AT_EMPTY_PATH, &attributes, sizeof attributes);
}

int shareagent_attach_mount(int mount, int target) {
    return (int)syscall(SYS_move_mount, mount, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
}

const uint64_t shareagent_mount_rdonly = MOUNT_ATTR_RDONLY, shareagent_mount_nosuid = MOUNT_ATTR_NOSUID,
               shareagent_mount_nodev = MOUNT_ATTR_NODEV, shareagent_mount_noexec = MOUNT_ATTR_NOEXEC,
               shareagent_mount_nosymfollow = MOUNT_ATTR_NOSYMFOLLOW, shareagent_mount_nodiratime = MOUNT_ATTR_NODIRATIME,
               shareagent_mount_noatime = MOUNT_ATTR_NOATIME, shareagent_mount_strictatime = MOUNT_ATTR_STRICTATIME;
