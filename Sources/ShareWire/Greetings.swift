public import ShareModel

/// How the guest introduces itself: the parameters of `agent.hello` without protocol and nonce.
public struct GuestGreeting: Equatable, Sendable {
    /// The agent's name, `shareagent`.
    public var agentName: String
    /// The agent's version.
    public var agentVersion: String
    /// The guest's host name.
    public var hostname: String
    /// `/etc/machine-id`.
    public var machineID: String
    /// `/proc/sys/kernel/random/boot_id`.
    public var bootID: String
    /// The kernel's release.
    public var kernel: String
    /// `PRETTY_NAME` of os-release.
    public var os: String
    /// The machine's architecture, as uname says it.
    public var architecture: String
    /// File systems this guest can mount.
    public var filesystems: [String]
    /// What this agent can do beyond version 1.0, by name.
    public var features: [String]

    /// An introduction.
    public init(
        agentName: String = "shareagent", agentVersion: String = Version.program, hostname: String, machineID: String, bootID: String,
        kernel: String, os: String, architecture: String, filesystems: [String] = [], features: [String] = []
    ) {
        self.agentName = agentName
        self.agentVersion = agentVersion
        self.hostname = hostname
        self.machineID = machineID
        self.bootID = bootID
        self.kernel = kernel
        self.os = os
        self.architecture = architecture
        self.filesystems = filesystems
        self.features = features
    }

    /// The parameters of `agent.hello`.
    public func params(version: ProtocolVersion = .current, nonce: Nonce) -> Value {
        .object([
            "protocol": .string(version.description), "nonce": .string(nonce.text),
            "agent": .object(["name": .string(agentName), "version": .string(agentVersion)]),
            "guest": .object([
                "hostname": .string(hostname), "machineId": .string(machineID), "bootId": .string(bootID), "kernel": .string(kernel),
                "os": .string(os), "architecture": .string(architecture),
            ]),
            "filesystems": .array(filesystems.map(Value.string)), "features": .array(features.map(Value.string)),
        ])
    }

    /// Reads the parameters of `agent.hello`. Keys of a later minor version are passed over.
    /// - Throws: `FieldProblem` that names the key.
    public init(_ params: Value) throws(FieldProblem) {
        var fields = try Fields(params, at: "params")
        guard var agent = try fields.fields("agent") else { throw FieldProblem(path: "params.agent", message: "is missing") }
        guard var guest = try fields.fields("guest") else { throw FieldProblem(path: "params.guest", message: "is missing") }
        self.init(
            agentName: try agent.requiredText("name"), agentVersion: try agent.requiredText("version"),
            hostname: try guest.text("hostname") ?? "", machineID: try guest.text("machineId") ?? "",
            bootID: try guest.text("bootId") ?? "",
            kernel: try guest.text("kernel") ?? "", os: try guest.text("os") ?? "", architecture: try guest.text("architecture") ?? "",
            filesystems: try fields.texts("filesystems") ?? [], features: try fields.texts("features") ?? [])
    }
}

/// How the host answers: the result of `agent.hello` without protocol and nonce.
public struct HostGreeting: Equatable, Sendable {
    /// The host's name, for people.
    public var name: String
    /// What tells this host from others.
    public var id: String
    /// The version of the host's program.
    public var version: String
    /// How often the guest reports, in milliseconds.
    public var reportIntervalMs: Int64

    /// The shortest and longest report interval a guest accepts, in milliseconds.
    public static let reportIntervals: ClosedRange<Int64> = 1_000...86_400_000
    /// The report interval of a host that names none, in milliseconds.
    public static let defaultReportIntervalMs: Int64 = 30_000

    /// An introduction.
    public init(name: String, id: String, version: String = Version.program, reportIntervalMs: Int64 = Self.defaultReportIntervalMs) {
        self.name = name
        self.id = id
        self.version = version
        self.reportIntervalMs = reportIntervalMs
    }

    /// The result of `agent.hello`.
    public func result(nonce: Nonce) -> Value {
        .object([
            "protocol": .string(ProtocolVersion.current.description), "nonce": .string(nonce.text),
            "host": .object(["name": .string(name), "id": .string(id), "version": .string(version)]),
            "report": .object(["intervalMs": .integer(reportIntervalMs)]),
        ])
    }

    /// Reads the result of `agent.hello`. Keys of a later minor version are passed over; an interval out of range is
    /// held at the nearest that is in it.
    /// - Throws: `FieldProblem` that names the key.
    public init(_ result: Value) throws(FieldProblem) {
        var fields = try Fields(result, at: "result")
        guard var host = try fields.fields("host") else { throw FieldProblem(path: "result.host", message: "is missing") }
        var report = try fields.fields("report")
        let interval = try report?.number("intervalMs", in: -Limits.number...Limits.number) ?? Self.defaultReportIntervalMs
        self.init(
            name: try host.requiredText("name"), id: try host.requiredText("id"), version: try host.requiredText("version"),
            reportIntervalMs: min(max(interval, Self.reportIntervals.lowerBound), Self.reportIntervals.upperBound))
    }
}
