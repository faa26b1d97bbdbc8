internal import Reconciler
internal import ShareModel

// What is known of a share without looking at it.
extension ShareLife {
    /// The mount that a worker may ask and read from; nil where nothing is mounted, or nobody would get an answer.
    var mountToExamine: StandingMount? {
        guard case .attached(let attachment) = phase, [.ok, .slow, .unknown].contains(attachment.health) else { return nil }
        return StandingMount(attachment.share, at: attachment.place, mountID: attachment.mountID, view: attachment.view?.view)
    }

    /// The check that a worker makes after another one.
    func check(after last: Finding.Check?) -> Finding.Check {
        switch last {
        case nil: .policy
        case .policy?: .options
        case .options?: .kernel
        case .kernel?: .target
        case .target?: sourceIsAsked ? .source : .answer
        case .source?: .answer
        case .agent?, .channel?, .catalog?, .mount?, .answer?, .names?, .read?: .read
        }
    }

    /// Whether finding out about its source can take time: servers are connected to, an image is read.
    private var sourceIsAsked: Bool {
        share.source.server != nil || (share.source.type == .image && attachment == nil)
    }

    /// Whether it is mounted, whether it answers where nobody may go and see, and what becomes of its names.
    /// - Parameter isWatched: whether a daemon attaches what is to be attached.
    func findings(_ now: Clock, isWatched: Bool) -> [Finding] {
        [findingOfMount(now, isWatched: isWatched), findingOfSilence, findingOfNames(now)].compactMap { $0 }
    }

    private func findingOfMount(_ now: Clock, isWatched: Bool) -> Finding? {
        switch phase {
        // The policy's finding says why.
        case .refused: nil
        case .attached(let attachment):
            switch (attachment.presence, attachment.lostDevice, attachment.detachFailure) {
            case (.present, nil, nil): Finding(.mount, .ok, note: "at \(attachment.place), mount id \(attachment.mountID)")
            case (.present, nil, let failure?): Finding(.mount, .warning, cause: failure)
            default: Finding(.mount, .failed, cause: cause)
            }
        case .failed(let cause, let retryAt):
            Finding(
                .mount, .failed, note: retryAt.map { "tried again in \(max(0, $0 - now.moment) / 1000) s" } ?? "not tried again by itself",
                cause: cause)
        case .attaching(let attempt):
            attempt.before.map { Finding(.mount, .failed, note: "it is being tried again", cause: $0) }
                ?? Finding(.mount, .skipped, note: "it is being attached")
        case .detaching: Finding(.mount, .skipped, note: "it is being detached")
        case .detached: Finding(.mount, .skipped, note: "it was detached on demand; shareagent attach \(share.name) brings it back")
        case .offered:
            if wish == .attached, let obstacle {
                Finding(.mount, .failed, cause: obstacle.cause)
            } else if wish == .attached, isWatched {
                Finding(.mount, .skipped, note: "its turn to be attached has not come")
            } else {
                Finding(.mount, .skipped, note: "it is not attached; shareagent attach \(share.name) attaches it")
            }
        }
    }

    /// A share that hangs is not asked once more: that would be one more process that hangs.
    private var findingOfSilence: Finding? {
        guard case .attached(let attachment) = phase, mountToExamine == nil, attachment.presence == .present, attachment.lostDevice == nil
        else { return nil }
        guard let cause = attachment.record.cause else { return Finding(.answer, .ok, note: "the share itself answers") }
        return Finding(.answer, .failed, cause: cause)
    }

    private func findingOfNames(_ now: Clock) -> Finding? {
        guard let names = status(now: now).names else { return nil }
        let sentence = ShareStatus.sentence(ofNames: names)
        guard let attachment else { return Finding(.names, .skipped, note: sentence) }
        guard let view = attachment.view, let cause = view.cause(of: attachment.share, target: attachment.target) else {
            return Finding(.names, .ok, note: sentence)
        }
        return Finding(.names, .failed, note: sentence, cause: cause)
    }
}
