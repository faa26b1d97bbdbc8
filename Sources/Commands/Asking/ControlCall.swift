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
    private let loop: EventLoop
    private var stream: LocalStream?
    private var watch: WatchToken?
    private var unsent: ArraySlice<UInt8>
    private var splitter = FrameSplitter()

    private static let id = MessageID.number(1)

    init(_ request: AgentRequest, waitMs: Int64, to socket: String, on loop: EventLoop) {
        self.loop = loop
        unsent = Message.request(id: Self.id, method: request.method.rawValue, params: request.params(waitMs: waitMs)).frame[...]
        do throws(SystemCallError) {
            let stream = try LocalStream(connectingTo: socket)
            watch = try loop.watch(stream.descriptor.rawValue, events: [.readable, .writable]) { [unowned self] _ in advance() }
            self.stream = consume stream
        } catch  where [ENOENT, ECONNREFUSED, ENOTDIR].contains(error.errno) {
            outcome = .nobody
        } catch {
            outcome = .broken(error.description)
        }
    }

    deinit {
        // Before the stream closes its descriptor.
        if let watch { loop.unwatch(watch) }
    }

    private func advance() {
        guard outcome == nil else { return }
        do throws(SystemCallError) {
            try send()
            try receive()
        } catch {
            outcome = .broken(error.description)
        }
    }

    private func send() throws(SystemCallError) {
        while !unsent.isEmpty {
            let count = try stream?.write(unsent) ?? 0
            if count == 0 { return }
            unsent = unsent.dropFirst(count)
        }
    }

    private func receive() throws(SystemCallError) {
        while outcome == nil {
            guard let bytes = try stream?.read() else {
                outcome = .broken("the agent closed the connection without an answer")
                return
            }
            if bytes.isEmpty { return }
            for piece in splitter.push(bytes) where outcome == nil { take(piece) }
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
                case .request, .notification, .response, .failure: break
                }
            } catch {
                outcome = .broken("the answer is no message: \(error.message)")
            }
        }
    }
}
