// The kernel's FUSE protocol, and the calls on files and threads that a file system needs and Swift's Glibc module lacks.
//
// Like CLinux it includes no header of the C library: Swift would take types that the Glibc module has, too, for this module's.
#pragma once

#include <linux/fuse.h>
#include <stdint.h>

// device.c

/// mount(2) of a FUSE file system whose device is open as `device`, which is asked for at most `max_read` bytes at once. -1 with errno.
int shareagent_fuse_mount(int device, const char *source, const char *target, unsigned long flags, uint32_t max_read);
/// Two pieces in one writev(2), as the device wants a message.
long shareagent_fuse_write(int device, const void *header, unsigned long header_size, const void *body, unsigned long body_size);
/// The one descriptor that libfuse's fusermount3 has sent over a socket; never waits. -1 with errno: EPROTO where it has sent none.
int shareagent_fuse_received(int socket);
extern const unsigned long shareagent_mount_flags, shareagent_mount_flag_readonly, shareagent_mount_flag_noexec;

// backing.c: reading and writing past this process (Linux 6.9)

// linux/fuse.h since Linux 6.9; Debian 12's is older. They stand in the second word of FUSE_INIT's flags (the first of them
// since Linux 6.6), in an answer to FUSE_OPEN, and in what is the first unused word after the flags.
#define SHAREAGENT_FUSE_MAP_DIRECT (1u << 4)
#define SHAREAGENT_FUSE_PASSTHROUGH (1u << 5)
#define SHAREAGENT_FOPEN_PASSTHROUGH (1u << 7)

/// Says in the answer to FUSE_INIT that files below one that is stacked on nothing may be passed through to, and that what is read and
/// written without pages (FOPEN_DIRECT_IO) may be mapped for all the same.
void shareagent_fuse_pass(struct fuse_init_out *answer);
/// Says in the answer to FUSE_OPEN which one this is passed through to.
void shareagent_fuse_pass_to(struct fuse_open_out *answer, int32_t id);
/// Registers an open file as what the kernel may read and write in the stead of a file of the view, with this thread's user and
/// rights but for CAP_FSETID. A number above 0, or -1 with errno.
int32_t shareagent_backing_open(int device, int file);
/// ftruncate(2) with root's rights but for CAP_FSETID: set-user-id bits go with it. -1 with errno.
int shareagent_file_truncate_plainly(int file, int64_t size);
/// Gives such a number back. -1 with errno.
int shareagent_backing_close(int device, int32_t id);
/// Gives up CAP_SYS_RESOURCE, in this thread and those that it starts: its holder writes into what a file system keeps back for root,
/// and past quotas. -1 with errno.
int shareagent_drop_reserve(void);

// thread.c: the calls of one thread. glibc's own wrappers change all threads.

/// File access by this user and group from now on, in this thread.
void shareagent_thread_user(uint32_t user, uint32_t group);
/// This thread's supplementary groups. -1 with errno.
int shareagent_thread_groups(const uint32_t *groups, int count);
/// A umask of this thread's own (CLONE_FS). -1 with errno.
int shareagent_thread_umask(void);
/// Starts a thread with all signals blocked that nobody joins. 0 or an errno.
int shareagent_thread_start(void (*body)(void *), void *context);

// file.c: none of them follows a link at the end of a name, but for those that say so.

extern const int shareagent_open_path, shareagent_open_directory, shareagent_open_nofollow, shareagent_open_nameless,
    shareagent_open_direct, shareagent_seek_data, shareagent_seek_hole, shareagent_rename_noreplace, shareagent_rename_exchange;

/// openat(2) with O_CLOEXEC; follows links unless `flags` say otherwise.
int shareagent_file_open(int directory, const char *name, int flags, uint32_t mode);
/// linkat(2) of an open file, by its name below /proc/self/fd, which `descriptors` is.
int shareagent_file_link(int descriptors, const char *number, int directory, const char *name);
/// chown of an open file, by descriptor. -1 as an id: leave it.
int shareagent_file_chown(int file, uint32_t user, uint32_t group);
/// renameat2(2).
int shareagent_file_rename(int from_directory, const char *from, int to_directory, const char *to, uint32_t flags);
/// Attribute calls by path, following links.
long shareagent_file_getxattr(const char *path, const char *name, void *value, unsigned long size);
long shareagent_file_listxattr(const char *path, char *list, unsigned long size);
int shareagent_file_setxattr(const char *path, const char *name, const void *value, unsigned long size, int flags);
int shareagent_file_removexattr(const char *path, const char *name);
/// fallocate(2).
int shareagent_file_allocate(int file, int mode, int64_t offset, int64_t length);
/// copy_file_range(2).
long shareagent_file_copy(int from, int64_t from_offset, int to, int64_t to_offset, unsigned long length, unsigned int flags);
/// getdents64(2).
long shareagent_file_entries(int directory, void *room, unsigned long size);
/// syncfs(2).
int shareagent_file_syncfs(int file);
/// Device numbers as the protocol has them, and back.
uint32_t shareagent_device_number(uint64_t device);
uint64_t shareagent_device_of(uint32_t number);
