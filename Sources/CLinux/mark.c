#include "CLinux.h"
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/stat.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

int shareagent_read_mark(int directory, const char *name, struct shareagent_mark *mark) {
    struct statx answer;
    memset(&answer, 0, sizeof answer);
    int flags = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH;
    if (statx(directory, name, flags, STATX_BASIC_STATS | STATX_BTIME, &answer) != 0) return -1;
    mark->inode = answer.stx_ino;
    mark->size = answer.stx_size;
    mark->links = answer.stx_nlink;
    mark->modified_seconds = answer.stx_mtime.tv_sec;
    mark->modified_nanoseconds = answer.stx_mtime.tv_nsec;
    mark->born_seconds = answer.stx_btime.tv_sec;
    mark->born_nanoseconds = answer.stx_btime.tv_nsec;
    mark->mode = answer.stx_mode;
    mark->user = answer.stx_uid;
    mark->group = answer.stx_gid;
    mark->has_born = (answer.stx_mask & STATX_BTIME) != 0;
    mark->is_mount_root = (answer.stx_attributes & answer.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) != 0;
    return 0;
}

int shareagent_rename_keeping(int directory, const char *from, const char *to) {
    return (int)syscall(SYS_renameat2, directory, from, directory, to, RENAME_NOREPLACE);
}

int shareagent_name_limits(int directory, unsigned long *longest, int *is_read_only) {
    struct statvfs answer;
    if (fstatvfs(directory, &answer) != 0) return -1;
    *longest = answer.f_namemax;
    *is_read_only = (answer.f_flag & ST_RDONLY) != 0;
    return 0;
}
