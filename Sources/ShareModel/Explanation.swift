/// What `explain` tells about one share: every option that is or would be used, who chose it and why, what became of it, and how one would
/// mount the same by hand. Without secrets.
public struct Explanation: Equatable, Sendable {
    /// Who chose an option.
    public enum Origin: String, CaseIterable, Sendable {
        /// This project, for every share of the type.
        case standard = "default"
        /// The share's profile.
        case profile
        /// The share itself.
        case share
        /// The guest's policy.
        case policy
        /// Nobody here: the kernel, or what the server and it agreed upon.
        case kernel
    }

    /// One option of the mount.
    public struct Option: Equatable, Sendable {
        /// As the kernel spells it; `read_ahead_kb` is the backing device's.
        public var name: String
        /// What was or will be asked for, empty for a flag; nil where nobody asks.
        public var requested: String?
        /// What the kernel says is in force, empty for a flag; nil while not attached and where the kernel does not show it.
        public var effective: String?
        /// Who chose it.
        public var origin: Origin
        /// Why, in one clause.
        public var why: String
        /// The kernel that has it first, for people; nil where every supported one has it.
        public var since: String?
        /// What the reason rests on; nil where share or policy wrote the option.
        public var fact: String?
        /// Why what is in force is not what was asked for, and what changes that; nil where it is.
        public var difference: String?

        /// An option.
        public init(
            _ name: String, requested: String? = nil, effective: String? = nil, origin: Origin, why: String, since: String? = nil,
            fact: String? = nil, difference: String? = nil
        ) {
            self.name = name
            self.requested = requested
            self.effective = effective
            self.origin = origin
            self.why = why
            self.since = since
            self.fact = fact
            self.difference = difference
        }
    }

    /// One thing that kernel and server agreed upon, or that the kernel does, beside the options.
    public struct Fact: Equatable, Sendable {
        /// What, in a word or two.
        public var name: String
        /// How it is.
        public var state: String
        /// Why, or what changes it.
        public var note: String?

        /// A fact.
        public init(_ name: String, _ state: String, note: String? = nil) {
            self.name = name
            self.state = state
            self.note = note
        }
    }

    /// The share's name.
    public var name: String
    /// The type's word; empty for what is no valid share.
    public var type: String
    /// In the field's spelling.
    public var source: String
    /// Where it is or would be attached.
    public var target: String
    /// The file system as mount(2) is told.
    public var fstype: String
    /// The profile in force.
    public var profile: String
    /// Where it is in its life; nil where no agent keeps it.
    public var state: ShareState?
    /// The kernel's mount id while attached.
    public var mountID: Int64?
    /// See `Option`; those asked for first.
    public var options: [Option]
    /// See `Fact`.
    public var negotiated: [Fact]
    /// Shell commands that do the same by hand, in order.
    public var commands: [String]
    /// What those need.
    public var needs: [String]
    /// Wishes that cannot be had, and what else is worth knowing.
    public var warnings: [String]
    /// Why it is not, or would not be, attached.
    public var cause: Cause?

    /// An explanation that says only what it is about.
    public init(name: String, type: String = "", source: String = "", target: String = "", profile: String = "") {
        self.name = name
        self.type = type
        self.source = source
        self.target = target
        self.profile = profile
        fstype = ""
        options = []
        negotiated = []
        commands = []
        needs = []
        warnings = []
    }
}

extension Explanation {
    /// As `explain --json` prints it.
    public var value: Value {
        .object([
            "name": .string(name), "type": .string(type), "source": .string(source), "target": .string(target), "fstype": .string(fstype),
            "profile": .string(profile), "state": .text(state?.rawValue), "mountId": .number(mountID),
            "options": .array(options.map(\.value)), "negotiated": .array(negotiated.map(\.value)),
            "commands": .array(commands.map(Value.string)), "needs": .array(needs.map(Value.string)),
            "warnings": .array(warnings.map(Value.string)), "cause": cause?.value,
        ])
    }

    /// Reads it back; keys that this version does not know are passed over.
    /// - Throws: `FieldProblem` that names the key.
    public init(_ value: Value, at path: String) throws(FieldProblem) {
        var fields = try Fields(value, at: path)
        self.init(
            name: try fields.text("name") ?? "", type: try fields.text("type") ?? "", source: try fields.text("source") ?? "",
            target: try fields.text("target") ?? "", profile: try fields.text("profile") ?? "")
        fstype = try fields.text("fstype") ?? ""
        state = try fields.word("state")
        mountID = try fields.number("mountId", in: 0...Int64.max)
        for (index, option) in (try fields.list("options") ?? []).enumerated() {
            options.append(try Option(option, at: "\(fields.path(of: "options"))[\(index)]"))
        }
        for (index, fact) in (try fields.list("negotiated") ?? []).enumerated() {
            negotiated.append(try Fact(fact, at: "\(fields.path(of: "negotiated"))[\(index)]"))
        }
        commands = try fields.texts("commands") ?? []
        needs = try fields.texts("needs") ?? []
        warnings = try fields.texts("warnings") ?? []
        if let cause = fields.take("cause") { self.cause = try Cause(cause, at: fields.path(of: "cause")) }
    }
}

extension Explanation.Option {
    var value: Value {
        .object([
            "name": .string(name), "requested": .text(requested), "effective": .text(effective), "origin": .string(origin.rawValue),
            "why": .string(why), "since": .text(since), "fact": .text(fact), "difference": .text(difference),
        ])
    }

    init(_ value: Value, at path: String) throws(FieldProblem) {
        var fields = try Fields(value, at: path)
        self.init(
            try fields.requiredText("name"), requested: try fields.text("requested"), effective: try fields.text("effective"),
            origin: try fields.word("origin") ?? .kernel, why: try fields.text("why") ?? "", since: try fields.text("since"),
            fact: try fields.text("fact"), difference: try fields.text("difference"))
    }
}

extension Explanation.Fact {
    var value: Value {
        .object(["name": .string(name), "value": .string(state), "note": .text(note)])
    }

    init(_ value: Value, at path: String) throws(FieldProblem) {
        var fields = try Fields(value, at: path)
        self.init(try fields.requiredText("name"), try fields.text("value") ?? "", note: try fields.text("note"))
    }
}
