/// A process, told apart from a later one with the same number.
public struct ProcessMark: Hashable, Sendable {
    /// Its number.
    public let id: Int32
    /// When it began, in clock ticks since the machine did: the 22nd field of /proc/PID/stat.
    public let started: Int64

    /// A process.
    public init(id: Int32, started: Int64) {
        self.id = id
        self.started = started
    }
}

/// A view of names that stands over a share.
public struct StandingView: Hashable, Sendable {
    /// Where programs see it.
    public let target: Target
    /// Under which mount id.
    public let mountID: Int64
    /// Who serves it.
    public let process: ProcessMark

    /// A view.
    public init(at target: Target, mountID: Int64, process: ProcessMark) {
        self.target = target
        self.mountID = mountID
        self.process = process
    }

    /// The type that the mount table has for it.
    public static let fstype = "fuse.shareagent-names"

    /// As one JSON object.
    public var value: Value {
        .object([
            "target": .string(target.text), "mountId": .integer(mountID), "process": .number(Int(process.id)),
            "started": .integer(process.started),
        ])
    }

    /// Reads it back.
    /// - Throws: `FieldProblem` that names the key.
    public init(_ value: Value, at path: String) throws(FieldProblem) {
        var fields = try Fields(value, at: path)
        target = try Target(validating: try fields.requiredText("target"))
        mountID = try fields.count("mountId")
        process = ProcessMark(id: Int32(clamping: try fields.count("process")), started: try fields.count("started"))
    }
}

/// What a probe has seen of a view.
public struct ViewReading: Equatable, Sendable {
    /// What a probe's worker says it is doing once the share itself has answered, and the view is asked.
    public static let asking = "view"

    /// Why it does not answer as it should; nil: it does.
    public var cause: Cause?
    /// How many names it shows otherwise than they are, the most at a time so far; nil: it has not said.
    public var names: Int64?

    /// A reading.
    public init(cause: Cause? = nil, names: Int64? = nil) {
        self.cause = cause
        self.names = names
    }
}

extension Fields {
    /// Takes a view; an absent one is nil.
    mutating func view() throws(FieldProblem) -> StandingView? {
        guard let value = take("view") else { return nil }
        return try StandingView(value, at: path(of: "view"))
    }

    /// Takes what a probe has seen of a view; nil where it looked at none.
    mutating func viewReading() throws(FieldProblem) -> ViewReading? {
        guard var fields = try fields("view") else { return nil }
        let names = try fields.number("names", in: 0...Int64.max)
        let cause = fields.take("cause")
        return ViewReading(cause: try cause.map { value throws(FieldProblem) in try Cause(value, at: "view.cause") }, names: names)
    }
}

extension Share {
    /// Below it is what lies under views. Only root may go there.
    public static let rawRoot = Target(unchecked: Array("/run/shareagent/raw".utf8))

    /// Where the share itself is mounted when a view lies at its target.
    public var rawPlace: Target { Self.rawRoot.appending(name) }

    /// What a view writes about itself, for whoever comes to ask: one JSON object (docs/decisions/0017-where-the-raw-tree-lies.md).
    public var viewStateFile: String { "/run/shareagent/views/\(name.text).json" }

    /// The same share at another target.
    public func placed(at target: Target) -> Share { Share(self, target: target, options: options) }
}

extension Policy {
    /// The same policy, which lets shares also be mounted where only root may go.
    public var admittingRawPlaces: Policy {
        var policy = self
        policy.roots.append(Share.rawRoot)
        return policy
    }
}
