// System calls that glibc 2.36 has no wrapper for, kernel structures, and macros that Swift cannot import.
// Everything here exists because Swift cannot say it; what the Glibc module says already is not repeated.
// Only the C files define _GNU_SOURCE: with it some structures differ from those that the Glibc module has.
#pragma once

#include <stdint.h>
#include <sys/types.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/pidfd.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/timerfd.h>

// errno.c: glibc declares both functions only under _GNU_SOURCE, which the Glibc module is built without.

/// "ECONNREFUSED" for 111; NULL for a number glibc does not know.
const char *shareagent_errno_name(int number);
/// "Connection refused" for 111, never translated; NULL for a number glibc does not know.
const char *shareagent_errno_text(int number);

// child.c

/// waitid(P_PIDFD, pidfd, WEXITED | WNOHANG). Returns -1 with errno, 0 while the process runs, 1 when it was reaped; then
/// *exited says whether it exited by itself and *status holds the exit status or the signal.
int shareagent_reap(int pidfd, int *exited, int *status);
/// posix_spawn_file_actions_addclosefrom_np: Swift does not see it without _GNU_SOURCE.
int shareagent_spawn_close_from(void *actions, int first);

// file.c

/// The id of the mount that the descriptor's file is on, without asking a server (AT_STATX_DONT_SYNC). -1 with errno; ENOTSUP
/// before Linux 5.8.
int shareagent_mount_id(int descriptor, uint64_t *id);
/// openat2(2) with O_CLOEXEC added.
int shareagent_openat2(int directory, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve);
extern const uint64_t shareagent_resolve_beneath, shareagent_resolve_no_symlinks, shareagent_resolve_no_magiclinks;
extern const int shareagent_o_path, shareagent_o_directory;
/// umount2(2), which the Glibc module lacks.
int shareagent_umount2(const char *target, int flags);

// socket.c

/// What the kernel noted about a Unix socket's peer when it connected (SO_PEERCRED). -1 with errno.
int shareagent_peer(int descriptor, int32_t *process, uint32_t *user, uint32_t *group);
/// The peer's supplementary groups (SO_PEERGROUPS, Linux 4.13): returns how many there are, at most `room` of them stored. -1 with errno.
int shareagent_peer_groups(int descriptor, uint32_t *groups, int room);
/// accept4 with SOCK_CLOEXEC and SOCK_NONBLOCK.
int shareagent_accept(int descriptor);

// terminal.c

/// The columns of the terminal behind a descriptor; -1 with errno where there is none.
int shareagent_terminal_width(int descriptor);
/// prctl(PR_SET_DUMPABLE, 0).
int shareagent_forbid_core_dump(void);

// pipe.c

/// pipe2 with O_CLOEXEC and O_NONBLOCK; past the kernel's usual 64 KiB the pipe is enlarged to `capacity` bytes. -1 with errno, then
/// nothing is open.
int shareagent_pipe(int ends[2], int capacity);
