#include "CLinux.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <linux/mount.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int shareagent_pick(int root) { return (int)syscall(SYS_fspick, root, "", FSPICK_CLOEXEC | FSPICK_EMPTY_PATH); }

int shareagent_configure(int context, const char *name, const char *value) {
    return (int)syscall(SYS_fsconfig, context, value ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG, name, value, 0);
}

int shareagent_reconfigure(int context) { return (int)syscall(SYS_fsconfig, context, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0); }

int shareagent_refresh_attributes(int descriptor) {
    struct statx answer;
    return statx(descriptor, "", AT_EMPTY_PATH | AT_STATX_FORCE_SYNC | AT_NO_AUTOMOUNT, STATX_BASIC_STATS, &answer);
}

int shareagent_loop_free(int control) { return ioctl(control, LOOP_CTL_GET_FREE); }

int shareagent_loop_configure(int device, int backing, int read_only, const char *name) {
    struct loop_config config;
    memset(&config, 0, sizeof config);
    config.fd = (uint32_t)backing;
    config.info.lo_flags = LO_FLAGS_AUTOCLEAR | (read_only ? LO_FLAGS_READ_ONLY : 0);
    strncpy((char *)config.info.lo_file_name, name, LO_NAME_SIZE - 1);
    return ioctl(device, LOOP_CONFIGURE, &config);
}

int shareagent_loop_backing(int device, uint64_t *backing_device, uint64_t *backing_inode) {
    struct loop_info64 info;
    if (ioctl(device, LOOP_GET_STATUS64, &info) != 0) return -1;
    *backing_device = info.lo_device;
    *backing_inode = info.lo_inode;
    return 0;
}

int shareagent_fsopen(const char *fstype) { return fsopen(fstype, FSOPEN_CLOEXEC); }

int shareagent_fsconfig(int context, const char *key, const char *value) {
    return fsconfig(context, value ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG, key, value, 0);
}
