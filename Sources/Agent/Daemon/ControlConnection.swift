internal import LinuxSystem
internal import ShareModel
internal import ShareWire

/// One connection to the control socket: frames in, answers out.
final class ControlConnection {
    enum Event {
        case request(ControlRequest)
        case closed
    }

    /// Bytes of answers that may wait; a peer that asks and never reads is let go.
    private static let queueBytes = 4 << 20

    private let number: UInt64
    private let mayChange: Bool
    private let tell: (Event) -> Void
    private var stream: ByteStream?
    private var session = ControlSession<ControlMethod>()
    private var asked: [UInt64: MessageID] = [:]
    private var lastRequest: UInt64 = 0

    init(
        _ loop: EventLoop, adopting descriptor: consuming OwnedDescriptor, number: UInt64, mayChange: Bool, tell: @escaping (Event) -> Void
    ) throws(SystemCallError) {
        self.number = number
        self.mayChange = mayChange
        self.tell = tell
        stream = try ByteStream(loop, adopting: descriptor, kind: .connection, queueLimit: Self.queueBytes) { [weak self] in self?.react($0)
        }
    }

    func answer(_ request: UInt64, _ result: Result<Value, RPCError>) {
        guard let id = asked.removeValue(forKey: request) else { return }
        send(session.respond(to: id, result))
    }

    func tell(_ notification: ControlNotification, _ params: Value) {
        send(Message.notification(method: notification.rawValue, params: params).frame)
    }

    func close() {
        stream?.close()
        stream = nil
    }

    private func react(_ event: ByteStreamEvent) {
        switch event {
        case .received(let bytes):
            let now = MonotonicTime.now().nanoseconds / 1_000_000
            for action in session.received(bytes, now: now) {
                switch action {
                case .write(let bytes): send(bytes)
                case .request(let id, let method, let params): request(id, method, params)
                }
            }
        case .ended, .failed: end()
        case .drained, .peerArrived, .peerLeft: break
        }
    }

    private func request(_ id: MessageID, _ method: ControlMethod, _ params: Value) {
        lastRequest += 1
        asked[lastRequest] = id
        let request = ControlRequest.ID(connection: number, request: lastRequest)
        tell(.request(ControlRequest(id: request, method: method, params: params, mayChange: mayChange)))
    }

    private func send(_ bytes: [UInt8]) {
        if stream?.send(bytes) == false { end() }
    }

    /// Lets a peer go that does not read, or left by itself.
    private func end() {
        guard stream != nil else { return }
        close()
        tell(.closed)
    }
}
