/// How the agent itself is.
public struct AgentStatus: Equatable, Sendable {
    /// How the agent runs: as the daemon, or for one job of the command line.
    public enum Mode: String, CaseIterable, Sendable { case daemon, once }
    /// The program's version.
    public var version: String
    /// The channel protocol it speaks.
    public var `protocol`: String
    /// Its process.
    public var pid: Int64
    /// When it started.
    public var startedAt: Timestamp
    /// How long it runs, by a clock that does not jump.
    public var uptimeMs: Int64
    /// Memory it holds.
    public var residentBytes: Int64
    /// Workers under way.
    public var workers: Int64
    /// Workers that outlived SIGKILL.
    public var stuckWorkers: Int64
    /// Events that found no room in the queue.
    public var droppedEvents: Int64
    /// How it runs.
    public var mode: Mode

    /// A status.
    public init(
        version: String, protocol: String, pid: Int64, startedAt: Timestamp, uptimeMs: Int64, residentBytes: Int64, workers: Int64,
        stuckWorkers: Int64, droppedEvents: Int64, mode: Mode
    ) {
        self.version = version
        self.protocol = `protocol`
        self.pid = pid
        self.startedAt = startedAt
        self.uptimeMs = uptimeMs
        self.residentBytes = residentBytes
        self.workers = workers
        self.stuckWorkers = stuckWorkers
        self.droppedEvents = droppedEvents
        self.mode = mode
    }

    /// As the contract's JSON.
    public var value: Value {
        .object([
            "version": .string(version), "protocol": .string(`protocol`), "pid": .integer(pid), "startedAt": .string(startedAt.description),
            "uptimeMs": .integer(uptimeMs), "residentBytes": .integer(residentBytes), "workers": .integer(workers),
            "stuckWorkers": .integer(stuckWorkers), "droppedEvents": .integer(droppedEvents), "mode": .string(mode.rawValue),
        ])
    }

    /// Reads a status back.
    /// - Throws: `FieldProblem` that names the key.
    public init(_ value: Value, at path: String) throws(FieldProblem) {
        var fields = try Fields(value, at: path)
        self.init(
            version: try fields.text("version") ?? "", protocol: try fields.text("protocol") ?? "", pid: try fields.count("pid"),
            startedAt: try fields.timestamp("startedAt") ?? Timestamp(milliseconds: 0), uptimeMs: try fields.count("uptimeMs"),
            residentBytes: try fields.count("residentBytes"), workers: try fields.count("workers"),
            stuckWorkers: try fields.count("stuckWorkers"),
            droppedEvents: try fields.count("droppedEvents"), mode: try fields.word("mode") ?? .daemon)
    }
}

/// How the channel to the host is.
public struct ChannelStatus: Equatable, Sendable {
    /// The port's path or `unix:PATH`.
    public var path: String
    /// Its state.
    public var state: ChannelState
    /// The session's nonce while connected.
    public var session: String?
    /// Since when.
    public var since: Timestamp
    /// The host's name while connected.
    public var host: String?

    /// A status.
    public init(path: String, state: ChannelState, session: String? = nil, since: Timestamp, host: String? = nil) {
        self.path = path
        self.state = state
        self.session = session
        self.since = since
        self.host = host
    }

    /// As the contract's JSON.
    public var value: Value {
        .object([
            "path": .string(path), "state": .string(state.rawValue), "session": .text(session), "since": .string(since.description),
            "host": .text(host),
        ])
    }

    /// Reads a status back.
    /// - Throws: `FieldProblem` that names the key.
    public init(_ value: Value, at path: String) throws(FieldProblem) {
        var fields = try Fields(value, at: path)
        self.init(
            path: try fields.text("path") ?? "", state: try fields.word("state") ?? .absent, session: try fields.text("session"),
            since: try fields.timestamp("since") ?? Timestamp(milliseconds: 0), host: try fields.text("host"))
    }
}
