import Glibc
import LinuxSystem
import ShareKinds
import ShareModel

/// Gives a mount that stands the options of a changed share, without unmounting it.
struct RemountTask {
    let mount: StandingMount
    let share: Share
    let policy: Policy

    func run() throws(Cause) -> WorkerOutcome {
        if let refusal = policy.refusal(of: share) { throw refusal }
        var facts = MountPlan.Facts()
        facts.hasSELinux = fileExists("/sys/fs/selinux/enforce")
        let table = try AttachTask.table(for: share.name)
        guard let entry = table.topmost(at: mount.target.bytes), entry.mountID == UInt64(clamping: mount.mountID) else {
            throw Cause(
                .foreignMount, "share '\(share.name)': what is mounted at \(mount.target) is not its mount any more",
                remedy: ["findmnt \(mount.target.quotedForShell)"])
        }
        if case .image = share.source { facts.image = (entry.source, String(decoding: entry.fstype, as: UTF8.self)) }
        facts.objections = (try? MountPlan.make(share, policy: policy, facts: facts).objections()) ?? [:]
        let old = try MountPlan.make(mount.share, policy: policy, facts: facts)
        let plan = try old.remount(as: try MountPlan.make(share, policy: policy, facts: facts))
        let root = try open()
        // A file system that is writable is made read-only, and writable again, by the mount alone: nothing is flushed or asked.
        let isLocked = entry.superOptions.split(separator: UInt8(ascii: ",")).contains { $0.elementsEqual("ro".utf8) }
        let unlocks = isLocked && !plan.flags.contains(.readOnly)
        guard !unlocks || plan.mayUnlock else {
            throw Cause(.optionRefused, "share '\(share.name)': its file system was mounted read-only and stays so until it is detached")
        }
        let data = plan.options.map { option in option.value.map { "\(option.name)=\($0)" } ?? option.name }.joined(separator: ",")
        if unlocks || !plan.options.isEmpty {
            // Of the whole file system: it keeps what its mount does not have, and what is only the mount's comes after.
            var flags = plan.flags
            if isLocked, !unlocks { flags.insert(.readOnly) } else { flags.remove(.readOnly) }
            try remount(root, flags, of: .fileSystem, data)
        }
        try remount(root, plan.flags, of: .mountAlone, "")
        var warnings: [String] = []
        if let value = plan.readAhead?.number {
            do throws(SystemCallError) {
                try BackingDevice(entry.device).setReadAhead(kibibytes: value)
            } catch {
                warnings.append("read-ahead could not be set: \(error)")
            }
        }
        try requireChanged(plan)
        return .remounted(requestedOptions: plan.requestedOptions, warnings: warnings)
    }

    private func open() throws(Cause) -> OwnedDescriptor {
        do throws(SystemCallError) {
            let root = try TargetWalk.open(mount.target.bytes, below: [UInt8(ascii: "/")], creating: nil)
            if try LinuxSystem.mountID(of: root.rawValue) == UInt64(clamping: mount.mountID) { return root }
        } catch {
            throw Cause(.ioError, "share '\(share.name)': \(mount.target) cannot be opened: \(error)", errno: error.name)
        }
        throw Cause(.foreignMount, "share '\(share.name)': another mount has come between at \(mount.target)")
    }

    private func remount(_ root: borrowing OwnedDescriptor, _ flags: MountFlags, of what: RemountScope, _ data: String) throws(Cause) {
        do throws(SystemCallError) {
            try LinuxSystem.remount(root.rawValue, flags: flags.rawValue, of: what, data: Array(data.utf8))
        } catch {
            if error.errno == EBUSY {
                throw Cause(
                    .targetBusy, "share '\(share.name)': it cannot be made read-only while files on it are open for writing",
                    evidence: Holders.of(mount.target, mountID: UInt64(clamping: mount.mountID), mapped: true).map(\.line),
                    remedy: ["end the programs that write to it: fuser -vm \(mount.target.quotedForShell)"], errno: error.name)
            }
            throw Cause(
                .optionRefused, "share '\(share.name)': the kernel does not remount it: \(error.text)", evidence: ["\(error)"],
                remedy: ["shareagent detach \(share.name) && shareagent attach \(share.name)"], errno: error.name)
        }
    }

    /// What the mount table says counts.
    private func requireChanged(_ plan: MountPlan.Remount) throws(Cause) {
        let entry = try AttachTask.table(for: share.name).entry(id: UInt64(clamping: mount.mountID))
        let isReadOnly = entry?.hasOption("ro") ?? false
        guard isReadOnly == plan.flags.contains(.readOnly) else {
            throw Cause(
                .optionRefused, "share '\(share.name)': the kernel remounted it and left it \(isReadOnly ? "read-only" : "writable")")
        }
    }
}
