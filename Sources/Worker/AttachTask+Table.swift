import LibMount
import LinuxSystem
import ShareKinds
import ShareModel

// What the mount table says before and after.
extension AttachTask {
    /// The mount table.
    static func table(for share: ShareName) throws(Cause) -> MountTable {
        do throws(MountTableFailure) {
            return try MountTable.read()
        } catch {
            throw Cause(.internalError, "share '\(share)': the mount table cannot be read: \(error)", remedy: ["cat /proc/self/mountinfo"])
        }
    }

    /// What stands at the target already: nothing, this share, or somebody else's mount.
    /// - Throws: `foreign-mount`, or `already-attached` for another version of this share.
    func adoption(_ plan: MountPlan, _ facts: MountPlan.Facts) throws(Cause) -> WorkerOutcome? {
        guard let entry = try Self.table(for: share.name).topmost(at: plan.target.bytes) else { return nil }
        let mark = Self.mark(of: entry)
        let what = "\(String(printing: entry.fstype)) \(String(printing: entry.source))"
        if let mark, mark != share.name.text {
            throw Self.foreign(entry, at: plan.target, for: share.name, markedAs: mark)
        }
        var plan = plan
        if case .image = share.source, mark != nil {
            var facts = facts
            facts.image = (entry.source, String(decoding: entry.fstype, as: UTF8.self))
            plan = try MountPlan.make(share, policy: policy, facts: facts)
        }
        // Without a mark it is ours only where one of us was ended before it could be written.
        let isMarked = mark != nil || (plan.isTelling && MountNote(share.name).isThere)
        let recognized = isMarked && plan.recognizes(fstype: entry.fstype, source: entry.source)
        if recognized && shortfall(entry, plan) == nil {
            var warnings = plan.warnings
            if mark == nil { warnings += writeMark(plan, entry) }
            let attempt = plan.attempts.first { holds($0, entry) } ?? plan.attempts[0]
            return .attached(
                mountID: Int64(clamping: entry.mountID), requestedOptions: plan.requestedOptions(of: attempt), warnings: warnings)
        }
        if mark == share.name.text {
            throw Cause(
                .alreadyAttached, "share '\(share.name)': target \(plan.target) has it attached from another source or with other rights",
                evidence: ["mount id \(entry.mountID): \(what) (\(String(printing: entry.options)))"],
                remedy: ["shareagent detach \(share.name) && shareagent attach \(share.name)"])
        }
        throw Self.foreign(entry, at: plan.target, for: share.name)
    }

    /// The cause where somebody else's mount, or that of another share, stands at a share's target.
    static func foreign(_ entry: MountEntry, at target: Target, for share: ShareName, markedAs other: String? = nil) -> Cause {
        let word = target.quotedForShell
        return Cause(
            .foreignMount,
            "share '\(share)': \(other.map { "share '\($0)' is attached" } ?? "something else is mounted") at target \(target)",
            evidence: ["mount id \(entry.mountID): \(String(printing: entry.fstype)) \(String(printing: entry.source))"],
            remedy: other == nil
                ? ["findmnt \(word)", "unmount it if it is not needed: umount \(word)", "or choose another target"]
                : ["give the two shares different targets"])
    }

    /// The cause where something was mounted over a share.
    static func covered(_ target: Target, _ table: MountTable, for share: ShareName) -> Cause {
        let word = target.quotedForShell
        return Cause(
            .foreignMount, "share '\(share)': something else is mounted over it at \(target)",
            evidence: table.entries(at: target.bytes).map {
                "mount id \($0.mountID): \(String(printing: $0.fstype)) \(String(printing: $0.source))"
            },
            remedy: ["findmnt \(word)", "unmount first what was mounted last: umount \(word)"])
    }

    /// The mount table right before mounting: since the first look at the target servers were asked and a turn or a helper was waited for.
    /// - Throws: `foreign-mount` where another program has mounted something there meanwhile.
    static func tableBeforeMounting(at target: Target, for share: ShareName) throws(Cause) -> MountTable {
        let table = try table(for: share)
        if let entry = table.topmost(at: target.bytes) { throw foreign(entry, at: target, for: share) }
        return table
    }

    /// Whether the mount at the target is the one that was just made: it was not there before, and it has the expected source, or one
    /// that a server can have made of it.
    static func isMade(_ entry: MountEntry, _ plan: MountPlan, before: MountTable) -> Bool {
        before.entry(id: entry.mountID) == nil
            && (plan.recognizes(fstype: entry.fstype, source: entry.source) || plan.mayBeRenamed(fstype: entry.fstype))
    }

    /// Whether a mount is this share's: by its source, or by the share's mark where a server calls the source otherwise.
    static func isOurs(_ entry: MountEntry, _ plan: MountPlan) -> Bool {
        plan.recognizes(fstype: entry.fstype, source: entry.source)
            || plan.mayBeRenamed(fstype: entry.fstype) && mark(of: entry) == plan.share.text
    }

    /// Whether an attempt's version is the one in force.
    private func holds(_ attempt: MountPlan.Attempt, _ entry: MountEntry) -> Bool {
        guard let version = attempt.options.first(where: { $0.name == "vers" })?.spelling else { return true }
        return entry.superOptions.split(separator: UInt8(ascii: ",")).contains { $0.elementsEqual(version.utf8) }
    }

    /// What a mount lacks of the plan's protection; nil when nothing.
    func shortfall(_ entry: MountEntry, _ plan: MountPlan) -> String? {
        if plan.flags.contains(.noSetUserID), !entry.hasOption("nosuid") { return "nosuid" }
        if plan.flags.contains(.noDevices), !entry.hasOption("nodev") { return "nodev" }
        if plan.flags.contains(.noExecution), !entry.hasOption("noexec") { return "noexec" }
        if plan.flags.contains(.readOnly), !entry.hasOption("ro") { return "ro" }
        if plan.encryptionShortfall(superOptions: entry.superOptions) != nil { return "xprtsec" }
        return nil
    }

    /// Success is what the mount table says: the expected source and type under a new mount id, with the expected protection.
    func finish(
        _ plan: MountPlan, _ made: Made, _ directory: borrowing TargetDirectory, _ queue: borrowing DeviceManagerQueue?
    ) throws(Cause) -> WorkerOutcome {
        let table = try Self.table(for: share.name)
        let entry = table.topmost(at: plan.target.bytes)
        guard let entry, Self.isMade(entry, plan, before: made.before) else {
            let seen = entry.map { "\(String(printing: $0.fstype)) \(String(printing: $0.source))" } ?? "nothing"
            // Whatever stands there is not known as ours, so it is left alone.
            throw Cause(
                .foreignMount, "share '\(share.name)': after mounting, something else stands at target \(plan.target)",
                evidence: ["seen: \(seen)"],
                remedy: ["findmnt \(plan.target.quotedForShell)"])
        }
        let twin = table.entries.first { $0.device == entry.device && $0.mountID != entry.mountID }
        let isRenamed = !plan.recognizes(fstype: entry.fstype, source: entry.source)
        if let cause = plan.encryptionShortfall(superOptions: entry.superOptions)
            ?? (isRenamed ? twin.flatMap { plan.otherName(source: entry.source, twin: $0.target) } : nil)
        {
            try? directory.unmount(lazily: true)
            directory.removeIfMade()
            throw cause
        }
        if let lacking = shortfall(entry, plan) {
            let undone = (try? directory.unmount(lazily: true)) != nil
            throw Cause(
                .internalError, "share '\(share.name)': the kernel did not honour \(lacking), so the mount was undone",
                evidence: [
                    "mount id \(entry.mountID): \(String(printing: entry.options))", undone ? "unmounted again" : "unmounting failed",
                ],
                remedy: ["report this with the kernel's version: uname -r"])
        }
        var warnings = plan.warnings + writeMark(plan, entry) + keepaliveShortfall(entry)
        if isRenamed { warnings.append("the server calls it \(String(printing: entry.source))") }
        if let twin {
            warnings.append(
                "the kernel shows the same file system here as at \(String(printing: twin.target)): the options of the first mount are in force"
            )
        }
        if let wished = plan.readAhead?.number {
            // No new device, no event of it.
            if twin != nil {
                warnings += ReadAhead(of: entry).keep(wished, after: nil)
            } else {
                warnings += ReadAhead(of: entry).keep(wished, after: queue)
            }
        }
        return .attached(
            mountID: Int64(clamping: entry.mountID), requestedOptions: plan.requestedOptions(of: made.attempt), warnings: warnings)
    }

    private func writeMark(_ plan: MountPlan, _ entry: MountEntry) -> [String] {
        do throws(LibMountError) {
            try MountMark.write(
                share: share.name.text, fstype: String(decoding: entry.fstype, as: UTF8.self), source: entry.source,
                target: plan.target.bytes)
            MountNote(share.name).remove()
            return []
        } catch {
            return ["the mount could not be marked in /run/mount/utab (\(error)); after a restart it is known by its source alone"]
        }
    }

    /// A wished keepalive that is not in force, with what would change that; nothing where it is.
    private func keepaliveShortfall(_ entry: MountEntry) -> [String] {
        guard let wished = share.keepaliveSeconds, case .nfs = share.source else { return [] }
        let lease = (try? NFSMountFacts.read(target: entry.target))?.leaseSeconds
        return MountPlan.keepaliveShortfall(wished: wished, leaseSeconds: lease, kernel: Machine.kernelRelease).map { [$0] } ?? []
    }

    /// The share whose mark a mount bears; nil where it bears none.
    static func mark(of entry: MountEntry) -> String? {
        (try? MountMark.share(ofMount: entry.mountID)) ?? nil
    }
}
