public import ShareModel

extension MountPlan {
    /// How a mount that stands becomes what another plan says (mount(2) with MS_REMOUNT).
    public struct Remount: Equatable, Sendable {
        /// All flags that it is to have.
        public let flags: MountFlags
        /// The file system's options that change; empty: it is the mount alone that changes, and the file system is not asked.
        public let options: [TunedOption]
        /// Whether the whole file system has to become writable, where it was mounted read-only.
        public let mayUnlock: Bool
        /// What is asked for from then on.
        public let requestedOptions: [String: String]
        /// The read-ahead to write, where it changes.
        public let readAhead: TunedOption?
    }

    /// How a mount made by this plan is remounted by another one.
    /// - Throws: `option-refused`, with what cannot be changed, where the share has to be detached and attached instead.
    public func remount(as new: MountPlan) throws(Cause) -> Remount {
        func fixed(_ what: String) -> Cause {
            Cause(.optionRefused, "share '\(share)': \(what) cannot be changed while it is mounted on \(target)")
        }
        guard type == new.type, fstype == new.fstype, source == new.source else { throw fixed("its source") }
        guard target == new.target else { throw fixed("its target") }
        guard attempts.map(\.label) == new.attempts.map(\.label) else { throw fixed("its version") }
        guard new.readAhead != nil || readAhead == nil else { throw fixed("its read-ahead") }
        var changed: [TunedOption] = []
        var requested = new.requestedOptions(of: new.attempts[0])
        for (old, new) in zip(attempts, new.attempts) {
            for option in new.options {
                let before = old.options.first { $0.name.hasSameBytes(as: option.name) }
                guard before?.value != option.value || before == nil else { continue }
                if type.remountable.contains(option.name) {
                    changed.append(option)
                } else if option.origin == .standard, before.map({ $0.origin == .standard }) ?? true {
                    // A default that follows from something else is not worth losing the mount for.
                    requested[option.name] = before.map { $0.value ?? "" }
                } else {
                    throw fixed("option '\(option.name)'")
                }
            }
            for option in old.options where !new.options.contains(where: { $0.name.hasSameBytes(as: option.name) }) {
                guard option.origin == .standard else { throw fixed("option '\(option.name)'") }
                requested[option.name] = option.value ?? ""
            }
        }
        return Remount(
            flags: new.flags, options: changed, mayUnlock: type.unlocksByRemount, requestedOptions: requested,
            readAhead: readAhead == new.readAhead ? nil : new.readAhead)
    }
}

extension SourceType {
    /// Options of the file system that the kernel changes under a mount. NFS refuses all of its own (EINVAL, measured on 6.1 and 6.12);
    /// SMB would set what is not named back to its defaults.
    var remountable: Set<String> { self == .tmpfs ? ["size", "nr_inodes"] : [] }

    /// Whether a file system mounted read-only becomes writable by a remount that names no options.
    var unlocksByRemount: Bool {
        switch self {
        case .tmpfs, .image, .nfs, .virtiofs, .ninep: true
        case .smb, .cephfs, .glusterfs: false
        }
    }
}
