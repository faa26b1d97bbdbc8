#include "CLinux.h"
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

const uint32_t shareagent_epollin = EPOLLIN;
const uint32_t shareagent_epollout = EPOLLOUT;
const uint32_t shareagent_epollpri = EPOLLPRI;
const uint32_t shareagent_epollrdhup = EPOLLRDHUP;
const uint32_t shareagent_epollhup = EPOLLHUP;
const uint32_t shareagent_epollerr = EPOLLERR;
const uint32_t shareagent_epollet = EPOLLET;

_Static_assert(SHAREAGENT_EPOLL_ADD == EPOLL_CTL_ADD, "operations are the kernel's");
_Static_assert(SHAREAGENT_EPOLL_DELETE == EPOLL_CTL_DEL, "operations are the kernel's");
_Static_assert(SHAREAGENT_EPOLL_MODIFY == EPOLL_CTL_MOD, "operations are the kernel's");

int shareagent_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

int shareagent_epoll_control(int epoll, int operation, int descriptor, uint32_t events, uint64_t number) {
    struct epoll_event event = {.events = events, .data.u64 = number};
    return epoll_ctl(epoll, operation, descriptor, &event);
}

int shareagent_epoll_wait(int epoll, struct shareagent_event *events, int timeout) {
    struct epoll_event arrived[SHAREAGENT_EVENT_ROOM];
    int count = epoll_wait(epoll, arrived, SHAREAGENT_EVENT_ROOM, timeout);
    for (int i = 0; i < count; i++) {
        events[i].events = arrived[i].events;
        events[i].number = arrived[i].data.u64;
    }
    return count;
}

int shareagent_timer_create(void) { return timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK); }

int shareagent_timer_arm(int timer, int64_t nanoseconds) {
    struct itimerspec setting = {.it_value = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000}};
    return timerfd_settime(timer, TFD_TIMER_ABSTIME, &setting, 0);
}

int shareagent_signal_descriptor(int existing, const void *set) { return signalfd(existing, set, SFD_CLOEXEC | SFD_NONBLOCK); }

int shareagent_signal_take(int descriptor, int32_t *number, int32_t *sender, uint32_t *user) {
    struct signalfd_siginfo record;
    if (read(descriptor, &record, sizeof record) != sizeof record) return 0;
    *number = (int32_t)record.ssi_signo;
    *sender = (int32_t)record.ssi_pid;
    *user = record.ssi_uid;
    return 1;
}
