/// The guest's own rules: root's files in /etc/shareagent. They always win over the host. Pure: the daemon asks before it
/// plans, and the worker asks again before it mounts.
public struct Policy: Equatable, Sendable {
    /// What becomes of a list that drops most of what is attached.
    public enum MassRemoval: String, CaseIterable, Sendable { case confirm, allow }

    /// Targets must lie below one of these.
    public var roots: [Target]
    /// Where a share without a target goes: `<defaultRoot>/<name>`.
    public var defaultRoot: Target
    /// Source types that may be attached; nil: all.
    public var types: [SourceType]?
    /// Servers that may be mounted from: names, addresses or `address/prefix`; nil: all.
    public var servers: [String]?
    /// Whether a target may have entries that the mount would hide.
    public var allowNonEmptyTarget = false
    /// Whether programs on shares may be run where a share wishes it.
    public var allowExec = true
    /// Whether set-user-id bits may be honoured where a share wishes it.
    public var allowSuid = false
    /// Whether device nodes may be honoured where a share wishes it.
    public var allowDev = false
    /// Native options that no share may set.
    public var forbiddenOptions: [String] = []
    /// Native options that win over the share's.
    public var forcedOptions: [String: String] = [:]
    /// SELinux context that wins over the share's.
    public var selinuxContext: String?
    /// Rule for lists that drop most shares.
    public var massRemoval = MassRemoval.confirm
    /// The most shares attached at a time.
    public var maximumShares = 256

    /// The rules of a guest where root has written nothing.
    public static let standard = Policy()

    /// The standard rules.
    public init() {
        roots = ["mnt", "media", "srv"].map(Target.init(single:))
        defaultRoot = Target(single: "mnt")
    }

    /// Where a share goes: what it wishes, else below the default root.
    public func target(of share: Share) -> Target {
        share.target ?? defaultRoot.appending(share.name)
    }

    /// Why this share may not be attached; nil when it may.
    public func refusal(of share: Share) -> Cause? {
        let target = target(of: share)
        let policyFile = "/etc/shareagent/agent.yaml"
        guard roots.contains(where: { target.isBelow($0) }) else {
            let list = roots.map(\.description).joined(separator: ", ")
            return Cause(
                .targetOutsideRoots, "share '\(share.name)': target \(target) is outside the allowed roots (\(list))",
                remedy: ["choose a target below one of them, or add its root to policy.roots in \(policyFile)"])
        }
        if let types, !types.contains(share.source.type) {
            return Cause(
                .sourceRefused, "share '\(share.name)': sources of type \(share.source.type.rawValue) are not allowed in this guest",
                remedy: ["add it to policy.types in \(policyFile)"])
        }
        if let servers,
            let server = share.source.servers.first(where: { server in !servers.contains { ServerRule($0).admits(server) } })
        {
            return Cause(
                .sourceRefused, "share '\(share.name)': server \(server) is not among the servers allowed in this guest",
                remedy: ["add it to policy.servers in \(policyFile)"])
        }
        if share.mount.suid && !allowSuid || share.mount.dev && !allowDev {
            let wish = share.mount.suid && !allowSuid ? "suid" : "dev"
            return Cause(
                .optionRefused, "share '\(share.name)': mount.\(wish) is not allowed in this guest",
                remedy: [
                    "leave mount.\(wish) out of the share, or set policy.allow\(wish == "suid" ? "Suid" : "Dev"): true in \(policyFile)"
                ])
        }
        if let option = share.options.keys.sorted().first(where: forbiddenOptions.contains) {
            return Cause(
                .optionRefused, "share '\(share.name)': option '\(option)' is forbidden in this guest",
                remedy: ["leave it out of the share's options, or out of policy.forbiddenOptions in \(policyFile)"])
        }
        return nil
    }
}

extension Target {
    /// A directory directly below the root; for names known to be sound.
    init(single name: StaticString) {
        self.init(unchecked: Array("/\(name)".utf8))
    }

    /// A share's own place below this one.
    func appending(_ name: ShareName) -> Target {
        Target(unchecked: bytes + [UInt8(ascii: "/")] + Array(name.text.utf8))
    }
}

extension Policy {
    /// The same policy with no forced options.
    public var withoutForcedOptions: Policy {
        var policy = self
        policy.forcedOptions = [:]
        return policy
    }
}
