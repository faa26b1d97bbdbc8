#include "CLinux.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

const uint64_t shareagent_resolve_beneath = RESOLVE_BENEATH;
const uint64_t shareagent_resolve_no_symlinks = RESOLVE_NO_SYMLINKS;
const uint64_t shareagent_resolve_no_magiclinks = RESOLVE_NO_MAGICLINKS;
const uint64_t shareagent_resolve_no_xdev = RESOLVE_NO_XDEV;
const int shareagent_o_path = O_PATH;
const int shareagent_o_directory = O_DIRECTORY;

int shareagent_openat2(int directory, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve) {
    struct open_how how = {.flags = flags | O_CLOEXEC, .mode = mode, .resolve = resolve};
    return (int)syscall(SYS_openat2, directory, path, &how, sizeof how);
}

long shareagent_list(int directory, void *room, unsigned long size) { return syscall(SYS_getdents64, directory, room, size); }

long shareagent_getxattr(const char *path, const char *name, void *value, unsigned long size) { return getxattr(path, name, value, size); }

int shareagent_syncfs(int descriptor) { return syncfs(descriptor); }

int shareagent_memory_file(const char *name) { return memfd_create(name, MFD_CLOEXEC); }

int shareagent_umount2(const char *target, int flags) { return umount2(target, flags); }

int shareagent_remount(const char *target, unsigned long flags, int mount_alone, const void *data) {
    return mount("none", target, NULL, flags | MS_REMOUNT | (mount_alone ? MS_BIND : 0), data);
}

int shareagent_private_mounts(void) {
    if (unshare(CLONE_NEWNS) != 0) return -1;
    return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
}

int64_t shareagent_resident_pages(int descriptor, uint64_t bytes) {
    enum { PAGE = 4096, ROOM = 4096 };
    unsigned char resident[ROOM];
    int64_t count = 0;
    for (uint64_t offset = 0; offset < bytes; offset += (uint64_t)PAGE * ROOM) {
        uint64_t length = bytes - offset < (uint64_t)PAGE * ROOM ? bytes - offset : (uint64_t)PAGE * ROOM;
        void *map = mmap(NULL, length, PROT_READ, MAP_SHARED, descriptor, (off_t)offset);
        if (map == MAP_FAILED) return -1;
        int answer = mincore(map, length, resident);
        munmap(map, length);
        if (answer != 0) return -1;
        for (uint64_t page = 0; page * PAGE < length; page++) count += resident[page] & 1;
    }
    return count;
}

int shareagent_statfs(const char *path, int descriptor, struct shareagent_usage *usage) {
    struct statfs answer;
    if ((path ? statfs(path, &answer) : fstatfs(descriptor, &answer)) != 0) return -1;
    usage->magic = (uint64_t)answer.f_type;
    usage->unit = (uint64_t)(answer.f_frsize > 0 ? answer.f_frsize : answer.f_bsize);
    usage->blocks = answer.f_blocks;
    usage->free_blocks = answer.f_bfree;
    usage->available_blocks = answer.f_bavail;
    usage->inodes = answer.f_files;
    usage->free_inodes = answer.f_ffree;
    return 0;
}
