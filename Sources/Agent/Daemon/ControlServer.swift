internal import LinuxSystem
internal import ShareModel
internal import ShareWire

/// The control socket: anybody may ask how things are, root and the group `shareagent` may change them. Who asks is what the
/// kernel says of the peer, looked up once a connection.
final class ControlServer {
    /// Connections at a time; the last ones are kept for those who may change things, so that nobody can lock root out.
    private static let maximumConnections = 48
    private static let maximumOthers = 32
    /// The group whose members may change things.
    private static let group = "shareagent"

    private let loop: EventLoop
    private let listener: UnixListener
    private let tell: (AgentEvent) -> Void
    private var watch: WatchToken?
    private var connections: [UInt64: ControlConnection] = [:]
    private var lastConnection: UInt64 = 0

    /// Listens from now on.
    /// - Throws: `SystemCallError`, EADDRINUSE where another agent is running.
    init(loop: EventLoop, path: [UInt8], tell: @escaping (AgentEvent) -> Void) throws(SystemCallError) {
        self.loop = loop
        self.tell = tell
        listener = try UnixListener(path: path, mode: 0o666)
        watch = try loop.watch(listener.descriptor, events: .readable) { [weak self] _ in self?.accept() }
    }

    /// Sends an answer to whoever asked, if they are still there.
    func answer(_ id: ControlRequest.ID, _ result: Result<Value, RPCError>) {
        connections[id.connection]?.answer(id.request, result)
    }

    /// Tells whoever asked something before the answer, if they are still there.
    func tell(_ id: ControlRequest.ID, _ notification: ControlNotification, _ params: Value) {
        connections[id.connection]?.tell(notification, params)
    }

    private func accept() {
        while let descriptor = (try? listener.accept()) ?? nil {
            guard let peer = try? PeerCredentials(of: descriptor.rawValue) else { continue }
            let mayChange = peer.userID == 0 || groupID(named: Self.group).map(peer.isMember) ?? false
            guard connections.count < (mayChange ? Self.maximumConnections : Self.maximumOthers) else { continue }
            lastConnection += 1
            let number = lastConnection
            connections[number] = try? ControlConnection(loop, adopting: descriptor, number: number, mayChange: mayChange) {
                [weak self] event in
                switch event {
                case .request(let request): self?.tell(.requested(request))
                case .closed:
                    self?.connections[number] = nil
                    self?.tell(.requesterLeft(connection: number))
                }
            }
        }
    }

    func close() {
        if let watch { loop.unwatch(watch) }
        for connection in connections.values { connection.close() }
        connections = [:]
    }
}
