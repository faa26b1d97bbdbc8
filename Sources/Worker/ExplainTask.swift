import LinuxSystem
import ShareKinds
import ShareModel

/// Explains one share: the plan as this guest's policy and kernel make it, and what the kernel says about the mount there is. It asks the
/// kernel alone, no server and no share, and changes nothing.
struct ExplainTask {
    let share: Share
    /// The mount to read back; nil: the one that stands at the target and bears this share's mark.
    let mountID: Int64?
    let attachedTargets: [ShareName: Target]
    let policy: Policy

    func run() throws(Cause) -> WorkerOutcome {
        var refusal = policy.refusal(of: share)
        var facts = MountPlan.Facts()
        facts.hasSELinux = fileExists("/sys/fs/selinux/enforce")
        let table = try AttachTask.table(for: share.name)
        let entry = mounted(in: table)
        if case .image = share.source, let entry { facts.image = (entry.source, String(decoding: entry.fstype, as: UTF8.self)) }
        var plan: MountPlan?
        do throws(Cause) {
            let first = try MountPlan.make(share, policy: policy, facts: facts)
            plan = first
            facts.objections = try first.objections()
            if !facts.objections.isEmpty { plan = try MountPlan.make(share, policy: policy, facts: facts) }
        } catch {
            refusal = refusal ?? error
            // As far as it goes: without the words that are refused.
            if plan == nil { plan = try? MountPlan.make(share.withoutOptions, policy: policy.withoutForcedOptions, facts: facts) }
        }
        guard let plan else {
            var told = Explanation(
                name: share.name.text, type: share.source.type.rawValue, source: share.source.spelling,
                target: policy.target(of: share).description, profile: share.profile.rawValue)
            told.cause = refusal
            return .explained(told)
        }
        let recognized = entry.flatMap { AttachTask.isOurs($0, plan) ? $0 : nil }
        var place: Target?
        if case .image(let image) = share.source, case .file(let foundation, _) = image.location { place = attachedTargets[foundation] }
        var told = plan.explanation(of: share, readBack: recognized.map { readBack($0, plan) }, place: place)
        told.mountID = recognized.map { Int64(clamping: $0.mountID) }
        if case .image = share.source, recognized == nil {
            told.warnings.append("what the image holds, and with it the options of its file system, is known only when it is attached")
        }
        told.cause = refusal
        return .explained(told)
    }

    private func mounted(in table: MountTable) -> MountEntry? {
        if let mountID { return table.entry(id: UInt64(clamping: mountID)) }
        guard let entry = table.topmost(at: policy.target(of: share).bytes), isMarkedOurs(entry) else { return nil }
        return entry
    }

    private func isMarkedOurs(_ entry: MountEntry) -> Bool {
        AttachTask.mark(of: entry) == share.name.text
    }

    private func readBack(_ entry: MountEntry, _ plan: MountPlan) -> ReadBack {
        var back = ReadBack(options: Self.options(entry.superOptions, entry.options), kernel: Machine.kernelRelease)
        back.readAheadKiB = ReadAhead(of: entry).kibibytes
        switch plan.type {
        case .nfs:
            if let facts = try? NFSMountFacts.read(target: entry.target) {
                back.options.merge(Self.options(facts.options)) { old, _ in old }
                back.leaseSeconds = facts.leaseSeconds
                back.connections = facts.connections
            }
        case .smb:
            if let found = try? SMBConnection.read(share: entry.source) {
                back.smb = ReadBack.SMBState(
                    dialect: found.dialect, isSigned: found.isSigned, isEncrypted: found.isEncrypted, channels: found.channels,
                    isOwnSocket: found.isOwnSocket)
            }
        default: break
        }
        return back
    }

    /// Option fields as one mapping; what the mount itself says wins over what its file system says.
    static func options(_ fields: [UInt8]...) -> [String: String] {
        var options: [String: String] = [:]
        for field in fields {
            for option in field.split(separator: UInt8(ascii: ",")) {
                let parts = option.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
                options[String(printing: parts[0])] = parts.count > 1 ? String(printing: parts[1]) : ""
            }
        }
        if options["ro"] != nil { options["rw"] = nil }
        return options
    }
}
