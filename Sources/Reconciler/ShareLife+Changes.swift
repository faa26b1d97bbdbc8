public import ShareModel

// A share that is offered otherwise than it is attached.
extension ShareLife {
    /// What has to happen to an attached share so that it is as it is offered now.
    enum Change: Equatable {
        case none
        /// Perhaps its options can be changed while it stays mounted; the worker knows.
        case remount
        /// Only its view is to be another one.
        case relay
        /// It has to be detached first.
        case anew
    }

    func change(_ attachment: Attachment) -> Change {
        guard wish == .attached, !isWithdrawn else { return .none }
        if attachment.target != target { return .anew }
        // As an agent left it that knew no views.
        if attachment.view == nil, !share.names.words.isEmpty, share.namesMeans == .view { return .anew }
        if attachment.share.mounts(like: share) {
            return attachment.view != nil && attachment.share.viewRules != share.viewRules ? .relay : .none
        }
        return attachment.share.mayBecome(share) && attachment.remountRefused != share ? .remount : .anew
    }

    /// Whether it is detached only to be attached again, so that nothing may be lost by it.
    public var isToBeMountedAnew: Bool {
        if case .attached(let attachment) = phase { change(attachment) == .anew } else { false }
    }

    /// The worker that was to remount it has answered.
    /// - Parameter asked: the share it was to become.
    public mutating func remountEnded(_ outcome: WorkerOutcome, as asked: Share, now: Clock, jitter: UInt64) {
        guard case .attached(var attachment) = phase else { return }
        attachment.worker = nil
        switch outcome {
        case .remounted(let options, _):
            // A view is read-only, or runs no programs, by what the share below it was when it was laid.
            if attachment.share.access != asked.access || attachment.share.mount != asked.mount {
                attachment.view?.wanted(asked, at: attachment.target, now: now.moment)
            }
            attachment.share = asked
            attachment.requestedOptions = options
            attachment.detachFailure = nil
        case .failed(let cause) where cause.code == .targetBusy:
            attachment.detachFailure = Self.kept(cause)
            attachment.nextDetach = RetryPolicy.pause(after: .targetNotEmpty, failures: 1, jitter: jitter).map { now.moment + $0 }
        default: attachment.remountRefused = asked
        }
        phase = .attached(attachment)
        settle(now)
    }

    /// Why a changed share is still as it was.
    static func kept(_ cause: Cause) -> Cause {
        Cause(
            cause.code, "\(cause.message); until it can be changed it stays as it was, and that is tried again", evidence: cause.evidence,
            remedy: cause.remedy, errno: cause.errno)
    }
}

extension Share {
    /// Whether `names:` asks the same of the mount itself; another view can be laid over one that stands.
    func hasSameNames(as other: Share) -> Bool {
        if names == other.names { return true }
        return namesOfMount == other.namesOfMount && (namesMeans == .view) == (other.namesMeans == .view)
    }

    /// Whether a mount of this share may become one of the other without being taken away: the same files, the same login.
    fileprivate func mayBecome(_ other: Share) -> Bool {
        let isSameSource =
            switch (source, other.source) {
            case (.tmpfs, .tmpfs): true
            default: source == other.source
            }
        return isSameSource && credential == other.credential && hasSameNames(as: other) && selinuxContext == other.selinuxContext
    }
}
