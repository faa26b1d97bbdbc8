import LinuxSystem
import ShareModel
import ShareWire

/// Answers `GET /metrics` and `GET /healthz`: as much of HTTP/1.1 as Prometheus and curl need, one request a connection.
final class MetricsServer {
    /// Connections at a time; more are closed at once.
    static let connectionLimit = 32
    /// How long a client may take, in all.
    static let patience = Duration.seconds(30)
    /// The largest page: far more than the pages of 1024 VMs with a few shares each.
    static let pageBytes = 256 << 20

    let address: ListenAddress
    private let surroundings: Surroundings
    private weak var server: HostServer?
    private var listener: Listener?
    private var connections: [Int: Connection] = [:]
    private var last = 0

    /// The port that is listened on, also where the configuration let the kernel choose.
    var port: UInt16? { listener?.port }

    private final class Connection {
        var stream: PacedStream?
        var request = HTTPRequestHead()
        var deadline: TimerToken?
    }

    /// - Throws: what keeps it from listening.
    init(at address: ListenAddress, for server: HostServer) throws(SystemCallError) {
        self.address = address
        self.server = server
        surroundings = server.surroundings
        listener = try Listener(address: address, on: surroundings.loop) { [weak self] in self?.accept($0) }
    }

    /// Closes everything.
    func stop() {
        listener?.close()
        listener = nil
        for number in connections.keys { end(number) }
    }

    private func accept(_ socket: consuming OwnedDescriptor) {
        guard connections.count < Self.connectionLimit else { return }
        last += 1
        let number = last
        let connection = Connection()
        connection.stream = try? PacedStream(
            socket, on: surroundings.loop, queueLimit: Self.pageBytes, onBytes: { [weak self] in self?.received($0, number) },
            onEnd: { [weak self] _ in self?.end(number) })
        connection.deadline = surroundings.loop.after(Self.patience) { [weak self] in self?.end(number) }
        connections[number] = connection
    }

    private func end(_ number: Int) {
        guard let connection = connections.removeValue(forKey: number) else { return }
        connection.stream?.close()
        if let deadline = connection.deadline { surroundings.loop.cancel(deadline) }
    }

    private func received(_ bytes: [UInt8], _ number: Int) {
        guard let connection = connections[number], let outcome = connection.request.take(bytes) else { return }
        connection.stream?.read(false)
        connection.stream?.write(answer(outcome))
        connection.stream?.closeWhenWritten()
    }

    private func answer(_ outcome: HTTPRequestHead.Outcome) -> [UInt8] {
        guard case .request(let method, let path) = outcome else {
            return Self.response("400 Bad Request", body: "this is no HTTP request\n")
        }
        guard method == "GET" || method == "HEAD" else {
            return Self.response("405 Method Not Allowed", header: "Allow: GET, HEAD\r\n", body: "only GET is answered\n")
        }
        let body = method == "GET"
        switch path {
        case "/metrics": return Self.response("200 OK", type: MetricsPage.contentType, body: server?.metricsPage ?? "", withBody: body)
        case "/healthz": return Self.response("200 OK", body: "ok\n", withBody: body)
        default: return Self.response("404 Not Found", body: "there are /metrics and /healthz\n", withBody: body)
        }
    }

    private static func response(
        _ status: String, type: String = "text/plain; charset=utf-8", header: String = "", body: String, withBody: Bool = true
    ) -> [UInt8] {
        let head = """
            HTTP/1.1 \(status)\r\nContent-Type: \(type)\r\nContent-Length: \(body.utf8.count)\r\n\
            Connection: close\r\nX-Content-Type-Options: nosniff\r\n\(header)\r\n
            """
        return Array(head.utf8) + (withBody ? Array(body.utf8) : [])
    }
}

extension HostServer {
    /// The page as of now.
    var metricsPage: String {
        let now = surroundings.wallTime.milliseconds
        return MetricsPage.render(
            version: Version.program, configurationSound: configurationError == nil,
            machines: sortedMachines.map { machine in
                MetricsPage.Machine(
                    name: machine.name, connected: machine.isConnected,
                    sinceLastReportMs: machine.health.lastReportAt.map { max(0, now - $0.milliseconds) },
                    badFrames: machine.session.counters.badFrames, sessions: machine.session.counters.sessions, health: machine.health)
            })
    }
}
