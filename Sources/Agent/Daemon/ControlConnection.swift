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
    /// Requests of one connection that may wait for their answers.
    private static let maximumPending = 16

    private let number: UInt64
    private let mayChange: Bool
    private let tell: (Event) -> Void
    private var stream: ByteStream?
    private var splitter = FrameSplitter()
    private var pending: [UInt64: MessageID] = [:]
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
        guard let id = pending.removeValue(forKey: request) else { return }
        switch result {
        case .success(let value): send(.response(id: id, result: value))
        case .failure(let error): send(.failure(id: id, error: error))
        }
    }

    func close() {
        stream?.close()
        stream = nil
    }

    private func react(_ event: ByteStreamEvent) {
        switch event {
        case .received(let bytes):
            for piece in splitter.push(bytes) {
                switch piece {
                case .frame(let frame): receive(frame)
                case .reset: break
                case .oversized: return end()
                }
            }
        case .ended, .failed: end()
        case .drained, .peerArrived, .peerLeft: break
        }
    }

    private func receive(_ frame: [UInt8]) {
        do throws(MessageProblem) {
            guard case .request(let id, let method, let params, _) = try Message(frame: frame) else { return }
            guard pending.count < Self.maximumPending else {
                return send(.failure(id: id, error: RPCError(code: RPCError.busy, message: "too many requests wait for their answers")))
            }
            lastRequest += 1
            pending[lastRequest] = id
            let request = ControlRequest.ID(connection: number, request: lastRequest)
            tell(.request(ControlRequest(id: request, method: method, params: params, mayChange: mayChange)))
        } catch {
            send(.failure(id: error.answering, error: error.error))
            end()
        }
    }

    private func send(_ message: Message) {
        if stream?.send(message.frame) == false { end() }
    }

    /// Lets a peer go that does not keep to the protocol, or left by itself; what is queued still goes out where it can.
    private func end() {
        guard stream != nil else { return }
        close()
        tell(.closed)
    }
}
