#include "CFuse.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

const int shareagent_open_path = O_PATH, shareagent_open_directory = O_DIRECTORY, shareagent_open_nofollow = O_NOFOLLOW,
          shareagent_open_nameless = O_TMPFILE, shareagent_open_direct = O_DIRECT, shareagent_seek_data = SEEK_DATA,
          shareagent_seek_hole = SEEK_HOLE,
          shareagent_rename_noreplace = RENAME_NOREPLACE, shareagent_rename_exchange = RENAME_EXCHANGE;

int shareagent_file_open(int directory, const char *name, int flags, uint32_t mode) {
    return openat(directory, name, flags | O_CLOEXEC, mode);
}

int shareagent_file_link(int descriptors, const char *number, int directory, const char *name) {
    return linkat(descriptors, number, directory, name, AT_SYMLINK_FOLLOW);
}

int shareagent_file_chown(int file, uint32_t user, uint32_t group) {
    return fchownat(file, "", user, group, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW);
}

int shareagent_file_rename(int from_directory, const char *from, int to_directory, const char *to, uint32_t flags) {
    // Without flags by the old call, which every file system knows.
    if (flags == 0) return renameat(from_directory, from, to_directory, to);
    return renameat2(from_directory, from, to_directory, to, flags);
}

long shareagent_file_getxattr(const char *path, const char *name, void *value, unsigned long size) {
    return getxattr(path, name, value, size);
}

long shareagent_file_listxattr(const char *path, char *list, unsigned long size) { return listxattr(path, list, size); }

int shareagent_file_setxattr(const char *path, const char *name, const void *value, unsigned long size, int flags) {
    return setxattr(path, name, value, size, flags);
}

int shareagent_file_removexattr(const char *path, const char *name) { return removexattr(path, name); }

int shareagent_file_allocate(int file, int mode, int64_t offset, int64_t length) { return fallocate(file, mode, offset, length); }

long shareagent_file_copy(int from, int64_t from_offset, int to, int64_t to_offset, unsigned long length, unsigned int flags) {
    off64_t from_at = from_offset, to_at = to_offset;
    return copy_file_range(from, &from_at, to, &to_at, length, flags);
}

long shareagent_file_entries(int directory, void *room, unsigned long size) { return syscall(SYS_getdents64, directory, room, size); }

int shareagent_file_syncfs(int file) { return syncfs(file); }

// The protocol's numbers are the kernel's new encoding: 12 bits major, 20 bits minor.
uint32_t shareagent_device_number(uint64_t device) {
    uint32_t low = minor(device), high = major(device);
    return (low & 0xff) | (high << 8) | ((low & ~0xffu) << 12);
}

uint64_t shareagent_device_of(uint32_t number) {
    return makedev((number & 0xfff00) >> 8, (number & 0xff) | ((number >> 12) & 0xfff00));
}
