import Glibc
import LinuxSystem
import Testing

/// Two connected descriptors, closed with the pair.
struct DescriptorPair: ~Copyable {
    let near: OwnedDescriptor
    let far: OwnedDescriptor

    init() throws {
        var ends: [CInt] = [-1, -1]
        try #require(socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0, &ends) == 0)
        near = OwnedDescriptor(adopting: ends[0])
        far = OwnedDescriptor(adopting: ends[1])
    }
}

@Suite struct EventLoopTests {
    @Test("an edge is told once, and what is left unread does not wake the loop again")
    func edge() throws {
        let loop = try EventLoop()
        let pair = try DescriptorPair()
        var told: [EventSet] = []
        let token = try loop.watch(pair.near.rawValue, events: .readable) { told.append($0) }
        #expect(write(pair.far.rawValue, "xy", 2) == 2)
        loop.after(.milliseconds(40)) { loop.stop() }
        try loop.run()
        #expect(told == [.readable])
        #expect(loop.wakeups == 2)  // the edge and the deadline
        loop.unwatch(token)
    }

    @Test("a level is told until it is gone")
    func level() throws {
        let loop = try EventLoop()
        let pair = try DescriptorPair()
        var told = 0
        let descriptor = pair.near.rawValue
        let token = try loop.watch(descriptor, events: .readable, edge: false) { _ in
            told += 1
            if told == 3 { loop.stop() }
        }
        #expect(write(pair.far.rawValue, "x", 1) == 1)
        try loop.run()
        #expect(told == 3)
        loop.unwatch(token)
    }

    @Test("a hangup is told without being asked for")
    func hangup() throws {
        let loop = try EventLoop()
        var ends: [CInt] = [-1, -1]
        try #require(pipe(&ends) == 0)
        let reading = OwnedDescriptor(adopting: ends[0])
        close(ends[1])
        var told: EventSet = []
        let token = try loop.watch(reading.rawValue, events: .readable) {
            told = $0
            loop.stop()
        }
        try loop.run()
        #expect(told.contains(.hangup))
        loop.unwatch(token)
    }

    @Test("changing a watch tells again what is already there")
    func change() throws {
        let loop = try EventLoop()
        let pair = try DescriptorPair()
        var told: [EventSet] = []
        let token = try loop.watch(pair.near.rawValue, events: .readable) { told.append($0) }
        try loop.change(token, events: [.readable, .writable])
        try loop.turn()
        #expect(told == [.writable])
        try loop.change(token, events: [.readable, .writable])
        try loop.turn()
        #expect(told == [.writable, .writable])
        loop.unwatch(token)
    }

    @Test("an event that arrived is not delivered to a watch that another action has just ended")
    func unwatchInTurn() throws {
        let loop = try EventLoop()
        let first = try DescriptorPair()
        let second = try DescriptorPair()
        var tokens: [WatchToken] = []
        var told = 0
        for descriptor in [first.near.rawValue, second.near.rawValue] {
            tokens.append(
                try loop.watch(descriptor, events: .writable) { _ in
                    told += 1
                    for token in tokens { loop.unwatch(token) }
                })
        }
        try loop.turn()
        #expect(told == 1)
        #expect(loop.watchCount == 0)
    }

    @Test("deadlines run in order, those of one moment in the order in which they were set")
    func order() throws {
        let loop = try EventLoop()
        let start = MonotonicTime.now()
        var ran: [Int] = []
        loop.at(deadline: start + .milliseconds(20)) {
            ran.append(3)
            loop.stop()
        }
        loop.at(deadline: start + .milliseconds(5)) { ran.append(1) }
        loop.at(deadline: start + .milliseconds(5)) { ran.append(2) }
        loop.at(deadline: start + .seconds(-5)) { ran.append(0) }
        try loop.run()
        #expect(ran == [0, 1, 2, 3])
        #expect(MonotonicTime.now() >= start + .milliseconds(20))
        #expect(loop.timerCount == 0)
    }

    @Test("a cancelled deadline neither runs nor wakes the loop")
    func cancel() throws {
        let loop = try EventLoop()
        var ran = false
        let token = loop.after(.milliseconds(5)) { ran = true }
        loop.after(.milliseconds(30)) { loop.stop() }
        loop.cancel(token)
        try loop.run()
        #expect(!ran)
        #expect(loop.wakeups == 1)
        loop.cancel(token)
    }

    @Test("a deadline that is set again each time it passes does not starve descriptors")
    func fairness() throws {
        let loop = try EventLoop()
        let pair = try DescriptorPair()
        var turns = 0
        func again() {
            turns += 1
            loop.at(deadline: .now(), again)
        }
        again()
        let token = try loop.watch(pair.near.rawValue, events: .writable) { _ in loop.stop() }
        try loop.run()
        #expect(turns <= 3)
        loop.unwatch(token)
    }

    @Test("what is put off runs in the same turn after the events, and what that puts off in the next turn without waiting")
    func soon() throws {
        let loop = try EventLoop()
        let pair = try DescriptorPair()
        var ran: [String] = []
        let token = try loop.watch(pair.near.rawValue, events: .writable) { _ in
            loop.soon {
                ran.append("soon")
                loop.soon {
                    ran.append("later")
                    loop.stop()
                }
            }
            ran.append("event")
        }
        try loop.turn()
        #expect(ran == ["event", "soon"])
        try loop.run()
        #expect(ran == ["event", "soon", "later"])
        loop.unwatch(token)
    }

    @Test("a signal is read with its sender, and the mask is as before when the loop is gone")
    func signals() throws {
        var before = sigset_t()
        pthread_sigmask(SIG_BLOCK, nil, &before)
        do {
            let loop = try EventLoop()
            var told: [SignalEvent] = []
            try loop.onSignal(SIGUSR1) { told.append($0) }
            try loop.onSignal(SIGUSR2) {
                told.append($0)
                loop.stop()
            }
            // To this thread only: other threads of a test run do not block them.
            pthread_kill(pthread_self(), SIGUSR1)
            pthread_kill(pthread_self(), SIGUSR2)
            try loop.run()
            #expect(told.map(\.number) == [SIGUSR1, SIGUSR2])
            #expect(told.allSatisfy { $0.sender == getpid() && $0.user == getuid() })
        }
        var after = sigset_t()
        pthread_sigmask(SIG_BLOCK, nil, &after)
        #expect(sigismember(&after, SIGUSR1) == sigismember(&before, SIGUSR1))
    }

    @Test("what cannot be watched is refused with the reason")
    func refuses() throws {
        let loop = try EventLoop()
        let file = OwnedDescriptor(adopting: open("/proc/self/exe", O_RDONLY | O_CLOEXEC))
        let error = #expect(throws: SystemCallError.self) { _ = try loop.watch(file.rawValue, events: .readable) { _ in } }
        #expect(error == SystemCallError(call: "epoll_ctl", errno: EPERM))
        #expect(loop.watchCount == 0)
    }

    @Test("more events than one batch are all delivered")
    func batches() throws {
        let loop = try EventLoop()
        let pair = try DescriptorPair()
        var copies: [CInt] = []
        defer { for copy in copies { close(copy) } }
        var told = Set<CInt>()
        for _ in 0..<33 {
            let copy = dup(pair.near.rawValue)
            try #require(copy >= 0)
            copies.append(copy)
            _ = try loop.watch(copy, events: .writable) { _ in
                told.insert(copy)
                if told.count == 33 { loop.stop() }
            }
        }
        try loop.run()
        #expect(told.count == 33)
    }
}
