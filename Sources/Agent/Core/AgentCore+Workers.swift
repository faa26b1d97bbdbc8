internal import Reconciler
internal import ShareModel
internal import ShareWire

// Steps become workers, and what came of them goes back to the lives.
extension AgentCore {
    /// Deadlines of workers in milliseconds, from what hung and healthy servers were seen to need: a mount of a silent NFS server
    /// gives up by itself only after minutes, so it is ended here.
    enum Deadline {
        static let attachMs: Int64 = 20_000
        static let detachMs: Int64 = 8_000
    }

    func begin(_ step: Step, _ now: Clock) {
        switch step {
        case .attach(let name): beginAttach(name, now)
        case .detach(let name, let lazy):
            guard let attachment = offers[name]?.attachment else { return }
            let isToBeMountedAnew = offers[name]?.isToBeMountedAnew ?? false
            let worker = workers.add(name, .detach, deadlineMs: Deadline.detachMs)
            offers.with(name) { $0.detachBegan(worker, now: now) }
            let request: WorkerRequest =
                isToBeMountedAnew
                ? .change(attachment.mount, .retire)
                : .detach(name, attachment.place, mountID: attachment.mountID, lazy: lazy, view: attachment.view?.view)
            actions.append(.launch(worker, request, deadlineMs: Deadline.detachMs))
        case .probe(let name):
            guard let attachment = offers[name]?.attachment else { return }
            let worker = workers.add(name, .probe, deadlineMs: configuration.probeDeadlineMs)
            offers.with(name) { $0.probeBegan(worker) }
            let readAhead = attachment.requestedOptions["read_ahead_kb"].flatMap { Int64($0) }
            let request = WorkerRequest.probe(
                name, attachment.place, mountID: attachment.mountID, readAheadKiB: readAhead, view: attachment.view?.viewToProbe)
            actions.append(.launch(worker, request, deadlineMs: configuration.probeDeadlineMs))
        case .remount(let name), .endWaiting(let name), .replace(let name), .lay(let name): beginChange(step, of: name)
        }
    }

    func beginAttach(_ name: ShareName, _ now: Clock) {
        guard let share = offers[name]?.share else { return }
        guard let credential = share.credential else { return launchAttach(share, nil, now) }
        offers.with(name) { $0.attachBegan(nil, now: now) }
        let params = Value.object(["share": .string(name.text), "credential": .string(credential)])
        guard let token = ask(.credentialsGet, params, now) else {
            let cause = Cause(
                .credentialMissing, "share '\(name)': its credential '\(credential)' cannot be asked for", evidence: [ShareLife.hostAbsent],
                remedy: ["shareagent status   # tells how the channel to the host is"])
            attachEnded(name, .failed(cause), now)
            return
        }
        credentialAsked[token] = name
    }

    func credentialAnswered(_ name: ShareName, _ answer: Result<Value, RPCError>, _ now: Clock) {
        guard let life = offers[name], case .attaching(let attempt) = life.phase, attempt.worker == nil else { return }
        // Who is offered otherwise by now may be another server: the secret of the one before is not shown to it.
        guard attempt.share == life.share else { return beginAttach(name, now) }
        switch answer {
        case .success(let value):
            do {
                launchAttach(life.share, try Credential(value, at: "credential"), now)
            } catch {
                let cause = Cause(
                    .credentialMissing, "share '\(name)': the host's answer is no credential", evidence: [error.sentence],
                    remedy: ["look at the credential of this share in the host's configuration"])
                attachEnded(name, .failed(cause), now)
            }
        case .failure(let error):
            let isAbsent = [RPCError.noSession, RPCError.timeout, RPCError.busy].contains(error.code)
            let cause = Cause(
                .credentialMissing, "share '\(name)': the host gives no credential '\(life.share.credential ?? "")': \(error.message)",
                evidence: isAbsent ? [ShareLife.hostAbsent] : [],
                remedy: error.cause?.remedy ?? ["add it to credentials in the host's configuration"])
            attachEnded(name, .failed(cause), now)
        }
    }

    func launchAttach(_ share: Share, _ credential: Credential?, _ now: Clock) {
        if let credential {
            switch credentials.judge(credential, for: share) {
            case .try: break
            case .hold: return
            case .rejected(let code): return attachEnded(share.name, .failed(Self.rejectedBefore(share, code)), now)
            }
        }
        let worker = workers.add(share.name, .attach, deadlineMs: Deadline.attachMs)
        if let credential { credentials.tries(credential, for: share, worker) }
        offers.with(share.name) { $0.attachBegan(worker, now: now) }
        var targets: [ShareName: Target] = [:]
        if let foundation = offers[share.name]?.foundation { targets[foundation] = offers[foundation]?.attachment?.place }
        actions.append(.launch(worker, .attach(share, credential, attachedTargets: targets), deadlineMs: Deadline.attachMs))
    }

    func workerOverdue(_ id: WorkerID, _ now: Clock) {
        guard let entry = workers[id] else { return }
        workers.isOverdue(id)
        if entry.errand == .bench { return benchOverdue(id, entry) }
        if entry.errand == .examine { return examinationOverdue(id, entry, now) }
        guard entry.errand == .probe else { return }
        if askingViews.contains(id) {
            offers.with(entry.share) { $0.viewOverdue(id, limits: healthLimits, now: now) }
            return
        }
        let cause = Self.stalled(offers[entry.share], deadlineMs: entry.deadlineMs)
        offers.with(entry.share) { $0.probeOverdue(id, cause, limits: healthLimits, now: now) }
    }

    func workerStuck(_ id: WorkerID, _ now: Clock) {
        guard let entry = workers[id] else { return }
        workers.isStuck(id)
        switch entry.errand {
        case .attach, .detach, .lay: break
        case .probe, .explain, .examine, .remount, .endWaiting, .replace, .bench, .sweep, .renew: return
        }
        if entry.errand == .attach { attemptEnded(id, nil, now) }
        let (jitter, cause) = (random.next(), timedOut(entry))
        offers.with(entry.share) { $0.workerStuck(id, cause, now: now, jitter: jitter) }
    }

    func workerEnded(_ id: WorkerID, _ outcome: WorkerOutcome?, _ now: Clock) {
        guard let entry = workers.remove(id) else { return }
        askingViews.remove(id)
        if offers[entry.share]?.quarantine == id {
            offers.with(entry.share) { $0.stuckWorkerEnded(id, outcome, observed: observed, now: now) }
            keepMounts()
            return
        }
        var told = outcome ?? .failed(entry.isOverdue ? timedOut(entry) : Self.died(entry))
        switch entry.errand {
        case .attach:
            attachEnded(entry.share, told, now)
            attemptEnded(id, told, now)
        case .renew: renewalEnded(id, entry.share, told)
        case .detach:
            let jitter = random.next()
            offers.with(entry.share) { $0.detachEnded(told, now: now, jitter: jitter) }
            keepMounts()
        case .remount, .endWaiting, .replace, .lay: changeEnded(entry, told, now)
        case .explain: explained(id, entry.share, outcome ?? .failed(entry.isOverdue ? timedOut(entry) : Self.died(entry)), now)
        case .probe:
            tellReadAhead(entry.share, told)
            told = probedWithOldPassword(entry.share, told)
            offers.with(entry.share) { life in
                life.probeEnded(id, entry.isOverdue ? outcome : told, wasOverdue: entry.isOverdue, limits: healthLimits, now: now)
            }
        case .examine: examinationEnded(id, entry, outcome, now)
        case .bench: benchEnded(id, entry, outcome, now)
        case .sweep: if case .failed(let cause) = told { log(cause.message) }
        }
    }

    func attachEnded(_ name: ShareName, _ outcome: WorkerOutcome, _ now: Clock) {
        let jitter = random.next()
        offers.with(name) { $0.attachEnded(outcome, observed: observed, now: now, jitter: jitter) }
        if case .attached(_, _, let warnings, _) = outcome {
            for warning in warnings { log("share '\(name)': \(warning)") }
            keepMounts()
        }
    }

    /// Says once for each mount that something had changed its read-ahead.
    private func tellReadAhead(_ name: ShareName, _ outcome: WorkerOutcome) {
        guard case .probed(_, _, let was?, _) = outcome, let attachment = offers[name]?.attachment else { return }
        let wanted = attachment.requestedOptions["read_ahead_kb"] ?? ""
        readAheadTold.formIntersection(offers.lives.compactMap { $0.attachment?.mountID })
        guard readAheadTold.insert(attachment.mountID).inserted else { return }
        log("share '\(name)': something had set its read-ahead to \(was) KiB; it has \(wanted) again, and keeps it")
    }

    static func stalled(_ life: ShareLife?, deadlineMs: Int64) -> Cause {
        let name = life?.share.name.text ?? ""
        let target = life?.attachment?.target.description ?? ""
        let (code, remedy): (CauseCode, [String]) =
            switch life?.share.source.type {
            case .virtiofs:
                (.transportStalled, ["on the host: see that the share's virtiofsd is running and not stopped (ps, kill -CONT)"])
            case .ninep:
                (.transportStalled, ["see that who serves it is running: QEMU itself for a share by tag, else the 9p server (diod)"])
            case .nfs, .smb, .cephfs, .glusterfs:
                (.serverStoppedAnswering, ["see that the server is up and reachable; the share recovers by itself"])
            case .tmpfs, .image, nil: (.transportStalled, ["see the kernel's log: journalctl -k"])
            }
        var evidence = ["a probe worker did not come back by its deadline"]
        if let share = life?.attachment?.share, share.failure != .hard, [.virtiofs, .ninep].contains(share.source.type) {
            evidence.append(
                "giveUpSeconds cannot be kept: programs wait in the kernel until the host answers, and only killing them ends that")
        }
        return Cause(
            code, "share '\(name)': \(target) did not answer within \(deadlineMs) ms", evidence: evidence, remedy: remedy)
    }

    func timedOut(_ entry: WorkerLedger.Entry) -> Cause {
        let doing =
            switch entry.errand {
            case .attach, .replace: "mounting it"
            case .lay: "laying the view of its names"
            case .detach: "unmounting it"
            case .probe: "asking it"
            case .explain: "explaining it"
            case .examine: "looking into it"
            case .remount: "remounting it"
            case .endWaiting: "ending the waits on it"
            case .bench: "measuring it"
            case .sweep: "clearing up after measuring it"
            case .renew: "giving it a new password"
            }
        var remedy =
            entry.errand == .detach
            ? ["shareagent detach --lazy \(entry.share)"]
            : ["see that the server answers; shareagent status \(entry.share) shows when it is tried again"]
        var evidence: [String] = []
        // The kernel tries again without end; nothing that it says or logs tells this from a silent server.
        if entry.errand == .attach, case .nfs(let nfs) = offers[entry.share]?.share.source, nfs.transport != .tcp {
            evidence = ["a server that offers TLS and cannot begin it, as one without a certificate, looks like this"]
            remedy.insert("on the server: journalctl -u tlshd   # it needs a certificate and a key in /etc/tlshd.conf", at: 0)
        }
        return Cause(
            .mountTimeout, "share '\(entry.share)': \(doing) took longer than \(entry.deadlineMs / 1000) s", evidence: evidence,
            remedy: remedy)
    }

    static func died(_ entry: WorkerLedger.Entry) -> Cause {
        Cause(
            .internalError, "share '\(entry.share)': its worker ended without an answer",
            remedy: ["journalctl -u shareagent   # says how it ended; please report it"])
    }
}
