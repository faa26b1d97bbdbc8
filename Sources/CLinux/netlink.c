#include "CLinux.h"
#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <unistd.h>

static int subscribe(int protocol, uint32_t groups) {
    int descriptor = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
    if (descriptor < 0) return -1;
    struct sockaddr_nl own = {.nl_family = AF_NETLINK, .nl_groups = groups};
    if (bind(descriptor, (struct sockaddr *)&own, sizeof own) == 0) return descriptor;
    int number = errno;
    close(descriptor);
    errno = number;
    return -1;
}

int shareagent_device_events(void) { return subscribe(NETLINK_KOBJECT_UEVENT, 1); }

int shareagent_network_events(void) {
    return subscribe(NETLINK_ROUTE, RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_IFADDR | RTMGRP_IPV6_ROUTE);
}

long shareagent_netlink_take(int descriptor, void *room, unsigned long size) {
    for (;;) {
        struct sockaddr_nl sender = {0};
        socklen_t length = sizeof sender;
        ssize_t count = recvfrom(descriptor, room, size, 0, (struct sockaddr *)&sender, &length);
        if (count < 0) return errno == EAGAIN ? 0 : -1;
        // Only the kernel has the number 0: what another process sends is passed over.
        if (sender.nl_pid == 0 && count > 0) return count;
    }
}
