#include "CLinux.h"
#include <spawn.h>
#include <sys/pidfd.h>
#include <sys/wait.h>

int shareagent_reap(int pidfd, int *exited, int *status) {
    siginfo_t info = {0};
    if (waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED | WNOHANG) != 0) return -1;
    if (info.si_pid == 0) return 0;
    *exited = info.si_code == CLD_EXITED;
    *status = info.si_status;
    return 1;
}

int shareagent_spawn_close_from(void *actions, int first) { return posix_spawn_file_actions_addclosefrom_np(actions, first); }

int shareagent_pidfd_open(int32_t process) { return pidfd_open(process, 0); }

int shareagent_pidfd_signal(int pidfd, int signal) { return pidfd_send_signal(pidfd, signal, 0, 0); }
