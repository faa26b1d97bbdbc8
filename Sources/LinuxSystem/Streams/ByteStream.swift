import Glibc

/// What happened on a `ByteStream`.
public enum ByteStreamEvent {
    /// These bytes came; never empty.
    case received(ArraySlice<UInt8>)
    /// virtio-serial: a host has opened its end. Told first of all where one is there already.
    case peerArrived
    /// virtio-serial: the host is gone, and what waited to be written was forgotten: the next host must not see the rest of a frame.
    case peerLeft
    /// All that waited has been written.
    case drained
    /// Sockets and pipes: the peer will send no more. The last event; the stream is closed.
    case ended
    /// Reading or writing failed, ENODEV where a port was unplugged. The last event; the stream is closed.
    case failed(SystemCallError)
}

/// A nonblocking descriptor with a bounded queue of what is to be written, driven by an `EventLoop`.
///
/// It reads whatever comes until there is no more, and writes what was queued at the end of each turn in pieces of at most 32 KiB:
/// a virtio-serial port takes no more at once, and has room for few messages however short they are.
public final class ByteStream {
    /// What kind of descriptor it is, which decides what reading nothing means.
    public enum Kind: Sendable {
        /// Reading nothing is the end.
        case connection
        /// Reading nothing means that no host is there, now.
        case virtioPort
    }

    /// The most bytes that wait to be written (contract section 3).
    public static let queueLimit = 256 << 10
    /// The most bytes of one write.
    public static let writeSize = 32 << 10
    /// The most bytes that are read before others get their turn.
    static let readBudget = 256 << 10
    private static let readSize = 16 << 10

    private let loop: EventLoop
    private let kind: Kind
    private var owned: OwnedDescriptor?
    private var number: CInt
    private var token: WatchToken?
    private var queue: OutQueue
    private var onEvent: ((ByteStreamEvent) -> Void)?
    private var isFlushPlanned = false
    private var isReadPlanned = false

    /// Whether somebody is at the other end; a connection's peer is there until the end.
    public private(set) var isPeerPresent: Bool

    /// How many bytes wait to be written.
    public var queuedByteCount: Int { queue.count }

    /// Whether the stream has ended, by an event or by `close()`.
    public var isClosed: Bool { onEvent == nil }

    /// How often it has called write(2). For tests and figures.
    public private(set) var writes: UInt64 = 0

    /// Begins to read at the loop's next turn. `onEvent` is kept until the last event or `close()`.
    /// - Parameters:
    ///   - descriptor: nonblocking.
    ///   - queueLimit: the most bytes that may wait to be written.
    public init(
        _ loop: EventLoop, adopting descriptor: consuming OwnedDescriptor, kind: Kind, queueLimit: Int = ByteStream.queueLimit,
        onEvent: @escaping (ByteStreamEvent) -> Void
    ) throws(SystemCallError) {
        self.loop = loop
        self.kind = kind
        number = descriptor.rawValue
        owned = consume descriptor
        queue = OutQueue(limit: queueLimit)
        isPeerPresent = kind == .connection
        self.onEvent = onEvent
        token = try loop.watch(number, events: [.readable, .writable, .peerClosed]) { [weak self] in self?.react($0) }
    }

    deinit {
        if let token { loop.unwatch(token) }
    }

    /// Queues bytes to be written in the order of sending.
    /// - Returns: false where they do not all fit, the stream is closed or no host is there; then none of them is queued.
    public func send(_ bytes: [UInt8]) -> Bool {
        guard !isClosed, isPeerPresent, queue.append(bytes) else { return false }
        planFlush()
        return true
    }

    /// Forgets what waits to be written.
    public func forgetQueued() {
        queue.removeAll()
    }

    /// Ends the stream without another event; what waits is not written.
    public func close() {
        if let token { loop.unwatch(token) }
        token = nil
        onEvent = nil
        owned = nil
        number = -1
        queue.removeAll()
    }

    private func react(_ events: EventSet) {
        if kind == .virtioPort {
            // A port whose host is gone says HUP for as long as it is gone; one with a host never does.
            if events.contains(.hangup) {
                // What the host wrote before it went is still to be read.
                read()
                setPeerPresent(false)
                return
            }
            setPeerPresent(true)
        }
        if !events.isDisjoint(with: [.readable, .peerClosed, .hangup, .error]) { read() }
        if queue.count > 0 { flush() }
    }

    private func setPeerPresent(_ present: Bool) {
        guard !isClosed, isPeerPresent != present else { return }
        isPeerPresent = present
        if !present { queue.removeAll() }
        onEvent?(present ? .peerArrived : .peerLeft)
    }

    private func read() {
        var budget = Self.readBudget
        var room: [UInt8] = []
        while !isClosed {
            if budget <= 0 {
                planRead()
                return
            }
            if room.isEmpty { room = [UInt8](repeating: 0, count: Self.readSize) }
            let count: Int
            do throws(SystemCallError) {
                count = try systemCall("read") {
                    unsafe room.withUnsafeMutableBytes { unsafe Glibc.read(number, $0.baseAddress, $0.count) }
                }
            } catch {
                if error.errno != EAGAIN { finish(.failed(error)) }
                return
            }
            if count == 0 {
                if kind == .connection { finish(.ended) }
                return
            }
            budget -= count
            onEvent?(.received(room[..<count]))
        }
    }

    /// Goes on reading when the others had their turn: the edge was told already and does not come again.
    private func planRead() {
        guard !isReadPlanned else { return }
        isReadPlanned = true
        loop.soon { [weak self] in
            self?.isReadPlanned = false
            self?.read()
        }
    }

    private func planFlush() {
        guard !isFlushPlanned else { return }
        isFlushPlanned = true
        loop.soon { [weak self] in
            self?.isFlushPlanned = false
            self?.flush()
        }
    }

    private func flush() {
        guard queue.count > 0, !isClosed else { return }
        var failure: SystemCallError?
        while queue.count > 0, failure == nil {
            writes += 1
            unsafe queue.take(Self.writeSize) { bytes in
                do throws(SystemCallError) {
                    return try systemCall("write") { unsafe self.writeQuietly(bytes) }
                } catch {
                    failure = error
                    return 0
                }
            }
        }
        guard let failure else {
            onEvent?(.drained)
            return
        }
        // EAGAIN: the kernel has no room; an edge tells when it has.
        if failure.errno != EAGAIN { finish(.failed(failure)) }
    }

    /// On a socket a peer that is gone answers EPIPE instead of killing this process by SIGPIPE.
    private func writeQuietly(_ bytes: UnsafeRawBufferPointer) -> Int {
        if kind == .connection {
            let count = unsafe Glibc.send(number, bytes.baseAddress, bytes.count, CInt(MSG_NOSIGNAL))
            guard count == -1, errno == ENOTSOCK else { return count }
        }
        return unsafe write(number, bytes.baseAddress, bytes.count)
    }

    private func finish(_ event: ByteStreamEvent) {
        let last = onEvent
        close()
        last?(event)
    }
}
