import Glibc
import LinuxSystem
import ShareModel
import ShareWire

/// One request to the daemon over a connection of its own, and what became of it.
final class ControlCall {
    /// What became of it.
    enum Outcome {
        case result(Value)
        case refused(RPCError)
        /// There is no socket, or nobody listens on it.
        case nobody
        /// The connection failed or said something else than an answer.
        case broken(String)
    }

    /// nil while there is none yet.
    private(set) var outcome: Outcome?
    private var stream: ByteStream?
    private let progress: (String) -> Void
    private var splitter = FrameSplitter()

    private static let id = MessageID.number(1)

    init(_ request: AgentRequest, waitMs: Int64, to socket: String, on loop: EventLoop, progress: @escaping (String) -> Void = { _ in }) {
        self.progress = progress
        let frame = Message.request(id: Self.id, method: request.method.rawValue, params: request.params(waitMs: waitMs)).frame
        guard frame.count <= Limits.frameBytes else {
            outcome = .broken("the request is longer than \(Limits.frameBytes) bytes")
            return
        }
        do throws(SystemCallError) {
            let descriptor = try UnixStream.connect(path: Array(socket.utf8))
            let stream = try ByteStream(loop, adopting: descriptor, kind: .connection, queueLimit: Limits.frameBytes) { [weak self] event in
                self?.react(event)
            }
            _ = stream.send(frame)
            self.stream = stream
        } catch {
            let nobodyThere = [ENOENT, ECONNREFUSED, ENOTDIR].contains(error.errno)
            outcome = nobodyThere ? .nobody : .broken(error.description)
        }
    }

    private func react(_ event: ByteStreamEvent) {
        guard outcome == nil else { return }
        switch event {
        case .received(let bytes):
            for piece in splitter.push(bytes) where outcome == nil { take(piece) }
        case .ended: outcome = .broken("the agent closed the connection without an answer")
        case .failed(let error): outcome = .broken(error.description)
        case .peerArrived, .peerLeft, .drained: break
        }
    }

    private func take(_ piece: FrameSplitter.Piece) {
        switch piece {
        case .reset: break
        case .oversized: outcome = .broken("the answer is longer than \(Limits.frameBytes) bytes")
        case .frame(let frame):
            do {
                switch try Message(frame: frame) {
                case .response(Self.id, let result, _): outcome = .result(result)
                case .failure(let id, let error, _) where id == nil || id == Self.id: outcome = .refused(error)
                case .notification(let method, let params, _) where ControlNotification(rawValue: method) != nil:
                    if let doing = params["doing"]?.text { progress(doing.printable) }
                case .request, .notification, .response, .failure: break
                }
            } catch {
                outcome = .broken("the answer is no message: \(error.message)")
            }
        }
    }
}
