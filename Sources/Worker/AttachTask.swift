import LibKeyutils
import LibMount
import LinuxSystem
import ShareKinds
import ShareModel

/// Attaches one share: policy, target, source, mount, and then a look into the mount table, whose word counts.
struct AttachTask {
    let share: Share
    let credential: Credential?
    let attachedTargets: [ShareName: Target]
    let policy: Policy
    /// The mount that the new one takes the place of, once the server answers; nil: none.
    let replacing: StandingMount?

    init(
        share: Share, credential: Credential?, attachedTargets: [ShareName: Target], policy: Policy, replacing: StandingMount? = nil
    ) {
        self.share = share
        self.credential = credential
        self.attachedTargets = attachedTargets
        self.policy = policy
        self.replacing = replacing
    }

    func run() throws(Cause) -> WorkerOutcome {
        if let refusal = policy.refusal(of: share) { throw refusal }
        // Planned once before anything is touched, so that a wrong option costs nothing; an image's plan is not whole yet.
        var facts = MountPlan.Facts()
        facts.hasSELinux = fileExists("/sys/fs/selinux/enforce")
        var plan = try MountPlan.make(share, policy: policy, facts: facts)
        try requireSoundTarget(plan.target)
        if replacing == nil, let adopted = try adoption(plan, facts) { return adopted }
        try requireCredential(plan)

        var image: ImageDevice?
        if case .image(let source) = share.source {
            let found = try ImageDevice.find(source, for: share, attachedTargets: attachedTargets, policy: policy)
            facts.image = (found.path, found.filesystem)
            image = consume found
            plan = try MountPlan.make(share, policy: policy, facts: facts)
        }
        // The running kernel is asked before any server is. Where it has no such file system, mounting tells, after the policy has had
        // its say about the server.
        facts.objections = (try? plan.objections()) ?? [:]
        if !facts.objections.isEmpty { plan = try MountPlan.make(share, policy: policy, facts: facts) }
        try plan.requireCharset()
        let servers = try ServerAddress.reached(by: plan, policy: policy)
        if let old = replacing {
            _ = try DetachTask(share: share.name, target: old.target, mountID: old.mountID, lazy: true).run()
        }
        // Directories are made only now, so that a source that is not there leaves none behind.
        let directory = try TargetDirectory(walkingTo: plan.target, making: true, for: share.name)
        try requireFreeTarget(directory)
        let made: Made
        let note = MountNote(share.name)
        note.write()
        // The one rule known to undo a read-ahead is nfs-common's, and it is for NFS alone; what another does, the next probe puts right.
        let queue = plan.type == .nfs && plan.readAhead != nil ? DeviceManagerQueue() : nil
        do throws(Cause) {
            made = try mount(plan, on: directory, servers: servers)
        } catch {
            note.remove()
            directory.removeIfMade()
            throw error
        }
        // The loop device lets go of itself once nothing holds it; from here on the mount does.
        _ = consume image
        do throws(Cause) {
            return try finish(plan, made, directory, queue)
        } catch {
            note.remove()
            throw error
        }
    }

    /// A target that cannot be used costs no question to a server. One that is missing will be made.
    private func requireSoundTarget(_ target: Target) throws(Cause) {
        do throws(Cause) {
            let directory = try TargetDirectory(walkingTo: target, making: false, for: share.name)
            let table = try Self.table(for: share.name)
            if table.topmost(at: target.bytes) == nil { try requireFreeTarget(directory) }
        } catch {
            if error.code != .targetMissing { throw error }
        }
    }

    private func requireCredential(_ plan: MountPlan) throws(Cause) {
        guard let name = share.credential else { return }
        switch (plan.credential, credential) {
        case (.none, _), (.password, .password), (.key, .key): return
        case (_, nil):
            throw Cause(
                .credentialMissing, "share '\(share.name)': credential '\(name)' was not given by the host",
                remedy: ["give it on the host: credentials in /etc/sharehost/sharehost.yaml"])
        case (let need, _):
            let (wanted, key) = need == .key ? ("key", "keyFile") : ("password", "passwordFile")
            throw Cause(
                .credentialMissing, "share '\(share.name)': credential '\(name)' has no \(wanted)",
                remedy: ["say \(key) for it on the host: credentials in /etc/sharehost/sharehost.yaml"])
        }
    }

    private func requireFreeTarget(_ directory: borrowing TargetDirectory) throws(Cause) {
        try Self.requireEmpty(directory, policy, share.name)
    }

    /// Before it is mounted on, a target must be empty, unless the policy allows otherwise.
    static func requireEmpty(_ directory: borrowing TargetDirectory, _ policy: Policy, _ share: ShareName) throws(Cause) {
        guard !policy.allowNonEmptyTarget else { return }
        let open = try directory.open(for: share)
        do throws(SystemCallError) {
            if try isEmptyDirectory(open.rawValue) { return }
        } catch {
            throw Cause(
                .ioError, "share '\(share)': target \(directory.target) cannot be looked into: \(error)",
                remedy: ["ls -la \(directory.target.quotedForShell)"],
                errno: error.name)
        }
        throw Cause(
            .targetNotEmpty, "share '\(share)': target \(directory.target) is not empty, and mounting would hide what is in it",
            remedy: [
                "look at it: ls -la \(directory.target.quotedForShell)",
                "move it away, choose another target, or set policy.allowNonEmptyTarget: true",
            ])
    }

    /// What was mounted.
    struct Made {
        /// The attempt that succeeded.
        let attempt: MountPlan.Attempt
        /// The mount table right before it, with nothing at the target.
        let before: MountTable
    }

    /// Tries the plan's attempts until one succeeds.
    func mount(_ plan: MountPlan, on directory: borrowing TargetDirectory, servers: [ServerAddress]) throws(Cause) -> Made {
        let source = plan.addressedSource?.source(servers.map { ($0.address, $0.port) }) ?? plan.source
        if let helper = plan.helper {
            return try HelperMount(share: share.name, plan: plan, helper: helper).mount(source, on: directory)
        }
        let server = servers.first
        let key = try CephKeyring.key(for: plan, credential)
        defer { key?.unlink() }
        var evidence = MountEvidence(for: plan)
        var last: Cause?
        for attempt in plan.attempts {
            let data = try plan.data(for: attempt, address: server?.address, credential: credential, key: key?.description)
            let target = try directory.open(for: share.name)
            let before = try Self.tableBeforeMounting(at: directory.target, for: share.name)
            do throws(LibMountError) {
                let context = try MountContext()
                try unsafe data.withBytes { bytes throws(LibMountError) in
                    try unsafe context.mount(
                        fstype: plan.fstype, source: source, target: target.rawValue, flags: plan.flags.rawValue, data: bytes)
                }
            } catch {
                let lines = evidence.lines(errno: error.errno ?? 0, attempt: attempt)
                evidence.endTurn()
                let (cause, goesOn) = explain(error, plan, attempt, server, lines)
                last = Self.merged(last, cause)
                if !goesOn { break }
                continue
            }
            try CephCluster.require(share, at: directory)
            return Made(attempt: attempt, before: before)
        }
        throw last ?? Cause(.internalError, "share '\(share.name)': there is no way to mount it")
    }

    /// The newest cause, with what the attempts before it said as evidence.
    private static func merged(_ earlier: Cause?, _ cause: Cause) -> Cause {
        guard let earlier else { return cause }
        return Cause(cause.code, cause.message, evidence: earlier.evidence + cause.evidence, remedy: cause.remedy, errno: cause.errno)
    }

    private func explain(
        _ error: LibMountError, _ plan: MountPlan, _ attempt: MountPlan.Attempt, _ server: ServerAddress?,
        _ lines: (own: [String], areAll: Bool)
    ) -> (Cause, goesOn: Bool) {
        guard let number = error.errno else {
            return (Cause(.internalError, "share '\(share.name)': \(error)", evidence: lines.own), false)
        }
        var connection = server?.connection
        if let server, let need = plan.address, MountPlan.isVague(errno: number) {
            // What was there before the attempt may be gone now; the newest word counts.
            connection = ServerAddress.probe(server.address, need)?.probe
        }
        let failure = MountFailure(
            errno: number, errnoName: SystemCallError.name(of: number), errnoText: SystemCallError.text(of: number), attempt: attempt.label,
            kernelLog: lines.own, logIsWhole: lines.areAll, connection: connection, address: server?.address.text)
        return (plan.cause(of: failure, source: share.source), plan.isWorthNextAttempt(after: failure))
    }
}

/// Whether a path leads to something. For /sys and /dev only.
func fileExists(_ path: String) -> Bool {
    (try? readFile(Array(path.utf8), limit: 64)) != nil
}
