import CLinux
import Glibc

/// Names one watched descriptor of one `EventLoop`.
public struct WatchToken: Hashable, Sendable {
    let number: UInt64
    let descriptor: CInt
}

/// Names one timer of one `EventLoop`. Cancelling one that has run is harmless.
public struct TimerToken: Hashable, Sendable {
    let number: UInt64
}

/// A signal that arrived, and who sent it.
public struct SignalEvent: Equatable, Sendable {
    /// The signal, such as SIGTERM.
    public let number: CInt
    /// The sender's process id, 0 where the kernel sent it.
    public let sender: Int32
    /// The sender's user id.
    public let user: UInt32
}

/// One thread's waiting: descriptors by epoll, deadlines by one timerfd, signals by one signalfd.
///
/// Everything runs on the thread that calls `run()`, one action at a time; nothing here is safe to call from another thread.
/// While nothing happens and no deadline passes, the process does not wake up at all.
/// An action that is watched for or waited for is kept, with all that it captures, until it is taken back.
public final class EventLoop {
    private let epoll: OwnedDescriptor
    private let timer: OwnedDescriptor
    private var watches: [UInt64: (EventSet) -> Void] = [:]
    private var lastWatch: UInt64 = 0
    private var timers = TimerQueue()
    private var armed: MonotonicTime?
    private var signals: SignalSource?
    private var stopping = false
    private var next: [() -> Void] = []
    private var arrived: [shareagent_event]

    /// How often the thread came back from waiting since the loop was made. An idle agent's figure stands still.
    public private(set) var wakeups: UInt64 = 0

    /// How many descriptors are watched, the loop's own left out.
    public var watchCount: Int { watches.count }

    /// How many deadlines are set.
    public var timerCount: Int { timers.count }

    /// A loop that watches nothing yet.
    /// - Throws: EMFILE or ENFILE where descriptors have run out.
    public init() throws(SystemCallError) {
        arrived = Array(repeating: shareagent_event(), count: Int(SHAREAGENT_EVENT_ROOM))
        epoll = OwnedDescriptor(adopting: try systemCall("epoll_create1") { shareagent_epoll_create() })
        timer = OwnedDescriptor(adopting: try systemCall("timerfd_create") { shareagent_timer_create() })
        try control(SHAREAGENT_EPOLL_ADD, timer.rawValue, EventSet.readable.rawValue | shareagent_epollet, Self.timerNumber)
    }

    // MARK: Descriptors

    /// Calls `onEvent` whenever something of `events` (or an error, or a hangup) happens on `descriptor`.
    ///
    /// With `edge` (the default) only a change is told: the reader must read until EAGAIN. Without it a condition that lasts
    /// is told again and again, which on a virtio-serial port without a host is a busy loop.
    /// The loop does not own the descriptor: `unwatch` first, close afterwards.
    /// - Throws: EPERM for a regular file or a directory, EEXIST for a descriptor that is watched already.
    public func watch(
        _ descriptor: CInt, events: EventSet, edge: Bool = true, _ onEvent: @escaping (EventSet) -> Void
    ) throws(SystemCallError) -> WatchToken {
        lastWatch += 1
        let token = WatchToken(number: lastWatch, descriptor: descriptor)
        try control(SHAREAGENT_EPOLL_ADD, descriptor, events.rawValue | (edge ? shareagent_epollet : 0), token.number)
        watches[token.number] = onEvent
        return token
    }

    /// Waits for other events from now on; what is already there is told again, edge or not.
    public func change(_ token: WatchToken, events: EventSet, edge: Bool = true) throws(SystemCallError) {
        guard watches[token.number] != nil else { return }
        try control(SHAREAGENT_EPOLL_MODIFY, token.descriptor, events.rawValue | (edge ? shareagent_epollet : 0), token.number)
    }

    /// Ends a watch. Its action does not run any more, even for an event that has arrived in this very turn.
    public func unwatch(_ token: WatchToken) {
        guard watches.removeValue(forKey: token.number) != nil else { return }
        // Fails only where the descriptor was closed too early, and then there is nothing left to remove.
        try? control(SHAREAGENT_EPOLL_DELETE, token.descriptor, 0, token.number)
    }

    // MARK: Deadlines

    /// Runs `action` once, as soon as `deadline` has passed.
    @discardableResult
    public func at(deadline: MonotonicTime, _ action: @escaping () -> Void) -> TimerToken {
        TimerToken(number: timers.insert(deadline, action))
    }

    /// Runs `action` once, when `delay` has passed.
    @discardableResult
    public func after(_ delay: Duration, _ action: @escaping () -> Void) -> TimerToken {
        at(deadline: .now() + delay, action)
    }

    /// Forgets a timer; harmless when it has run.
    public func cancel(_ token: TimerToken) {
        timers.cancel(token.number)
    }

    /// Runs `action` once before the loop waits again, after everything that has arrived in this turn.
    ///
    /// Made for gathering what several actions of one turn want written, and for going on later with work that would keep others waiting.
    public func soon(_ action: @escaping () -> Void) {
        next.append(action)
    }

    // MARK: Signals

    /// Blocks `signal` for this thread and runs `action` whenever it arrives, until the loop goes.
    ///
    /// Call it before any other thread starts, so that all threads inherit the block; children get an empty mask from `ChildProcess`.
    public func onSignal(_ signal: CInt, _ action: @escaping (SignalEvent) -> Void) throws(SystemCallError) {
        if let signals {
            try signals.add(signal, action)
        } else {
            let source = try SignalSource(signal, action)
            try control(SHAREAGENT_EPOLL_ADD, source.descriptor, EventSet.readable.rawValue, Self.signalNumber)
            signals = source
        }
    }

    // MARK: Running

    /// Waits and works until `stop()`.
    public func run() throws(SystemCallError) {
        stopping = false
        while !stopping { try turn() }
    }

    /// Lets `run()` return when the events that have arrived are dealt with.
    public func stop() {
        stopping = true
    }

    /// Waits once and does what has become possible.
    public func turn() throws(SystemCallError) {
        try arm()
        let descriptor = epoll.rawValue
        let timeout: CInt = next.isEmpty ? -1 : 0
        let count = try systemCall("epoll_wait") {
            unsafe shareagent_epoll_wait(descriptor, &arrived, timeout)
        }
        wakeups += 1
        for index in 0..<Int(count) {
            let event = arrived[index]
            switch event.number {
            case Self.timerNumber: armed = nil
            case Self.signalNumber: signals?.deliver()
            default: watches[event.number]?(EventSet(rawValue: event.events))
            }
        }
        // Deadlines after events: an answer and its deadline that came together count as answered.
        let now = MonotonicTime.now()
        let newest = timers.newest
        while let action = timers.takeDue(at: now, upTo: newest) { action() }
        // What these put off in turn waits for the next turn, so that nobody starves the rest.
        let actions = next
        next = []
        for action in actions { action() }
    }

    /// Numbers of the loop's own descriptors; watches count up from 1 and never get here.
    private static let timerNumber = UInt64.max
    private static let signalNumber = UInt64.max - 1

    /// Brings the timerfd in line with the earliest deadline; without one it is switched off.
    private func arm() throws(SystemCallError) {
        let earliest = timers.earliest()
        guard earliest != armed else { return }
        // Zero would switch it off, so a deadline at or before the clock's start becomes its first nanosecond.
        let nanoseconds = earliest.map { max($0.nanoseconds, 1) } ?? 0
        let descriptor = timer.rawValue
        try systemCall("timerfd_settime") { shareagent_timer_arm(descriptor, nanoseconds) }
        armed = earliest
    }

    private func control(_ operation: Int, _ descriptor: CInt, _ events: UInt32, _ number: UInt64) throws(SystemCallError) {
        let epoll = epoll.rawValue
        try systemCall("epoll_ctl") { shareagent_epoll_control(epoll, CInt(operation), descriptor, events, number) }
    }
}
