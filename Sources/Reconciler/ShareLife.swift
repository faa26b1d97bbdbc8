public import ShareModel

/// The life of one share: what is wished of it, where it is, and how events move it on. Pure: it neither mounts nor waits;
/// `Reconciler.plan` reads the next step from it and the agent tells it what came of that. The table of transitions is
/// docs/states.md.
public struct ShareLife: Sendable {
    /// A change that the host is told of.
    public struct Transition: Equatable, Sendable {
        /// When.
        public let at: Timestamp
        /// Before.
        public let from: (state: ShareState, health: Health)
        /// After.
        public let to: (state: ShareState, health: Health)
        /// Why, where it is not as wished.
        public let cause: Cause?

        /// By all parts.
        public static func == (left: Transition, right: Transition) -> Bool {
            left.at == right.at && left.from == right.from && left.to == right.to && left.cause == right.cause
        }
    }

    /// Who offers the share.
    public enum Origin: String, Sendable {
        /// A device that shows its tag: nobody gave it a name or wishes.
        case device
        /// The host's catalog.
        case host
        /// The catalog that the guest's service manager hands over as a credential.
        case credential
        /// A catalog file of this guest.
        case file

        /// Of two that use one name the higher one counts.
        public var rank: Int {
            switch self {
            case .device: 0
            case .host: 1
            case .credential: 2
            case .file: 3
            }
        }
    }

    /// As offered last.
    public private(set) var share: Share {
        get { offer.share }
        set { offer = Offer(newValue) }
    }
    private var offer: Offer
    /// A share in a place of its own: with its twenty fields it would be most of what is copied with a life.
    private final class Offer: Sendable {
        let share: Share

        init(_ share: Share) {
            self.share = share
        }
    }

    /// Who offers it.
    public private(set) var origin: Origin
    /// The catalog revision it was last seen in.
    public private(set) var revision: Int64
    /// Where it would be attached.
    public private(set) var target: Target
    /// Where it is in its life.
    public internal(set) var phase: Phase
    /// What is wished.
    public internal(set) var wish: Wish
    /// No longer offered: to be detached and forgotten.
    public private(set) var isWithdrawn = false
    /// Attach attempts since it was offered or last attached.
    public internal(set) var attempts = 0
    /// A worker of this share that outlived SIGKILL; while there is one, no other is sent.
    public internal(set) var quarantine: WorkerID?
    /// What that one was to mount, if it was to.
    var stuckTry: AttachTry?
    /// Since when state and health are as they are.
    public private(set) var since: Timestamp
    /// What keeps it from being attached; nil: nothing.
    public internal(set) var obstacle: Obstacle?
    /// Why the newest offer of it cannot be read, while it is as it was attached.
    private var unreadable: Cause?
    var remountedOnce = false
    private var told: (state: ShareState, health: Health)
    private var transitions: [Transition] = []

    /// A share offered now.
    public init(_ share: Share, origin: Origin, revision: Int64, policy: Policy, now: Clock) {
        offer = Offer(share)
        self.origin = origin
        self.revision = revision
        target = policy.target(of: share)
        phase = policy.refusal(of: share).map(Phase.refused) ?? .offered
        wish = share.attach == .auto ? .attached : .unchanged
        since = now.wall
        told = (phase.state, .unknown)
    }

    /// The verdict on an attached share; unknown otherwise.
    public var health: Health {
        if case .attached(let attachment) = phase { attachment.health } else { .unknown }
    }

    /// Why it is not as wished; nil while it is.
    public var cause: Cause? {
        switch phase {
        case .refused(let cause), .failed(let cause, _): cause
        case .attaching(let attempt): attempt.before
        case .attached(let attachment): attachment.cause(share: share) ?? unreadable
        case .offered: wish == .attached ? obstacle?.cause : nil
        case .detaching, .detached: nil
        }
    }

    /// The attachment, while there is one, a detach under way included.
    public var attachment: Attachment? {
        switch phase {
        case .attached(let attachment), .detaching(_, let attachment): attachment
        case .offered, .refused, .attaching, .detached, .failed: nil
        }
    }

    /// Whether nothing of it is left to undo, so that a withdrawn one may be forgotten.
    public var isForgettable: Bool {
        guard isWithdrawn, quarantine == nil else { return false }
        switch phase {
        case .offered, .refused, .detached, .failed: return true
        case .attaching, .attached, .detaching: return false
        }
    }

    /// Offered again, perhaps changed. A changed share that had failed is worth a try at once.
    public mutating func offered(_ newShare: Share, origin: Origin, revision: Int64, policy: Policy, now: Clock) {
        let changed = newShare != share
        let returned = isWithdrawn
        // One that was there to be asked for, and is now to be attached by itself; what somebody asked for stays.
        if share.attach == .manual, newShare.attach == .auto, case .unchanged = wish { wish = .attached }
        share = newShare
        unreadable = nil
        self.origin = origin
        self.revision = revision
        isWithdrawn = false
        target = policy.target(of: newShare)
        guard changed || returned else { return }
        if returned, newShare.attach == .auto { wish = .attached }
        switch phase {
        case .offered, .refused, .failed:
            phase = policy.refusal(of: newShare).map(Phase.refused) ?? .offered
            attempts = 0
        case .attached(var attachment):
            attachment.nextDetach = nil
            attachment.detachFailure = nil
            phase = .attached(attachment)
        case .detached where returned && wish == .attached: phase = policy.refusal(of: newShare).map(Phase.refused) ?? .offered
        case .attaching, .detaching, .detached: break
        }
        settle(now)
    }

    /// Whether something of it is mounted, or is about to be.
    public var isInUse: Bool {
        switch phase {
        case .attaching, .attached, .detaching: true
        case .offered, .refused, .detached, .failed: false
        }
    }

    /// Offered again in a way that this agent does not understand, such as by a newer host: what is attached stays as it is.
    public mutating func offeredUnreadably(_ cause: Cause, now: Clock) {
        guard unreadable != cause else { return }
        unreadable = Cause(
            cause.code, "\(cause.message); it stays attached as it was offered before", evidence: cause.evidence, remedy: cause.remedy)
        note(unreadable, now)
    }

    /// The policy was read anew.
    public mutating func judged(by policy: Policy, now: Clock) {
        target = policy.target(of: share)
        switch phase {
        case .offered, .refused, .failed: phase = policy.refusal(of: share).map(Phase.refused) ?? .offered
        case .attaching, .attached, .detaching, .detached: break
        }
        settle(now)
    }

    /// A complete list of a higher revision lacks it.
    public mutating func withdrawn(now: Clock) {
        isWithdrawn = true
        settle(now)
    }

    /// Somebody asks for it to be attached: a failed one is tried at once, one that is gone is mounted again.
    public mutating func demandAttached(policy: Policy, now: Clock) {
        wish = .attached
        switch phase {
        case .refused, .failed, .detached:
            phase = policy.refusal(of: share).map(Phase.refused) ?? .offered
            attempts = 0
        case .attached(var attachment) where attachment.hasVanished:
            attachment.isWantedBack = true
            phase = .attached(attachment)
        case .attached(var attachment) where attachment.view?.isServed == false:
            attachment.view?.wanted(attachment.share, at: attachment.target, now: now.moment)
            phase = .attached(attachment)
        case .offered, .attaching, .attached, .detaching: break
        }
        settle(now)
    }

    /// Nobody has asked for it, though it would attach by itself: somebody chose others of its catalog.
    public mutating func waitsToBeAsked() {
        if case .offered = phase { wish = .unchanged }
    }

    /// Somebody asks for it to be detached.
    public mutating func demandDetached(lazy: Bool, now: Clock) {
        wish = .detached(lazy: lazy)
        switch phase {
        case .offered, .failed: phase = .detached
        case .attached(var attachment):
            attachment.nextDetach = nil
            if attachment.probe != nil, attachment.record.health == .stalled, !lazy {
                // The stuck probe pins the mount, so an unmount would only fail after a wait.
                wish = .unchanged
                attachment.detachFailure = Cause(
                    .transportStalled, "share '\(share.name)': \(attachment.target) does not answer and a stuck probe holds it",
                    remedy: ["shareagent detach --lazy \(share.name)"])
            }
            phase = .attached(attachment)
        case .refused, .attaching, .detaching, .detached: break
        }
        settle(now)
    }

    /// Something that a failure may have waited for has changed (the channel is there, a device appeared): try at once.
    public mutating func encouraged(when predicate: (CauseCode) -> Bool, now: Clock) {
        guard case .failed(let cause, _) = phase, predicate(cause.code) else { return }
        phase = .failed(cause, retryAt: now.moment)
    }

    /// Something else stands in its way, or nothing does any more.
    public mutating func isHeldBack(by obstacle: Obstacle?) {
        self.obstacle = obstacle
    }

    /// Something that everybody is to know of though state and health are as before.
    mutating func note(_ cause: Cause?, _ now: Clock) {
        transitions.append(Transition(at: now.wall, from: told, to: told, cause: cause))
    }

    /// Changes of state or health since the last call, in order.
    public mutating func takeTransitions() -> [Transition] {
        defer { transitions = [] }
        return transitions
    }

    /// To be called at the end of each event: notes a change of what everybody outside sees.
    mutating func settle(_ now: Clock) {
        letGoOfGone()
        let current = (state: phase.state, health: health)
        guard current != told else { return }
        transitions.append(Transition(at: now.wall, from: told, to: current, cause: cause))
        told = current
        since = now.wall
    }
}
