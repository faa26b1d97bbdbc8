public import ShareModel

/// Something for a worker to do.
public enum Step: Hashable, Sendable {
    /// Mount a share.
    case attach(ShareName)
    /// Unmount it.
    case detach(ShareName, lazy: Bool)
    /// See whether it answers.
    case probe(ShareName)
}

/// Decides, purely, what is to be done next: desired against observed.
public enum Reconciler {
    /// How much may be under way at a time.
    public struct Limits: Equatable, Sendable {
        /// Attach and detach workers in all.
        public var workers = 8
        /// Attach workers a server, as long as it is not known whether it answers: one dead server must not hold all places.
        public var workersPerServer = 1
        /// The same for a server of which a share of this type is attached and answers.
        public var workersPerProvenServer = 4
        /// Probe workers in all.
        public var probes = 16
        /// Workers that outlived SIGKILL; with so many stuck, nothing new is probed.
        public var stuckWorkers = 64
        /// Shares attached at a time: the policy's number.
        public var attachedShares: Int

        /// The usual limits, with the policy's number of shares.
        public init(attachedShares: Int) {
            self.attachedShares = attachedShares
        }
    }

    /// The steps that can begin now, in order. `lives` are in the catalog's order.
    public static func plan(_ lives: [ShareLife], stuckWorkers: Int, limits: Limits, now: Moment) -> [Step] {
        var steps: [Step] = []
        var room = Room(lives, stuckWorkers: stuckWorkers, limits: limits)
        let attachedNames = Set(lives.filter { $0.isUsable }.map(\.share.name))
        for life in lives {
            guard let step = life.nextStep(now: now, limits: limits, dependents: lives, attached: attachedNames) else { continue }
            if room.admits(step, of: life) { steps.append(step) }
        }
        return steps
    }

    /// When the plan may be another one though nothing happens; nil when only events matter.
    public static func nextWake(_ lives: [ShareLife], after now: Moment) -> Moment? {
        lives.compactMap { life -> Moment? in
            switch life.phase {
            case .failed(_, let retryAt): return life.wish == .attached ? retryAt : nil
            case .attached(let attachment):
                let probe =
                    attachment.probe == nil && attachment.presence == .present && life.quarantine == nil ? attachment.record.nextProbe : nil
                return [probe, attachment.nextDetach].compactMap { $0 }.min()
            case .offered, .refused, .attaching, .detaching, .detached: return nil
            }
        }.filter { $0 > now }.min()
    }

    /// What answers or does not: one machine may serve files in two ways, each with a program of its own.
    private struct Service: Hashable {
        let type: SourceType
        let server: String

        init?(_ share: Share) {
            guard let server = share.source.server else { return nil }
            type = share.source.type
            self.server = server
        }
    }

    /// Counts who is under way, so that limits hold within one plan too.
    private struct Room {
        private let limits: Limits
        private var workers = 0
        private var probes = 0
        private var servers: [Service: Int] = [:]
        private var proven: Set<Service> = []
        private var shares = 0
        private let stuckWorkers: Int

        init(_ lives: [ShareLife], stuckWorkers: Int, limits: Limits) {
            self.limits = limits
            self.stuckWorkers = stuckWorkers
            for life in lives {
                switch life.phase {
                case .attaching:
                    workers += 1
                    shares += 1
                    if let service = Service(life.share) { servers[service, default: 0] += 1 }
                case .detaching:
                    workers += 1
                    shares += 1
                case .attached(let attachment):
                    shares += 1
                    if attachment.probe != nil { probes += 1 }
                    if attachment.health == .ok, let service = Service(attachment.share) { proven.insert(service) }
                case .offered, .refused, .detached, .failed: break
                }
            }
        }

        mutating func admits(_ step: Step, of life: ShareLife) -> Bool {
            switch step {
            case .attach:
                guard workers < limits.workers, shares < limits.attachedShares else { return false }
                if let service = Service(life.share) {
                    let allowed = proven.contains(service) ? limits.workersPerProvenServer : limits.workersPerServer
                    guard servers[service, default: 0] < allowed else { return false }
                    servers[service, default: 0] += 1
                }
                workers += 1
                shares += 1
            case .detach:
                guard workers < limits.workers else { return false }
                workers += 1
            case .probe:
                guard probes < limits.probes, stuckWorkers < limits.stuckWorkers else { return false }
                probes += 1
            }
            return true
        }
    }
}

extension ShareLife {
    /// Attached and where it should be: other shares may rest on it.
    var isUsable: Bool {
        if case .attached(let attachment) = phase { attachment.presence == .present } else { false }
    }

    /// The share whose tree holds this one's image file.
    public var foundation: ShareName? {
        if case .image(let image) = share.source, case .file(let name, _) = image.location { name } else { nil }
    }

    fileprivate func nextStep(now: Moment, limits: Reconciler.Limits, dependents lives: [ShareLife], attached: Set<ShareName>) -> Step? {
        switch phase {
        case .offered:
            return mayAttach(attached) ? .attach(share.name) : nil
        case .failed(_, let retryAt):
            guard let retryAt, retryAt <= now else { return nil }
            return mayAttach(attached) ? .attach(share.name) : nil
        case .attached(let attachment):
            if let lazy = wantsDetach(attachment, now: now) {
                // What rests on this share goes first. A probe under way pins the mount; only a lazy detach need not wait for it.
                let restsOnIt = lives.contains { $0.foundation == share.name && $0.attachment != nil }
                guard attachment.probe == nil || lazy, quarantine == nil || lazy, !restsOnIt || lazy else { return nil }
                return .detach(share.name, lazy: lazy)
            }
            guard attachment.probe == nil, quarantine == nil, attachment.presence == .present, attachment.record.nextProbe <= now else {
                return nil
            }
            return .probe(share.name)
        case .refused, .attaching, .detaching, .detached:
            return nil
        }
    }

    private func mayAttach(_ attached: Set<ShareName>) -> Bool {
        guard wish == .attached, !isWithdrawn, quarantine == nil else { return false }
        return foundation.map(attached.contains) ?? true
    }

    /// Whether to detach now, and if so whether lazily.
    private func wantsDetach(_ attachment: Attachment, now: Moment) -> Bool? {
        guard attachment.presence == .present, attachment.nextDetach.map({ $0 <= now }) ?? true else { return nil }
        if case .detached(let lazy) = wish { return lazy }
        if isWithdrawn { return false }
        let changed = !attachment.share.mounts(like: share) || attachment.target != target
        return changed && wish == .attached ? false : nil
    }
}

extension Share {
    /// Whether two offers of a share lead to the same mount: what does not touch the mount itself may differ.
    func mounts(like other: Share) -> Bool {
        source == other.source && access == other.access && profile == other.profile && failure == other.failure
            && giveUpSeconds == other.giveUpSeconds && keepaliveSeconds == other.keepaliveSeconds && mount == other.mount
            && ownership == other.ownership && names == other.names && credential == other.credential
            && selinuxContext == other.selinuxContext
            && options == other.options
    }
}
