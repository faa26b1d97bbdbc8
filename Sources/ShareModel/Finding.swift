/// What one check of a diagnosis has found (contract section 6, `doctor --json`).
public struct Finding: Equatable, Sendable {
    /// What is looked at, in the order of the way from the host to a file's bytes.
    public enum Check: String, CaseIterable, Sendable {
        /// The agent itself.
        case agent
        /// Its connection to the host.
        case channel
        /// Whether the share is offered, and as a valid one.
        case catalog
        /// Whether this guest's policy allows it.
        case policy
        /// Whether its options fit each other and its type.
        case options
        /// Whether this guest has what mounting needs: the file system, its mount helper, its charset.
        case kernel
        /// Whether it can be mounted where it is to be.
        case target
        /// Whether the server answers, the device or the image is there.
        case source
        /// Whether it is mounted, and if not, why.
        case mount
        /// Whether the mount answers.
        case answer
        /// Whether its names are shown as wished.
        case names
        /// Whether a file in it can be read.
        case read
    }

    /// How it is.
    public enum Status: String, CaseIterable, Sendable { case ok, warning, failed, skipped }

    /// The share; nil for what is no share's.
    public var share: String?
    /// What was looked at.
    public let check: Check
    /// How it is.
    public var status: Status
    /// What was seen, or why nothing was looked at, in a clause.
    public var note: String?
    /// What is wrong, with evidence and remedy; nil where nothing is.
    public var cause: Cause?

    /// A finding.
    public init(_ check: Check, _ status: Status, note: String? = nil, cause: Cause? = nil, share: String? = nil) {
        self.check = check
        self.status = status
        self.note = note?.printable.clipped(toBytes: Cause.Limits.lineBytes)
        self.cause = cause
        self.share = share
    }

    /// Whether somebody should look after it.
    public var isWrong: Bool { status == .warning || status == .failed }
}

extension Finding {
    /// As the contract's JSON, with a `note` beside it.
    public var value: Value {
        .object([
            "share": .text(share), "check": .string(check.rawValue), "status": .string(status.rawValue), "note": .text(note),
            "cause": cause?.value,
        ])
    }

    /// Reads a finding back; keys that this version does not know are passed over.
    /// - Throws: `FieldProblem` that names the key; a check that this version does not know is one, too.
    public init(_ value: Value, at path: String) throws(FieldProblem) {
        var fields = try Fields(value, at: path)
        guard let check = try fields.word("check", of: Check.self), let status = try fields.word("status", of: Status.self) else {
            throw FieldProblem(path: path, message: "lacks check or status")
        }
        let cause = fields.take("cause")
        self.init(
            check, status, note: try fields.text("note"),
            cause: try cause.map { value throws(FieldProblem) in try Cause(value, at: "\(path).cause") }, share: try fields.text("share"))
    }
}

/// A share that a worker is to look into: from this guest's policy to a file's bytes.
public struct Examination: Sendable {
    /// The share, as it is offered.
    public let share: Share
    /// Whether it is mounted; then its target is not looked at as one to be mounted on.
    public let isAttached: Bool
    /// The mount to ask and to read from; nil: there is none that would answer.
    public let mount: StandingMount?
    /// Where the shares are attached that image files are in.
    public let attachedTargets: [ShareName: Target]

    /// What to look into.
    public init(_ share: Share, isAttached: Bool, mount: StandingMount?, attachedTargets: [ShareName: Target]) {
        self.share = share
        self.isAttached = isAttached
        self.mount = mount
        self.attachedTargets = attachedTargets
    }
}

extension Examination {
    /// As one JSON object, after its `do`.
    var value: Value {
        .object([
            "do": "examine", "share": share.value, "isAttached": .bool(isAttached), "mounted": mount?.share.value,
            "target": .text(mount?.target.text), "mountId": .number(mount?.mountID), "view": mount?.view?.value,
            "attachedTargets": WorkerRequest.value(of: attachedTargets),
        ])
    }

    /// Reads it back, after its `do`.
    init(_ fields: inout Fields) throws(FieldProblem) {
        guard let share = fields.take("share") else { throw FieldProblem(path: "share", message: "is missing") }
        var mount: StandingMount?
        if let mounted = fields.take("mounted") {
            mount = StandingMount(
                try Share(mounted, at: "mounted"), at: try Target(validating: try fields.requiredText("target")),
                mountID: try fields.count("mountId"), view: try fields.view())
        }
        self.init(
            try Share(share, at: "share"), isAttached: try fields.truth("isAttached") ?? false, mount: mount,
            attachedTargets: try WorkerRequest.targets(&fields))
    }
}
