import Glibc
import LinuxSystem

/// A connected socket on the event loop: bytes in as they come, bytes out through a queue that is bounded.
///
/// Level-triggered and one read a turn, unlike LinuxSystem's ByteStream: a peer that never stops sending has no more of the
/// loop than any other, and can be left unread for a while.
final class PacedStream {
    /// Why a stream ended.
    enum End: Equatable {
        /// The peer closed it.
        case peerClosed
        /// A call failed.
        case failed(SystemCallError)
        /// The peer does not read: more than the limit waits for it.
        case queueFull
    }

    private static let readBytes = 64 << 10

    private let loop: EventLoop
    private let socket: OwnedDescriptor
    private let queueLimit: Int
    private let onBytes: ([UInt8]) -> Void
    private let onEnd: (End) -> Void
    private var watch: WatchToken?
    private var queue: [UInt8] = []
    private var sent = 0
    private var closesWhenWritten = false

    /// Whether bytes are taken from the socket. A peer that closes is noticed all the same.
    private(set) var isReading = true

    /// How many bytes wait to be sent.
    var queuedCount: Int { queue.count - sent }

    /// - Parameters:
    ///   - onBytes: gets what was read, never nothing.
    ///   - onEnd: runs at most once, and not after `close()`.
    /// - Throws: what `EventLoop.watch` throws.
    init(
        _ socket: consuming OwnedDescriptor, on loop: EventLoop, queueLimit: Int, onBytes: @escaping ([UInt8]) -> Void,
        onEnd: @escaping (End) -> Void
    ) throws(SystemCallError) {
        self.loop = loop
        self.socket = socket
        self.queueLimit = queueLimit
        self.onBytes = onBytes
        self.onEnd = onEnd
        watch = try loop.watch(self.socket.rawValue, events: .readable, edge: false) { [weak self] events in self?.happened(events) }
    }

    deinit {
        if let watch { loop.unwatch(watch) }
    }

    /// Sends bytes now, or as soon as there is room.
    func write(_ bytes: [UInt8]) {
        guard watch != nil, !bytes.isEmpty else { return }
        if queuedCount == 0 {
            queue = bytes
            sent = 0
        } else {
            guard queuedCount + bytes.count <= queueLimit else { return end(.queueFull) }
            queue += bytes
        }
        flush()
    }

    /// Throws away what has not been sent yet.
    func discardQueue() {
        queue = []
        sent = 0
        updateEvents()
    }

    /// Takes no more bytes, or takes them again.
    func read(_ reading: Bool) {
        guard reading != isReading else { return }
        isReading = reading
        updateEvents()
    }

    /// Closes at once when everything is sent, or as soon as it is.
    func closeWhenWritten() {
        closesWhenWritten = true
        flush()
    }

    /// Lets the socket go; nothing is called any more.
    func close() {
        guard let watch else { return }
        loop.unwatch(watch)
        self.watch = nil
        // The descriptor closes with its owner; the peer is to know now.
        _ = shutdown(socket.rawValue, CInt(SHUT_RDWR))
        queue = []
        sent = 0
    }

    private func end(_ reason: End) {
        guard watch != nil else { return }
        close()
        onEnd(reason)
    }

    private func happened(_ events: EventSet) {
        if events.contains(.readable), isReading { readOnce() }
        guard watch != nil else { return }
        if !isReading, !events.isDisjoint(with: [.hangup, .error]) { return end(.peerClosed) }
        if events.contains(.writable) { flush() }
    }

    private func readOnce() {
        let descriptor = socket.rawValue
        var failure: SystemCallError?
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: Self.readBytes) { room, count in
            do throws(SystemCallError) {
                count = try systemCall("read") { unsafe Glibc.read(descriptor, room.baseAddress, room.count) }
            } catch {
                count = 0
                failure = error
            }
        }
        if let failure {
            if failure.errno == EAGAIN { return }
            return end(failure.errno == ECONNRESET ? .peerClosed : .failed(failure))
        }
        if bytes.isEmpty { end(.peerClosed) } else { onBytes(bytes) }
    }

    private func flush() {
        let descriptor = socket.rawValue
        while watch != nil, queuedCount > 0 {
            do throws(SystemCallError) {
                // MSG_NOSIGNAL: a peer that went away is an error here, not a signal that ends the process.
                sent += try systemCall("send") {
                    unsafe queue.withUnsafeBytes { bytes in
                        let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[sent...])
                        return unsafe send(descriptor, rest.baseAddress, rest.count, CInt(MSG_NOSIGNAL))
                    }
                }
            } catch {
                if error.errno == EAGAIN { break }
                return end([EPIPE, ECONNRESET].contains(error.errno) ? .peerClosed : .failed(error))
            }
        }
        if queuedCount == 0 {
            queue = []
            sent = 0
            if closesWhenWritten { return end(.peerClosed) }
        } else if sent > queue.count / 2 {
            queue.removeFirst(sent)
            sent = 0
        }
        updateEvents()
    }

    private func updateEvents() {
        guard let watch else { return }
        var events: EventSet = []
        if isReading { events.insert(.readable) }
        if queuedCount > 0 { events.insert(.writable) }
        guard events != interest else { return }
        interest = events
        do {
            try loop.change(watch, events: events, edge: false)
        } catch {
            end(.failed(error))
        }
    }

    private var interest: EventSet = .readable
}
