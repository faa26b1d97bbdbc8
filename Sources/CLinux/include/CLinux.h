// System calls that glibc 2.36 has no wrapper for, kernel structures, and macros that Swift cannot import.
// Everything here exists because Swift cannot say it; what the Glibc module says already is not repeated.
//
// It includes no header of the C library: Swift would take types that the Glibc module has, too, for this module's.
#pragma once

#include <stdint.h>

// event.c

/// One event of epoll: what happened, on which number.
struct shareagent_event {
    uint32_t events;
    uint64_t number;
};

enum { SHAREAGENT_EVENT_ROOM = 32 };
enum { SHAREAGENT_EPOLL_ADD = 1, SHAREAGENT_EPOLL_DELETE = 2, SHAREAGENT_EPOLL_MODIFY = 3 };
extern const uint32_t shareagent_epollin, shareagent_epollout, shareagent_epollpri, shareagent_epollrdhup, shareagent_epollhup,
    shareagent_epollerr, shareagent_epollet;

/// epoll_create1 with EPOLL_CLOEXEC.
int shareagent_epoll_create(void);
/// epoll_ctl with one of the operations above.
int shareagent_epoll_control(int epoll, int operation, int descriptor, uint32_t events, uint64_t number);
/// epoll_wait into at most SHAREAGENT_EVENT_ROOM events.
int shareagent_epoll_wait(int epoll, struct shareagent_event *events, int timeout);
/// timerfd_create on CLOCK_MONOTONIC, close-on-exec and nonblocking.
int shareagent_timer_create(void);
/// Lets the timer expire at this time of the clock, or, with 0, never.
int shareagent_timer_arm(int timer, int64_t nanoseconds);
/// signalfd for a sigset_t, close-on-exec and nonblocking; `existing` is -1 or the descriptor that gets the new set.
int shareagent_signal_descriptor(int existing, const void *set);
/// Takes one signal: 1, or 0 where none waits.
int shareagent_signal_take(int descriptor, int32_t *number, int32_t *sender, uint32_t *user);

// errno.c: glibc declares both functions only under _GNU_SOURCE, which the Glibc module is built without.

/// "ECONNREFUSED" for 111; NULL for a number glibc does not know.
const char *shareagent_errno_name(int number);
/// "Connection refused" for 111, never translated; NULL for a number glibc does not know.
const char *shareagent_errno_text(int number);

// child.c

/// pidfd_open without flags.
int shareagent_pidfd_open(int32_t process);
/// pidfd_send_signal without a payload.
int shareagent_pidfd_signal(int pidfd, int signal);

/// waitid(P_PIDFD, pidfd, WEXITED | WNOHANG). Returns -1 with errno, 0 while the process runs, 1 when it was reaped; then
/// *exited says whether it exited by itself and *status holds the exit status or the signal.
int shareagent_reap(int pidfd, int *exited, int *status);
/// posix_spawn_file_actions_addclosefrom_np: Swift does not see it without _GNU_SOURCE.
int shareagent_spawn_close_from(void *actions, int first);

// file.c

/// How full a file system is, in its own units of `unit` bytes.
struct shareagent_usage {
    uint64_t magic, unit, blocks, free_blocks, available_blocks, inodes, free_inodes;
};

/// statfs of a path, or, where that is NULL, fstatfs of a descriptor.
int shareagent_statfs(const char *path, int descriptor, struct shareagent_usage *usage);

/// openat2(2) with O_CLOEXEC added.
int shareagent_openat2(int directory, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve);
extern const uint64_t shareagent_resolve_beneath, shareagent_resolve_no_symlinks, shareagent_resolve_no_magiclinks, shareagent_resolve_no_xdev;
extern const int shareagent_o_path, shareagent_o_directory;
/// getdents64(2): how many bytes of entries were put into the room, 0 at the end. -1 with errno.
long shareagent_list(int directory, void *room, unsigned long size);
/// getxattr(2), which the Glibc module lacks.
long shareagent_getxattr(const char *path, const char *name, void *value, unsigned long size);
/// umount2(2), which the Glibc module lacks.
int shareagent_umount2(const char *target, int flags);
/// unshare(CLONE_NEWNS), and every mount made private: what this process mounts from then on nobody else sees. -1 with errno.
int shareagent_private_mounts(void);
/// syncfs(2), which the Glibc module lacks.
int shareagent_syncfs(int descriptor);
/// memfd_create(2): a file that is nowhere but in memory and is gone with its last descriptor. -1 with errno.
int shareagent_memory_file(const char *name);
/// How many of a file's first pages are in memory (mincore); -1 with errno, ENODEV where the file system maps nothing.
int64_t shareagent_resident_pages(int descriptor, uint64_t bytes);

/// mount(2) with MS_REMOUNT, and MS_BIND where it is about the mount alone.
int shareagent_remount(const char *target, unsigned long flags, int mount_alone, const void *data);

// mark.c

/// What tells an entry of a directory from others, also after it got another name (statx(2)).
struct shareagent_mark {
    uint64_t inode, size, links;
    int64_t modified_seconds, born_seconds;
    uint32_t modified_nanoseconds, born_nanoseconds, mode, user, group;
    int has_born, is_mount_root;
};

/// Of a name in a directory, a link not followed and nothing mounted by looking; of the directory itself where the name is empty. -1 with errno.
int shareagent_read_mark(int directory, const char *name, struct shareagent_mark *mark);
/// renameat2(2) in one directory with RENAME_NOREPLACE: EEXIST where the new name is taken, EINVAL where the file system cannot promise it.
int shareagent_rename_keeping(int directory, const char *from, const char *to);
/// The longest name of a file system in bytes, and whether it is mounted read-only (fstatvfs(3)). -1 with errno.
int shareagent_name_limits(int directory, unsigned long *longest, int *is_read_only);

// socket.c

/// What the kernel noted about a Unix socket's peer when it connected (SO_PEERCRED). -1 with errno.
int shareagent_peer(int descriptor, int32_t *process, uint32_t *user, uint32_t *group);
/// The peer's supplementary groups (SO_PEERGROUPS, Linux 4.13): returns how many there are, at most `room` of them stored. -1 with errno.
int shareagent_peer_groups(int descriptor, uint32_t *groups, int room);
/// accept4 with SOCK_CLOEXEC and SOCK_NONBLOCK.
int shareagent_accept(int descriptor);

// netlink.c

/// A socket that hears the kernel's device events (NETLINK_KOBJECT_UEVENT, its group of kernel messages), not blocking. -1 with errno.
int shareagent_device_events(void);
/// A socket that hears of links, addresses and routes (rtnetlink), not blocking. -1 with errno.
int shareagent_network_events(void);
/// Takes one datagram of the kernel's: its length, 0 where none waits, -1 with errno: ENOBUFS where some were lost.
long shareagent_netlink_take(int descriptor, void *room, unsigned long size);

// process.c

/// Columns and rows of the terminal behind a descriptor; -1 with errno where there is none.
int shareagent_terminal_size(int descriptor, int *columns, int *rows);
/// getrandom without flags: how many bytes were filled.
long shareagent_random(void *bytes, unsigned long count);
/// prctl(PR_SET_DUMPABLE, 0).
int shareagent_forbid_core_dump(void);

// pipe.c

/// pipe2 with O_CLOEXEC and O_NONBLOCK; past the kernel's usual 64 KiB the pipe is enlarged to `capacity` bytes. -1 with errno, then
/// nothing is open.
int shareagent_pipe(int ends[2], int capacity);

// detached.c

/// open_tree with OPEN_TREE_CLONE: the mount that `root` is the root of, once more and nowhere yet.
int shareagent_clone_mount(int root);
/// mount_setattr (Linux 5.12): takes rights away from a mount.
int shareagent_restrict_mount(int mount, uint64_t set);
extern const uint64_t shareagent_mount_rdonly, shareagent_mount_nosuid, shareagent_mount_nodev, shareagent_mount_noexec,
    shareagent_mount_nosymfollow, shareagent_mount_nodiratime, shareagent_mount_noatime, shareagent_mount_strictatime;
/// move_mount of a mount that is nowhere yet onto an open directory.
int shareagent_attach_mount(int mount, int target);

// mount.c

/// fspick(2) of the mount that an O_PATH descriptor is the root of: a context to change its file system's options by. -1 with errno.
int shareagent_pick(int root);
/// fsconfig(2): sets one option, a flag where value is NULL (at most 255 bytes). -1 with errno.
int shareagent_configure(int context, const char *name, const char *value);
/// fsconfig(2): lets what was set come into force. -1 with errno.
int shareagent_reconfigure(int context);

/// statx with AT_STATX_FORCE_SYNC: the attributes are asked for anew, from the server where there is one. -1 with errno.
int shareagent_refresh_attributes(int descriptor);
/// LOOP_CTL_GET_FREE: the number of a loop device that is free now. -1 with errno.
int shareagent_loop_free(int control);
/// LOOP_CONFIGURE with LO_FLAGS_AUTOCLEAR: the device shows the backing file until nobody uses it any more. EBUSY when somebody was faster.
int shareagent_loop_configure(int device, int backing, int read_only, const char *name);
/// Which file a loop device shows (LOOP_GET_STATUS64); ENXIO when none.
int shareagent_loop_backing(int device, uint64_t *backing_device, uint64_t *backing_inode);
/// fsopen(2) with FSOPEN_CLOEXEC: a context in which a mount is put together. -1 with errno; ENODEV for a type the kernel has not.
int shareagent_fsopen(const char *fstype);
/// fsconfig(2): sets one option in such a context, a flag where `value` is NULL. -1 with errno; the context's log says more.
int shareagent_fsconfig(int context, const char *key, const char *value);
