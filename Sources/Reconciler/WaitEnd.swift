public import ShareModel

/// How far the promise of `failure: soft` has been kept by force in a silence that lasts: programs that waited longer than
/// giveUpSeconds were given an error.
struct WaitEnd: Equatable, Sendable {
    /// Nothing was ended.
    static let none = WaitEnd()
    /// Between two times that waits are ended where new ones can begin, milliseconds.
    static let pause: Int64 = 5_000

    /// What was cut off; nil: nothing.
    var cause: Cause?
    /// The mount is of no more use; when it is worth an attempt to put a new one in its place.
    var isForGood = false
    /// When it is worth doing again: ending waits, or, for good, replacing the mount.
    var next: Moment?
    /// How often replacing has failed.
    var failures = 0
}

extension SourceType {
    /// Whether an agent in the guest can end the waits on a server that does not answer. SMB ends its own
    /// (25 seconds after three echo intervals); virtiofs and 9p wait in the kernel for the host, whatever the guest does.
    var endsWaitsOnDemand: Bool { self == .nfs }
}

extension ShareLife {
    /// Milliseconds that programs may wait at most; nil: for ever. `recover: force` bounds the waits of a hard share, too.
    private var boundOfWaiting: Int64? {
        let forced = share.recover == .force ? share.giveUpSeconds ?? (share.access == .ro ? 45 : 180) : nil
        return (share.patience ?? forced).map { Int64($0) * 1000 }
    }

    /// When the waits on an attached share are to be ended; nil while it answers, or where that is not to be.
    func waitsEndDue(_ attachment: Attachment) -> Moment? {
        guard attachment.presence == .present, attachment.worker == nil, !attachment.waitEnd.isForGood,
            attachment.share.source.type.endsWaitsOnDemand, let silent = attachment.record.silentSince, let bound = boundOfWaiting
        else { return nil }
        return max(silent + bound, attachment.waitEnd.next ?? silent)
    }

    /// When a new mount is to be put in the place of one that is of no more use: one whose waits were ended for good, and, unless
    /// the share is to be waited for, one with stale handles.
    func replacementDue(_ attachment: Attachment) -> Moment? {
        guard attachment.presence == .present, attachment.worker == nil, quarantine == nil, !isWithdrawn else { return nil }
        if case .detached = wish { return nil }
        guard attachment.waitEnd.isForGood || isToLeaveStale(attachment) && share.credential == nil else { return nil }
        return attachment.waitEnd.next ?? Moment(milliseconds: 0)
    }

    /// Its handles are stale, and it is not to be waited for. One that needs a credential is detached and attached like any other; only
    /// attaching asks for credentials.
    func isToLeaveStale(_ attachment: Attachment) -> Bool {
        share.recover != .wait && attachment.record.health == .stale
    }

    /// A worker began to remount the share, to end waits or to replace the mount.
    public mutating func changeBegan(_ worker: WorkerID) {
        guard case .attached(var attachment) = phase else { return }
        attachment.worker = worker
        phase = .attached(attachment)
    }

    /// The worker that was to end the waits has answered.
    public mutating func waitingEnded(_ outcome: WorkerOutcome, now: Clock) {
        guard case .attached(var attachment) = phase else { return }
        attachment.worker = nil
        attachment.waitEnd.next = now.moment + WaitEnd.pause
        phase = .attached(attachment)
        switch outcome {
        case .waitingEnded(let forGood, _): waitsEnded(forGood: forGood, now: now)
        case .failed(let cause) where attachment.waitEnd.cause == nil:
            attachment.waitEnd.cause = cause
            phase = .attached(attachment)
            note(cause, now)
        default: break
        }
        settle(now)
    }

    /// The waits on its file system were ended: on its own account, or on that of another share that shows the same file system.
    public mutating func waitsEnded(forGood: Bool, now: Clock) {
        guard case .attached(var attachment) = phase, !attachment.waitEnd.isForGood else { return }
        attachment.waitEnd.isForGood = forGood
        if forGood { attachment.waitEnd.next = now.moment }
        let isNews = attachment.waitEnd.cause == nil
        if isNews { attachment.waitEnd.cause = cutOff(attachment, forGood: forGood, now: now) }
        phase = .attached(attachment)
        settle(now)
        if isNews { note(attachment.waitEnd.cause, now) }
    }

    private func cutOff(_ attachment: Attachment, forGood: Bool, now: Clock) -> Cause {
        let silence = attachment.record.silentSince.map { " for \((now.moment - $0) / 1000) s" } ?? ""
        return Cause(
            .serverStoppedAnswering,
            "share '\(share.name)': its server has not answered\(silence): programs that waited for it were given an error, and what they wrote and had not yet synced may be lost",
            evidence: (attachment.record.cause?.evidence ?? [])
                + [forGood ? "the mount was shut down" : "the requests under way were ended, as often as new ones hang"],
            remedy: [
                "see that the server is up and reachable",
                forGood
                    ? "nothing here: the share is mounted anew as soon as the server answers"
                    : "nothing here: the share recovers by itself",
            ])
    }

    /// The worker that was to put a new mount in the place of an old one has answered.
    public mutating func replacementEnded(_ outcome: WorkerOutcome, as asked: Share, observed: ObservedState, now: Clock, jitter: UInt64) {
        guard case .attached(var attachment) = phase else { return }
        attachment.worker = nil
        phase = .attached(attachment)
        if case .attached(let mountID, let options, _, let view) = outcome, let mount = observed[mountID],
            mount.target == attachment.place.bytes
        {
            attached(mount, as: asked, at: attachment.target, requestedOptions: options, view: view, now: now)
        } else if observed[attachment.mountID] == nil {
            // The old mount is gone and there is no new one: from here on it is an attach like any other.
            attempts = 1
            failed(outcome.cause ?? Cause(.internalError, "share '\(share.name)': no new mount was made"), now: now, jitter: jitter)
        } else {
            attachment.waitEnd.failures += 1
            let code = outcome.cause?.code ?? .internalError
            let pause =
                RetryPolicy.pause(after: code, failures: attachment.waitEnd.failures, jitter: jitter) ?? RetryPolicy.transientPauses.longest
            attachment.waitEnd.next = now.moment + pause
            phase = .attached(attachment)
        }
        settle(now)
    }
}

extension WorkerOutcome {
    /// What went wrong; nil where nothing did.
    var cause: Cause? {
        if case .failed(let cause) = self { cause } else { nil }
    }
}
