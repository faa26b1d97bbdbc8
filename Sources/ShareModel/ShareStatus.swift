/// How one share is, for status, reports and the host (contract section 6).
public struct ShareStatus: Equatable, Sendable {
    /// What the file system holds.
    public struct Capacity: Equatable, Sendable {
        /// Bytes in all, used, and free to ordinary users.
        public var sizeBytes: Int64
        /// See `sizeBytes`.
        public var usedBytes: Int64
        /// See `sizeBytes`.
        public var availableBytes: Int64
        /// File nodes in all and used; 0 where the file system has no such limit.
        public var inodes: Int64
        /// See `inodes`.
        public var inodesUsed: Int64
        /// Forecast: seconds until nothing is available; nil when it is not filling.
        public var fullInSeconds: Int64?

        /// A reading.
        public init(
            sizeBytes: Int64, usedBytes: Int64, availableBytes: Int64, inodes: Int64, inodesUsed: Int64, fullInSeconds: Int64? = nil
        ) {
            self.sizeBytes = sizeBytes
            self.usedBytes = usedBytes
            self.availableBytes = availableBytes
            self.inodes = inodes
            self.inodesUsed = inodesUsed
            self.fullInSeconds = fullInSeconds
        }
    }

    /// What the probes have seen.
    public struct Probe: Equatable, Sendable {
        /// When the newest answer came.
        public var at: Timestamp
        /// How long it took, in microseconds; median and 99th percentile of the newest ones beside it.
        public var latencyMicroseconds: Int64
        /// See `latencyMicroseconds`.
        public var median: Int64
        /// See `latencyMicroseconds`.
        public var p99: Int64

        /// A reading.
        public init(at: Timestamp, latencyMicroseconds: Int64, median: Int64, p99: Int64) {
            self.at = at
            self.latencyMicroseconds = latencyMicroseconds
            self.median = median
            self.p99 = p99
        }
    }

    /// The share's name; for an entry that is no valid share, what stood there.
    public var name: String
    /// The type's word; empty where unknown.
    public var type: String
    /// In the field's spelling; empty where unknown.
    public var source: String
    /// Where it is or would be attached; empty where unknown.
    public var target: String
    /// Where it is in its life.
    public var state: ShareState
    /// How it is while attached.
    public var health: Health
    /// Since when state and health are as they are.
    public var since: Timestamp
    /// The catalog revision this follows.
    public var revision: Int64
    /// The access in force, else the wished one.
    public var access: Share.Access
    /// The kernel's mount id while attached.
    public var mountID: Int64?
    /// Options asked for.
    public var requestedOptions: [String: String]
    /// Options in force, read back from the mount table.
    public var effectiveOptions: [String: String]
    /// Capacity, where a probe has told it.
    public var capacity: Capacity?
    /// Probe readings, where there are any.
    public var probe: Probe?
    /// What becomes of its file names, where anything does: `{rules, by, raw?, view?}` (docs/protocol.md).
    public var names: Value?
    /// Attach attempts since it was offered or last attached.
    public var attempts: Int64
    /// When the next attempt is due.
    public var nextAttemptAt: Timestamp?
    /// Why it is not as wished.
    public var cause: Cause?

    /// A status with nothing known but who and where.
    public init(
        name: String, type: String, source: String, target: String, state: ShareState, since: Timestamp, revision: Int64,
        access: Share.Access = .rw
    ) {
        self.name = name
        self.type = type
        self.source = source
        self.target = target
        self.state = state
        health = .unknown
        self.since = since
        self.revision = revision
        self.access = access
        requestedOptions = [:]
        effectiveOptions = [:]
        attempts = 0
    }
}

extension ShareStatus {
    /// As the contract's JSON.
    public var value: Value {
        .object([
            "name": .string(name), "type": .string(type), "source": .string(source), "target": .string(target),
            "state": .string(state.rawValue), "health": .string(health.rawValue), "since": .string(since.description),
            "revision": .integer(revision), "access": .string(access.rawValue), "mountId": .number(mountID),
            "options": .object([
                "requested": Value(texts: requestedOptions) ?? .object([]), "effective": Value(texts: effectiveOptions) ?? .object([]),
            ]),
            "capacity": capacity?.value, "probe": probe?.value, "names": names, "attempts": .integer(attempts),
            "nextAttemptAt": .text(nextAttemptAt?.description), "cause": cause?.value,
        ])
    }

    /// Reads a status back. Keys this version does not know are passed over: the other end may be newer.
    /// - Throws: `FieldProblem` that names the key.
    public init(_ value: Value, at path: String) throws(FieldProblem) {
        var fields = try Fields(value, at: path)
        guard let state = try fields.word("state", of: ShareState.self), let health = try fields.word("health", of: Health.self) else {
            throw FieldProblem(path: path, message: "lacks state or health")
        }
        self.init(
            name: try fields.requiredText("name"), type: try fields.text("type") ?? "", source: try fields.text("source") ?? "",
            target: try fields.text("target") ?? "", state: state, since: try fields.timestamp("since") ?? Timestamp(milliseconds: 0),
            revision: try fields.number("revision", in: 0...Int64.max) ?? 0, access: try fields.word("access") ?? .rw)
        self.health = health
        mountID = try fields.number("mountId", in: 0...Int64.max)
        if var options = try fields.fields("options") {
            requestedOptions = try options.texts(of: "requested")
            effectiveOptions = try options.texts(of: "effective")
        }
        capacity = try fields.fields("capacity").map(Capacity.init)
        probe = try fields.fields("probe").map(Probe.init)
        names = fields.take("names")
        attempts = try fields.number("attempts", in: 0...Int64.max) ?? 0
        nextAttemptAt = try fields.timestamp("nextAttemptAt")
        if let cause = fields.take("cause") { self.cause = try Cause(cause, at: fields.path(of: "cause")) }
    }
}

extension Fields {
    /// Takes an RFC 3339 time in UTC.
    public mutating func timestamp(_ key: String) throws(FieldProblem) -> Timestamp? {
        guard let text = try text(key) else { return nil }
        guard let timestamp = Timestamp(text) else { throw FieldProblem(path: path(of: key), message: "'\(text.printable)' is no time") }
        return timestamp
    }

    /// Takes a mapping of texts; an absent one is empty.
    public mutating func texts(of key: String) throws(FieldProblem) -> [String: String] {
        Dictionary((try map(key) ?? []).map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
    }

    /// Takes a count.
    public mutating func count(_ key: String) throws(FieldProblem) -> Int64 {
        try number(key, in: 0...Int64.max) ?? 0
    }
}

extension ShareStatus.Capacity {
    fileprivate init(_ held: Fields) throws(FieldProblem) {
        var fields = held
        self.init(
            sizeBytes: try fields.count("sizeBytes"), usedBytes: try fields.count("usedBytes"),
            availableBytes: try fields.count("availableBytes"),
            inodes: try fields.count("inodes"), inodesUsed: try fields.count("inodesUsed"),
            fullInSeconds: try fields.number("fullInSeconds", in: 0...Int64.max))
    }

    /// As the contract's JSON.
    public var value: Value {
        .object([
            "sizeBytes": .integer(sizeBytes), "usedBytes": .integer(usedBytes), "availableBytes": .integer(availableBytes),
            "inodes": .integer(inodes), "inodesUsed": .integer(inodesUsed), "fullInSeconds": .number(fullInSeconds),
        ])
    }

    /// Reads `value` back.
    /// - Throws: `FieldProblem` that names the key.
    public init(_ value: Value, at path: String) throws(FieldProblem) {
        try self.init(try Fields(value, at: path))
    }
}

extension ShareStatus.Probe {
    fileprivate init(_ held: Fields) throws(FieldProblem) {
        var fields = held
        self.init(
            at: try fields.timestamp("at") ?? Timestamp(milliseconds: 0), latencyMicroseconds: try fields.count("latencyMicroseconds"),
            median: try fields.count("median"), p99: try fields.count("p99"))
    }

    var value: Value {
        .object([
            "at": .string(at.description), "latencyMicroseconds": .integer(latencyMicroseconds), "median": .integer(median),
            "p99": .integer(p99),
        ])
    }
}

extension ShareStatus {
    /// Whether nothing of it is mounted by the agent, and it is a share that exists: what a detach is for.
    public var isAway: Bool {
        switch state {
        case .offered, .detached, .refused: true
        case .failed: mountID == nil && cause?.code != .shareUnknown
        case .attached, .attaching, .detaching: false
        }
    }
}
