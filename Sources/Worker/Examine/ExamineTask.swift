import LinuxSystem
import ShareKinds
import ShareModel

/// Looks into one share from this guest's policy to a file's bytes. What a check finds is told at once, as the next one may hang: then the
/// daemon knows at which. Nothing is mounted or changed.
struct ExamineTask {
    let order: Examination
    /// Root's files.
    let configuration: String

    private var share: Share { order.share }

    /// Tells all it finds, in the order of `Finding.Check`.
    func run() -> WorkerOutcome {
        walk()
        return .examined
    }

    private func walk() {
        var policy = Policy.standard
        let isAllowed = tell(.policy) { () throws(Cause) in
            policy = try WorkerProgram.readPolicy(configuration)
            if let refusal = policy.refusal(of: share) { throw refusal }
            return nil
        }
        guard isAllowed else { return }
        var plan: MountPlan?
        tell(.options) { () throws(Cause) in
            let made = try planned(policy, objections: [:])
            plan = made
            return made.warnings.isEmpty ? nil : made.warnings.joined(separator: "; ")
        }
        if let plan {
            tell(.kernel) { () throws(Cause) in try kernelHas(plan, policy) }
            tell(.target) { () throws(Cause) in try lookAtTarget(policy) }
            SourceCheck(order: order, plan: plan, policy: policy).run()
        }
        guard let mount = order.mount else { return }
        guard tell(.answer, { () throws(Cause) in try ask(mount) }) else { return }
        ReadCheck(mount: mount).run()
    }

    /// The plan; under a view it is one for where only root may go.
    private func planned(_ policy: Policy, objections: [String: KernelObjection]) throws(Cause) -> MountPlan {
        var facts = MountPlan.Facts()
        facts.hasSELinux = fileExists("/sys/fs/selinux/enforce")
        facts.objections = objections
        guard share.namesMeans == .view else { return try MountPlan.make(share, policy: policy, facts: facts) }
        return try MountPlan.make(share.placed(at: share.rawPlace), policy: policy.admittingRawPlaces, facts: facts)
    }

    private func kernelHas(_ plan: MountPlan, _ policy: Policy) throws(Cause) -> String {
        let objections = try plan.objections()
        let plan = objections.isEmpty ? plan : try planned(policy, objections: objections)
        try plan.requireCharset()
        if let helper = plan.helper {
            guard isExecutable(Array(helper.path.utf8)) else { throw plan.helperMissing(helper) }
            return "\(helper.path) is installed"
        }
        let leftOut = plan.leftOut.isEmpty ? "" : "; it does not take \(plan.leftOut.map(\.option.spelling).joined(separator: ", "))"
        return "Linux \(Machine.kernelRelease) has \(plan.fstype == "auto" ? "loop devices and disks" : plan.fstype)\(leftOut)"
    }

    private func lookAtTarget(_ policy: Policy) throws(Cause) -> String {
        let target = policy.target(of: share)
        guard !order.isAttached else { return "\(target)" }
        let directory: TargetDirectory
        do throws(Cause) {
            directory = try TargetDirectory(walkingTo: target, making: false, for: share.name)
        } catch {
            guard error.code == .targetMissing else { throw error }
            return "\(target) will be made"
        }
        if let entry = try AttachTask.table(for: share.name).topmost(at: target.bytes) {
            guard AttachTask.mark(of: entry) != share.name.text else { return "\(target) has it mounted already" }
            throw AttachTask.foreign(entry, at: target, for: share.name)
        }
        try AttachTask.requireEmpty(directory, policy, share.name)
        return "\(target) is there, and empty"
    }

    private func ask(_ mount: StandingMount) throws(Cause) -> String {
        let probe = ProbeTask(share: share.name, target: mount.target, mountID: mount.mountID, readAheadKiB: nil)
        guard case .probed(let latency, _, _, _) = try probe.run() else { return "" }
        return "after \(Self.words(microseconds: latency))"
    }

    /// A check that may fail; whether it has not.
    @discardableResult
    private func tell(_ check: Finding.Check, _ look: () throws(Cause) -> String?) -> Bool {
        do throws(Cause) {
            let note = try look()
            WorkerProgram.tell(Finding(check, .ok, note: note))
            return true
        } catch {
            WorkerProgram.tell(Finding(check, .failed, cause: error))
            return false
        }
    }

    static func words(microseconds: Int64) -> String {
        switch microseconds {
        case ..<1000: "\(microseconds) us"
        case ..<10_000: "\(microseconds / 1000).\(microseconds / 100 % 10) ms"
        default: "\(microseconds / 1000) ms"
        }
    }
}
