public import ShareModel

// The view over a share, where there is one.
extension ShareLife {
    /// When its view is to be laid; nil: it need not, or cannot be now. A share that does not answer would hold up whoever lays a view.
    func layDue(_ attachment: Attachment) -> Moment? {
        guard let view = attachment.view, attachment.worker == nil, quarantine == nil, attachment.presence == .present,
            !attachment.waitEnd.isForGood, attachment.lostDevice == nil, attachment.record.silentSince == nil,
            let due = view.layDue(isOther: change(attachment) == .relay)
        else { return nil }
        // A probe under way would hold what is to be unmounted for another one to take its place.
        return attachment.probe == nil || view.isToBeEnded ? due : nil
    }

    /// The share that a view is to be laid for: as it is offered now, where the mount below it is the same.
    public var shareOfView: Share? {
        guard let attachment else { return nil }
        return attachment.share.mounts(like: share) ? share : attachment.share
    }

    /// The worker that was to lay the view has answered.
    /// - Parameter asked: the share it was laid for.
    public mutating func layingEnded(_ outcome: WorkerOutcome, as asked: Share, observed: ObservedState, now: Clock, jitter: UInt64) {
        changeAttachment { attachment in
            attachment.worker = nil
            switch outcome {
            case .laid(let view):
                attachment.view?.laid(view, now: now.moment)
                attachment.share = asked
                attachment.record.probeSoon(now: now.moment)
            default:
                let cause = outcome.cause ?? Cause(.internalError, "share '\(asked.name)': the worker answered something else than asked")
                let isThere = attachment.view.map { observed[$0.view.mountID] != nil } ?? false
                attachment.view?.notLaid(cause, isThere: isThere, now: now.moment, jitter: jitter)
            }
        }
        settle(now)
    }

    /// A view's process has ended.
    public mutating func viewEnded(_ process: ProcessMark, now: Clock, jitter: UInt64) {
        changeAttachment { [share] attachment in
            // Whoever lays another one ends it, and says what came of that.
            guard attachment.view?.view.process == process, attachment.worker == nil else { return }
            attachment.view?.ended(ViewLife.ended(share, attachment.target), now: now.moment, jitter: jitter)
        }
        settle(now)
    }

    /// A probe's share answered and its view did not, by the deadline.
    public mutating func viewOverdue(_ worker: WorkerID, limits: HealthRecord.Limits, now: Clock) {
        changeAttachment { attachment in
            guard attachment.probe == worker else { return }
            attachment.view?.missed(now: now.moment, deadline: limits.deadline)
            attachment.record.probeAfter(limits.deadline, now: now.moment)
        }
        settle(now)
    }

    /// What a share's tree was carried by is there again: what was in it went with it, by nobody's wish.
    public mutating func supportReturned(now: Clock) {
        guard case .attached(var attachment) = phase, attachment.presence == .gone, case .attached = wish, !isWithdrawn else { return }
        attachment.isWantedBack = true
        phase = .attached(attachment)
        settle(now)
    }

    /// Somebody asked for it to be detached.
    public var isToBeDetached: Bool { if case .detached = wish { true } else { false } }

    /// What `status` says about its names; nil: there is nothing to say.
    var namesStatus: Value? {
        let shown = attachment?.share ?? share
        let means = shown.namesMeans
        guard !shown.names.words.isEmpty || means == .view else { return nil }
        return .object([
            "rules": Value(texts: shown.names.words) ?? .object([]), "by": .string(means.rawValue),
            "raw": means == .view ? .string(shown.rawPlace.text) : nil, "view": attachment?.view?.status,
        ])
    }
}

extension ViewLife {
    fileprivate var status: Value {
        let word: String =
            switch state {
            case .standing: silentSince == nil ? "standing" : "stuck"
            case .down: "down"
            case .gone: "gone"
            case .foreign: "covered"
            }
        return .object([
            "state": .string(word), "mountId": .integer(view.mountID), "process": .integer(Int64(view.process.id)),
            "restarts": .integer(Int64(restarts)), "names": .number(names),
        ])
    }
}
