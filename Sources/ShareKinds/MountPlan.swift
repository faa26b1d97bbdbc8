public import ShareModel

/// How a share is to be mounted: everything the worker hands to the kernel, and why. Pure: made from the share, the policy
/// and what is known of the guest; `explain` shows it, the worker carries it out.
public struct MountPlan: Sendable, Equatable {
    /// One way to try; a version walk has several.
    public struct Attempt: Sendable, Equatable {
        /// What tells it from the others, for people: `NFS 4.2`.
        public let label: String
        /// The file system's options, in the order in which the kernel gets them.
        public let options: [TunedOption]
    }

    /// An address the worker has to find out before it can mount.
    public struct AddressNeed: Sendable, Equatable {
        /// Name or address, as the share has it.
        public let server: String
        /// The option that tells the kernel: `addr`, `ip`; nil where the address stands in the source's place.
        public let option: String?
        /// The TCP port of the service.
        public let port: UInt16
        /// What a living service answers to before it knows who asks; empty where only the connection can be tried.
        public let greeting: [UInt8]
        /// What the answer has in it where the service can do what the share wishes; empty where any answer will do.
        public var expected: [UInt8] = []
    }

    /// Whether a secret is part of the mount.
    public enum CredentialNeed: Sendable, Equatable {
        case none
        /// User and password.
        case password
        /// A key that the kernel looks up in the keyring of whoever mounts.
        case key
    }

    /// The share.
    public let share: ShareName
    /// The type of its source.
    public let type: SourceType
    /// The source in the field's spelling, for people.
    public let sourceSpelling: String
    /// Where it goes.
    public let target: Target
    /// The file system as mount(2) is told.
    public let fstype: String
    /// What the mount table says then: `nfs4` for some of `nfs`.
    public let mountedTypes: [String]
    /// The source as mount(2) is told, and as the mount table says then.
    public let source: [UInt8]
    /// Flags of mount(2).
    public let flags: MountFlags
    /// The same flags, each with its reason.
    public let flagOptions: [TunedOption]
    /// The ways to try, in order. Never empty.
    public let attempts: [Attempt]
    /// The addresses to resolve, in the order in which servers are asked; empty where there is none.
    public let addresses: [AddressNeed]
    /// How the source is told where it begins with numeric addresses; nil: `source` as it stands.
    public let addressedSource: AddressedSource?
    /// The program that mounts where the kernel alone cannot; nil: mount(2).
    public let helper: HelperProgram?
    /// The secret to have.
    public let credential: CredentialNeed
    /// Read-ahead to write to the backing device's `read_ahead_kb` after mounting; nil: the kernel's.
    public let readAhead: TunedOption?
    /// Which lines of the kernel's log belong to this mount.
    public let log: LogEvidence
    /// What the share wishes and cannot have, in sentences.
    public let warnings: [String]
    /// Tuned options that the running kernel does not take, so that no attempt has them.
    public let leftOut: [LeftOutOption]
    /// Whether options and type are the kernel's, so that it can be asked about them; a mount helper has words of its own.
    public let isOfKernel: Bool

    /// Whether the kernel's client may take addresses of version 4 only, so that these are tried first: 9p before Linux 6.13
    /// (net/9p/trans_fd.c).
    public var prefersVersion4: Bool { type == .ninep }

    /// The address to resolve first; nil where there is no server.
    public var address: AddressNeed? { addresses.first }

    /// What is known of the guest before planning.
    public struct Facts: Sendable, Equatable {
        /// The block device an image was found on, and the file system libblkid found there.
        public var image: (device: [UInt8], filesystem: String)?
        /// Whether SELinux is there (/sys/fs/selinux); its options are unknown to a kernel without.
        public var hasSELinux = false
        /// What the running kernel has against options, by their spelling; empty where it has nothing or could not be asked.
        public var objections: [String: KernelObjection] = [:]

        /// Nothing known.
        public init() {}

        /// By all that is known.
        public static func == (left: Facts, right: Facts) -> Bool {
            left.image?.device == right.image?.device && left.image?.filesystem == right.image?.filesystem
                && left.hasSELinux == right.hasSELinux && left.objections == right.objections
        }
    }

    /// Plans a share's mount. The policy's refusals (`Policy.refusal(of:)`) are the caller's to ask first.
    /// - Throws: the cause, when the share wishes what its type cannot do, or names an option that is unknown or refused.
    public static func make(_ share: Share, policy: Policy, facts: Facts = Facts()) throws(Cause) -> MountPlan {
        let kind = shareKind(of: share.source)
        var draft = PlanDraft(share: share, policy: policy, facts: facts, natives: kind.natives)
        try kind.plan(&draft)
        try draft.applyNames(of: kind)
        draft.applySELinux()
        return try draft.finished(by: kind)
    }

    /// Whether a line of the mount table can be this plan's mount: type and source fit.
    public func recognizes(fstype: some Sequence<UInt8>, source: some Sequence<UInt8>) -> Bool {
        guard isOfMountedType(fstype) else { return false }
        let seen = Array(source)
        if let addressedSource { return addressedSource.fits(seen, addresses) }
        return Self.trimmed(self.source).elementsEqual(Self.trimmed(seen))
    }

    /// Whether a mount of this type can be this plan's though the mount table has another source: NFS 4 shows the path that the server
    /// leads to from the one it was asked for, through its own symbolic links.
    public func mayBeRenamed(fstype: some Sequence<UInt8>) -> Bool {
        !addresses.isEmpty && isOfMountedType(fstype)
    }

    private func isOfMountedType(_ fstype: some Sequence<UInt8>) -> Bool {
        mountedTypes.contains { $0.utf8.elementsEqual(fstype) }
    }

    /// Whether type and source tell a mount from everybody else's, so that one without a mark can be taken for this share's. Every
    /// tmpfs looks like every other one, a device is anybody's, and an address says nothing about a name.
    public var isTelling: Bool {
        if addressedSource != nil { return addresses.allSatisfy { Address($0.server) != nil } }
        return !addresses.isEmpty || type == .virtiofs || type == .ninep
    }

    /// Without slashes at the end, which the NFS client does not repeat.
    private static func trimmed(_ source: [UInt8]) -> ArraySlice<UInt8> {
        source.prefix(source.count - source.reversed().prefix { $0 == UInt8(ascii: "/") }.count)
    }

    /// The options asked for in an attempt, flags of mount(2) included, as status shows them: a flag has an empty value.
    public func requestedOptions(of attempt: Attempt) -> [String: String] {
        var requested: [String: String] = [:]
        for option in flagOptions + attempt.options + [readAhead].compactMap(\.self) {
            requested[option.name] = option.value ?? ""
        }
        return requested
    }
}
