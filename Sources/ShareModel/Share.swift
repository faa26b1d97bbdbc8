/// Something the host offers for mounting: a name, a source and wishes (contract section 4). Wishes only: what becomes
/// of them is decided with the guest's policy.
///
/// An object though it never changes: it has eighteen parts, and code that copies them stood wherever a share is handed on. With it and
/// phases and outcomes boxed the daemon became 270 KB smaller.
public final class Share: Hashable, Sendable {
    /// Reading and writing, or reading only.
    public enum Access: String, CaseIterable, Sendable { case rw, ro }
    /// Named sets of tuned options.
    public enum Profile: String, CaseIterable, Sendable { case balanced, throughput, metadata, coherent, constrained }
    /// What a program gets from a server that does not answer.
    public enum Failure: String, CaseIterable, Sendable { case auto, soft, hard }
    /// What the agent does about a share that is lost.
    public enum Recover: String, CaseIterable, Sendable { case wait, remount, force }
    /// When it is attached.
    public enum Attach: String, CaseIterable, Sendable { case auto, manual }
    /// Which access times are kept.
    public enum AccessTime: String, CaseIterable, Sendable { case noatime, relatime, strictatime }

    /// What the mount allows programs to do.
    public struct MountWishes: Hashable, Sendable {
        /// Running programs from it.
        public var exec = true
        /// Honouring set-user-id bits; only the guest's policy can allow it.
        public var suid = false
        /// Honouring device nodes; only the guest's policy can allow it.
        public var dev = false
        /// Access times.
        public var atime = AccessTime.noatime
        /// The safe defaults.
        public init() {}
    }

    /// Who owns the files where the source has no owners of its own (SMB, tmpfs).
    public struct Ownership: Hashable, Sendable {
        /// User id.
        public var uid: Int?
        /// Group id.
        public var gid: Int?
        /// Permission bits of files.
        public var fileMode: Int?
        /// Permission bits of directories.
        public var directoryMode: Int?
        /// Nothing wished.
        public init() {}
    }

    /// The name.
    public let name: ShareName
    /// Where the data is.
    public let source: Source
    /// Wished target; nil: below the policy's default root.
    public let target: Target?
    /// Wished access.
    public let access: Access
    /// Wished profile.
    public let profile: Profile
    /// Wished failure mode.
    public let failure: Failure
    /// Seconds a program waits at most when failure is soft; nil: 45 read-only, 180 read-write.
    public let giveUpSeconds: Int?
    /// Wished keepalive interval in seconds.
    public let keepaliveSeconds: Int?
    /// Wished recovery.
    public let recover: Recover
    /// When to attach.
    public let attach: Attach
    /// Whether `attach` without names fails when this one fails.
    public let required: Bool
    /// Mount wishes.
    public let mount: MountWishes
    /// Ownership wishes.
    public let ownership: Ownership
    /// File-name rules.
    public let names: NamesWish
    /// The name of the credential to ask the host for.
    public let credential: String?
    /// SELinux context of all files.
    public let selinuxContext: String?
    /// Native options of the file system.
    public let options: [String: String]
    /// Labels.
    public let labels: [String: String]

    /// Reads a share. Unknown keys are an error that names the key.
    /// - Throws: `FieldProblem` that names the key.
    public init(_ value: Value, at path: String) throws(FieldProblem) {
        var fields = try Fields(value, at: path)
        let nameText = try fields.requiredText("name")
        name = try Self.placed(fields.path(of: "name")) { () throws(FieldProblem) in try ShareName(validating: nameText) }
        guard let sourceValue = fields.take("source") else { throw FieldProblem(path: fields.path(of: "source"), message: "is missing") }
        source = try Source(sourceValue, at: fields.path(of: "source"))
        if let text = try fields.text("target") {
            target = try Self.placed(fields.path(of: "target")) { () throws(FieldProblem) in try Target(validating: text) }
        } else {
            target = nil
        }
        access = try fields.word("access") ?? .rw
        profile = try fields.word("profile") ?? .balanced
        failure = try fields.word("failure") ?? .auto
        giveUpSeconds = try fields.number("giveUpSeconds", in: Limits.seconds).map(Int.init)
        keepaliveSeconds = try fields.number("keepaliveSeconds", in: Limits.seconds).map(Int.init)
        recover = try fields.word("recover") ?? .wait
        attach = try fields.word("attach") ?? .auto
        required = try fields.truth("required") ?? false
        mount = try MountWishes(try fields.fields("mount"))
        ownership = try Ownership(try fields.fields("ownership"))
        names = try NamesWish(fields.map("names"), at: fields.path(of: "names"))
        credential = try fields.plainText("credential", limit: Limits.textBytes)
        var selinux = try fields.fields("selinux")
        selinuxContext = try selinux?.plainText("context", limit: Limits.textBytes)
        try selinux?.end()
        options = try Self.texts(fields.map("options"), at: fields.path(of: "options"), count: Limits.options)
        labels = try Self.texts(fields.map("labels"), at: fields.path(of: "labels"), count: Limits.labels)
        try fields.end()
    }

    /// Another share in these two points, unchecked.
    init(_ other: Share, target: Target?, options: [String: String]) {
        name = other.name
        source = other.source
        access = other.access
        profile = other.profile
        failure = other.failure
        giveUpSeconds = other.giveUpSeconds
        keepaliveSeconds = other.keepaliveSeconds
        recover = other.recover
        attach = other.attach
        required = other.required
        mount = other.mount
        ownership = other.ownership
        names = other.names
        credential = other.credential
        selinuxContext = other.selinuxContext
        labels = other.labels
        self.target = target
        self.options = options
    }

    /// The seconds of the contract's promise: what is wished, else by access; nil when failure is hard.
    public var patience: Int? {
        failure == .hard ? nil : giveUpSeconds ?? (access == .ro ? 45 : 180)
    }

    /// By all parts.
    public static func == (left: Share, right: Share) -> Bool {
        left === right
            || left.name == right.name && left.source == right.source && left.target == right.target && left.access == right.access
                && left.profile == right.profile && left.failure == right.failure && left.giveUpSeconds == right.giveUpSeconds
                && left.keepaliveSeconds == right.keepaliveSeconds && left.recover == right.recover && left.attach == right.attach
                && left.required == right.required && left.mount == right.mount && left.ownership == right.ownership
                && left.names == right.names && left.credential == right.credential && left.selinuxContext == right.selinuxContext
                && left.options == right.options && left.labels == right.labels
    }

    /// By the name, which nearly always is enough.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(name)
    }
}
