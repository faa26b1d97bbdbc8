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
        connections[number] = try? ControlConnection(socket, server: server) { [weak self] in
            self?.connections[number] = nil
        }
    }
}

/// One program that talks to sharehost.
final class ControlConnection {
    private weak var server: HostServer?
    private let surroundings: Surroundings
    private var session = ControlSession<HostControlMethod>()
    private var stream: PacedStream?

    init(
        _ socket: consuming OwnedDescriptor, server: HostServer, onEnd: @escaping () -> Void
    ) throws(SystemCallError) {
        self.server = server
        surroundings = server.surroundings
        stream = try PacedStream(
            socket, on: surroundings.loop, queueLimit: ControlServer.queueBytes, onBytes: { [weak self] in self?.received($0) },
            onEnd: { _ in onEnd() })
    }

    func close() {
        stream?.close()
    }

    private func received(_ bytes: [UInt8]) {
        for action in session.received(bytes, now: surroundings.now) {
            switch action {
            case .write(let bytes): stream?.write(bytes)
            case .request(let id, let method, let params):
                server?.control(method, params) { [weak self] result in
                    guard let self else { return }
                    stream?.write(session.respond(to: id, result))
                }
            }
        }
    }
}
