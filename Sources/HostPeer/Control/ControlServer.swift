import LinuxSystem
import ShareModel
import ShareWire

/// The control socket: JSON-RPC, one frame a line, for `sharehost status` and whoever else root lets in.
final class ControlServer {
    /// Connections at a time; more are closed at once.
    static let connectionLimit = 64
    /// How much may wait to be read by one of them.
    static let queueBytes = 4 << 20

    private let surroundings: Surroundings
    private weak var server: HostServer?
    private var listener: Listener?
    private var connections: [Int: ControlConnection] = [:]
    private var last = 0

    /// - Throws: what keeps it from listening.
    init(at path: String, for server: HostServer) throws(SystemCallError) {
        self.server = server
        surroundings = server.surroundings
        listener = try Listener(path: path, mode: 0o660, on: surroundings.loop) { [weak self] in self?.accept($0) }
    }

    /// Closes everything, the socket's file too.
    func stop() {
        listener?.close()
        listener = nil
        for connection in connections.values { connection.close() }
        connections = [:]
    }

    private func accept(_ socket: consuming OwnedDescriptor) {
        guard connections.count < Self.connectionLimit, let server else { return }
        last += 1
        let number = last
        connections[number] = try? ControlConnection(socket, on: surroundings.loop, server: server) { [weak self] in
            self?.connections[number] = nil
        }
    }
}

/// One program that talks to sharehost.
final class ControlConnection {
    private weak var server: HostServer?
    private var splitter = FrameSplitter()
    private var stream: PacedStream?

    init(
        _ socket: consuming OwnedDescriptor, on loop: EventLoop, server: HostServer, onEnd: @escaping () -> Void
    ) throws(SystemCallError) {
        self.server = server
        stream = try PacedStream(
            socket, on: loop, queueLimit: ControlServer.queueBytes, onBytes: { [weak self] in self?.received($0) }, onEnd: { _ in onEnd() })
    }

    func close() {
        stream?.close()
    }

    private func received(_ bytes: [UInt8]) {
        for piece in splitter.push(bytes) {
            switch piece {
            case .reset: continue
            case .oversized: send(.failure(id: nil, error: RPCError(code: RPCError.parseError, message: "the frame is longer than 1 MiB")))
            case .frame(let frame):
                do throws(MessageProblem) {
                    handle(try Message(frame: frame))
                } catch {
                    send(.failure(id: error.answering, error: error.error))
                }
            }
        }
    }

    private func handle(_ message: Message) {
        guard case .request(let id, let method, let params, _) = message else { return }
        guard let server, let method = HostControlMethod(rawValue: method) else {
            let words = HostControlMethod.allCases.map(\.rawValue).joined(separator: ", ")
            return send(
                .failure(id: id, error: RPCError(code: RPCError.methodNotFound, message: "there is no such request; there are: \(words)")))
        }
        server.control(method, params) { [weak self] result in
            switch result {
            case .success(let value): self?.send(.response(id: id, result: value))
            case .failure(let error): self?.send(.failure(id: id, error: error))
            }
        }
    }

    private func send(_ message: Message) {
        stream?.write(message.frame)
    }
}
