/// Something the host offers for mounting: a name, a source and wishes (contract section 4). Wishes only: what becomes
/// of them is decided with the guest's policy.
public struct Share: Hashable, Sendable {
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

    /// The seconds of the contract's promise: what is wished, else by access; nil when failure is hard.
    public var patience: Int? {
        failure == .hard ? nil : giveUpSeconds ?? (access == .ro ? 45 : 180)
    }
}
