public import ShareModel

// What came of a step, and what the mount table says.
extension ShareLife {
    /// An attach began: first without a worker while the credential is on its way, then with one.
    public mutating func attachBegan(_ worker: WorkerID?, now: Clock) {
        var before: Cause?
        if case .attaching(let attempt) = phase, attempt.worker == nil {
            before = attempt.before  // the same try, with its credential
        } else {
            attempts += 1
            if case .failed(let cause, _) = phase { before = cause }
        }
        phase = .attaching(AttachTry(worker: worker, share: share, target: target, before: before))
        settle(now)
    }

    /// An attach worker has answered. Its word alone counts for nothing: the mount table must show the mount.
    public mutating func attachEnded(_ outcome: WorkerOutcome, observed: ObservedState, now: Clock, jitter: UInt64) {
        guard case .attaching(let attempt) = phase else { return }
        switch outcome {
        case .attached(let mountID, let options, _, let view):
            let place = view == nil ? attempt.target : attempt.share.rawPlace
            guard let mount = observed[mountID], mount.target == place.bytes else {
                let cause = Cause(
                    .internalError, "share '\(share.name)': the mount on \(place) succeeded, but the mount table does not show it",
                    evidence: ["mount id \(mountID) is not in /proc/self/mountinfo"],
                    remedy: ["shareagent attach \(share.name)   # and look for whoever unmounts below \(target)"])
                failed(cause, now: now, jitter: jitter)
                break
            }
            attached(mount, as: attempt.share, at: attempt.target, requestedOptions: options, view: view, now: now)
        case .failed(let cause) where attempt.share != share || attempt.target != target:
            // It was about the share as it was; what is offered now has not been tried.
            phase = .failed(cause, retryAt: now.moment)
        case .failed(let cause):
            failed(cause, now: now, jitter: jitter)
        case .detached, .probed, .explained, .examined, .laid, .remounted, .waitingEnded, .benched, .swept, .renewed:
            failed(Cause(.internalError, "share '\(share.name)': the worker answered something else than asked"), now: now, jitter: jitter)
        }
        settle(now)
    }

    /// A mount of this share that stands already, from before the agent started; `share` is how it was offered when it was mounted.
    public mutating func adopted(
        _ mount: ObservedMount, of share: Share, at target: Target, requestedOptions: [String: String], view: StandingView? = nil,
        now: Clock
    ) {
        switch phase {
        case .offered, .refused, .failed, .detached: break
        case .attaching, .attached, .detaching: return
        }
        phase = .attached(
            Attachment(share: share, target: target, mount: mount, requestedOptions: requestedOptions, view: view, now: now.moment))
        settle(now)
    }

    /// The worker of an attach or detach outlived SIGKILL.
    public mutating func workerStuck(_ worker: WorkerID, _ cause: Cause, now: Clock, jitter: UInt64) {
        switch phase {
        case .attaching(let attempt) where attempt.worker == worker:
            quarantine = worker
            stuckTry = attempt
            failed(cause, now: now, jitter: jitter)
        case .detaching(worker, var attachment):
            quarantine = worker
            if attachment.hasVanished {
                isDetached()
            } else {
                attachment.detachFailure = cause
                attachment.nextDetach = RetryPolicy.pause(after: .targetNotEmpty, failures: 1, jitter: jitter).map { now.moment + $0 }
                // One worker that hangs for a wish is enough; whoever asks again gets another.
                if case .detached = wish { wish = .unchanged }
                phase = .attached(attachment)
            }
        case .attached(var attachment) where attachment.worker == worker:
            quarantine = worker
            attachment.worker = nil
            phase = .attached(attachment)
        default: return
        }
        settle(now)
    }

    /// A stuck worker has ended after all.
    public mutating func stuckWorkerEnded(_ worker: WorkerID, _ outcome: WorkerOutcome?, observed: ObservedState, now: Clock) {
        guard quarantine == worker else { return }
        let attempt = stuckTry
        (quarantine, stuckTry) = (nil, nil)
        if case .attached(let mountID, let options, _, let view) = outcome, case .failed = phase, let attempt,
            let mount = observed[mountID],
            mount.target == (view == nil ? attempt.target : attempt.share.rawPlace).bytes
        {
            attached(mount, as: attempt.share, at: attempt.target, requestedOptions: options, view: view, now: now)
        } else if case .failed(let cause, _) = phase {
            phase = .failed(cause, retryAt: now.moment)
        }
        settle(now)
    }

    /// A detach began.
    public mutating func detachBegan(_ worker: WorkerID, now: Clock) {
        guard case .attached(let attachment) = phase else { return }
        phase = .detaching(worker, attachment)
        settle(now)
    }

    /// A detach worker has answered.
    public mutating func detachEnded(_ outcome: WorkerOutcome, now: Clock, jitter: UInt64) {
        guard case .detaching(_, var attachment) = phase else { return }
        // A worker may be ended between the unmount and its word: the kernel first takes a mount off its table, then waits for the server.
        var isGone = attachment.hasVanished
        if case .detached = outcome { isGone = true }
        if isGone {
            // A probe still stuck in the share just left keeps the next mount of it away: the kernel would hand out the dead one again.
            quarantine = attachment.probe ?? quarantine
            isDetached()
        } else {
            var cause = Cause(.internalError, "share '\(share.name)': the worker answered something else than asked")
            if case .failed(let told) = outcome { cause = told }
            // The worker took the view down before it met what kept the share: it comes back.
            if attachment.view?.state == .gone { attachment.view?.wanted(attachment.share, at: attachment.target, now: now.moment) }
            attachment.detachFailure = change(attachment) == .anew ? Self.kept(cause) : cause
            attachment.nextDetach = RetryPolicy.pause(after: .targetNotEmpty, failures: 1, jitter: jitter).map { now.moment + $0 }
            // Like umount(8): a detach that somebody asked for is tried once, and the share stays as it was.
            if case .detached = wish { wish = .unchanged }
            phase = .attached(attachment)
        }
        settle(now)
    }

    /// A probe began.
    public mutating func probeBegan(_ worker: WorkerID) {
        guard case .attached(var attachment) = phase else { return }
        attachment.probe = worker
        phase = .attached(attachment)
    }

    /// A probe did not come back by its deadline; its worker may be stuck, and stays the only one.
    public mutating func probeOverdue(_ worker: WorkerID, _ cause: Cause, limits: HealthRecord.Limits, now: Clock) {
        changeAttachment { attachment in
            guard attachment.probe == worker else { return }
            attachment.record.missed(cause, now: now.moment, limits: limits)
        }
        settle(now)
    }

    /// A probe's worker has ended; `outcome` is nil where it was ended without an answer.
    public mutating func probeEnded(
        _ worker: WorkerID, _ outcome: WorkerOutcome?, wasOverdue: Bool, limits: HealthRecord.Limits, now: Clock
    ) {
        changeAttachment { attachment in
            guard attachment.probe == worker else { return }
            attachment.probe = nil
            switch outcome {
            case .probed(let latency, let capacity, _, let view) where !wasOverdue:
                attachment.record.answered(latencyMicroseconds: latency, capacity, now: now, limits: limits)
                if let cause = view?.cause {
                    attachment.view?.ended(cause, now: now.moment, jitter: 20)
                } else if let view {
                    attachment.view?.answered(names: view.names)
                }
                attachment.waitEnd = .none
                attachment.deviceReturned = false
            case .failed where !wasOverdue && attachment.waitEnd.cause != nil && attachment.record.silentSince != nil:
                // The error is the agent's own doing: it ended this wait with the others.
                if let cause = attachment.record.cause { attachment.record.missed(cause, now: now.moment, limits: limits) }
            case .failed(let cause) where !wasOverdue: attachment.record.failed(cause, now: now.moment, limits: limits)
            case .probed: attachment.record.probeSoon(now: now.moment)  // late, but it came: the share answers again
            default: break  // killed at its deadline: `missed` has set when to ask again
            }
        }
        settle(now)
    }

    /// The mount table has changed.
    public mutating func observe(_ observed: ObservedState, now: Clock) {
        changeAttachment { attachment in
            let top = observed.top(at: attachment.place)
            // While a worker changes it, its word is waited for.
            if let view = attachment.view, attachment.worker == nil {
                attachment.view?.observe(observed[view.view.mountID], top: observed.top(at: attachment.target))
            }
            if let own = observed[attachment.mountID], attachment.isOwn(own) {
                attachment.effectiveOptions = own.options
                attachment.presence = top?.mountID == own.mountID ? .present : Self.foreign(top)
                attachment.isWantedBack = false
            } else {
                attachment.hasVanished = true
                attachment.presence = top == nil ? .gone : Self.foreign(top)
            }
        }
        // Who waited for a target that was taken need not wait longer.
        if case .failed(let cause, _) = phase, cause.code == .foreignMount, observed.top(at: target) == nil {
            phase = .failed(cause, retryAt: now.moment)
        }
        if case .attached(var attachment) = phase, attachment.view?.state == .gone, share.recover != .wait, !remountedOnce, !isWithdrawn,
            attachment.worker == nil, !isToBeDetached, attachment.presence != .gone
        {
            remountedOnce = true
            attachment.view?.wanted(attachment.share, at: attachment.target, now: now.moment)
            phase = .attached(attachment)
        }
        settle(now)
    }

    /// A share that somebody else has unmounted is let go once nothing of ours is in it: whatever ended is the moment to look.
    mutating func letGoOfGone() {
        guard case .attached(let attachment) = phase, attachment.hasVanished, attachment.probe == nil, attachment.worker == nil else {
            return
        }
        if isToBeDetached || isWithdrawn {
            isDetached()
        } else if attachment.isWantedBack || (attachment.presence == .gone && share.recover != .wait && !remountedOnce) {
            // By itself only once: whoever unmounts it again means it.
            if !attachment.isWantedBack { remountedOnce = true }
            phase = .offered
            attempts = 0
        }
    }

    private static func foreign(_ mount: ObservedMount?) -> Attachment.Presence {
        guard let mount else { return .gone }
        return .foreign(source: String(printing: mount.source), fstype: mount.fstype.printable)
    }

    /// - Parameter asked: the share as the worker was sent to mount it.
    mutating func attached(
        _ mount: ObservedMount, as asked: Share, at target: Target, requestedOptions: [String: String], view: StandingView? = nil,
        now: Clock
    ) {
        attempts = 0
        phase = .attached(
            Attachment(share: asked, target: target, mount: mount, requestedOptions: requestedOptions, view: view, now: now.moment))
    }

    mutating func failed(_ cause: Cause, now: Clock, jitter: UInt64) {
        if cause.code.isRefusal {
            phase = .refused(cause)
        } else {
            let pause = RetryPolicy.pause(after: cause.code, failures: attempts, jitter: jitter)
            phase = .failed(cause, retryAt: pause.map { now.moment + $0 })
        }
    }

    /// What follows an unmount: a share that is still wanted is offered again, so that a changed one is mounted anew.
    private mutating func isDetached() {
        if case .detached = wish { phase = .detached } else { phase = isWithdrawn ? .detached : .offered }
    }

    mutating func changeAttachment(_ change: (inout Attachment) -> Void) {
        switch phase {
        case .attached(var attachment):
            change(&attachment)
            phase = .attached(attachment)
        case .detaching(let worker, var attachment):
            change(&attachment)
            phase = .detaching(worker, attachment)
        case .offered, .refused, .attaching, .detached, .failed: break
        }
    }
}
