public import ShareModel

/// Something for a worker to do.
public enum Step: Hashable, Sendable {
    /// Mount a share.
    case attach(ShareName)
    /// Unmount it.
    case detach(ShareName, lazy: Bool)
    /// See whether it answers.
    case probe(ShareName)
    /// Give it the options it is offered with now, without unmounting it.
    case remount(ShareName)
    /// End the waits of programs on it.
    case endWaiting(ShareName)
    /// Put a new mount in the place of one that is of no more use.
    case replace(ShareName)
    /// Lay its view over it, in the place of one that has ended, does not answer, or is to be another one.
    case lay(ShareName)
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
    /// - Parameter chosen: those of them that anything may be done about; nil: all.
    public static func plan(
        _ lives: [ShareLife], among chosen: Set<ShareName>? = nil, stuckWorkers: Int, limits: Limits, now: Moment
    ) -> [Step] {
        var steps: [Step] = []
        var room = Room(lives, stuckWorkers: stuckWorkers, limits: limits)
        let order = Order(lives, now: now)
        for life in lives where chosen?.contains(life.share.name) ?? true {
            guard room.hasPlace || !life.isWaiting(now) else { continue }
            guard let step = life.nextStep(now: now, order: order) else { continue }
            if room.admits(step, of: life) { steps.append(step) }
        }
        return steps
    }

    /// What keeps shares that are wanted from being attached, for status.
    public static func obstacles(_ lives: [ShareLife], attachedShares: Int, now: Moment) -> [ShareName: Obstacle] {
        guard lives.contains(where: { $0.isWaiting(now) }) else { return [:] }
        let order = Order(lives, now: now)
        let isFull = lives.count(where: \.isInUse) >= attachedShares
        let isLasting = !lives.contains(where: \.givesUpItsPlace)
        var obstacles: [ShareName: Obstacle] = [:]
        for life in lives where life.isWaiting(now) {
            obstacles[life.share.name] =
                order.obstacle(to: life) ?? (isFull ? .full(life.share.name, attachedShares, isLasting: isLasting) : nil)
        }
        return obstacles
    }

    /// When the plan may be another one though nothing happens; nil when only events matter.
    public static func nextWake(_ lives: [ShareLife], after now: Moment) -> Moment? {
        lives.compactMap { life -> Moment? in
            switch life.phase {
            case .failed(_, let retryAt): return life.wish == .attached ? retryAt : nil
            case .attached(let attachment):
                let isProbed =
                    attachment.probe == nil && attachment.presence == .present && life.quarantine == nil && !attachment.waitEnd.isForGood
                    && attachment.lostDevice == nil
                let probe = isProbed ? attachment.record.nextProbe : nil
                // Each for itself: one that is over must not hide another that is to come.
                return [
                    probe, attachment.nextDetach, life.waitsEndDue(attachment), life.replacementDue(attachment), life.layDue(attachment),
                ].compactMap { $0 }.filter { $0 > now }.min()
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
                case .attaching(let attempt):
                    workers += 1
                    shares += 1
                    if let service = Service(attempt.share) { servers[service, default: 0] += 1 }
                case .detaching:
                    workers += 1
                    shares += 1
                case .attached(let attachment):
                    shares += 1
                    if attachment.probe != nil { probes += 1 }
                    if attachment.worker != nil { workers += 1 }
                    if attachment.health == .ok, let service = Service(attachment.share) { proven.insert(service) }
                case .offered, .refused, .detached, .failed: break
                }
            }
        }

        /// Whether an attach could begin at all.
        var hasPlace: Bool { workers < limits.workers && shares < limits.attachedShares }

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
            case .detach, .remount, .replace, .lay:
                guard workers < limits.workers else { return false }
                workers += 1
            case .endWaiting:
                // Programs hang: this waits for no place.
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
    /// The share whose tree holds this one's image file.
    public var foundation: ShareName? {
        if case .image(let image) = share.source, case .file(let name, _) = image.location { name } else { nil }
    }

    /// To be attached, though it may not be yet.
    var isWanted: Bool {
        if case .refused = phase { return false }
        return wish == .attached && !isWithdrawn
    }

    /// Its target is its own though it is not mounted there now.
    var keepsItsPlace: Bool {
        if case .detached = phase { return !isWithdrawn }
        return isWanted
    }

    fileprivate var givesUpItsPlace: Bool {
        if case .detaching = phase { return true }
        return attachment.map { wantsDetach($0) != nil } ?? false
    }

    /// Wanted, and nothing of its own keeps it from being attached now.
    func isWaiting(_ now: Moment) -> Bool {
        guard isWanted, quarantine == nil else { return false }
        switch phase {
        case .offered: return true
        case .failed(_, let retryAt): return retryAt.map { $0 <= now } ?? false
        case .refused, .attaching, .attached, .detaching, .detached: return false
        }
    }

    fileprivate func nextStep(now: Moment, order: Order) -> Step? {
        switch phase {
        case .offered, .failed: return isWaiting(now) && order.obstacle(to: self) == nil ? .attach(share.name) : nil
        case .attached(let attachment): return nextStep(attachment, now: now, order: order)
        case .refused, .attaching, .detaching, .detached: return nil
        }
    }

    private func nextStep(_ attachment: Attachment, now: Moment, order: Order) -> Step? {
        if let lazy = order.leaves(self), attachment.nextDetach.map({ $0 <= now }) ?? true {
            // What rests on this share goes first. A probe under way pins the mount; only a lazy detach need not wait for it.
            let isFree = attachment.probe == nil && attachment.worker == nil && quarantine == nil && !order.carriesOthers(self)
            if isFree || lazy { return .detach(share.name, lazy: lazy) }
        }
        if let due = waitsEndDue(attachment), due <= now { return .endWaiting(share.name) }
        if let due = replacementDue(attachment), due <= now { return .replace(share.name) }
        if let due = layDue(attachment), due <= now, order.leaves(self) == nil { return .lay(share.name) }
        guard attachment.probe == nil, attachment.worker == nil, quarantine == nil, attachment.presence == .present,
            !attachment.waitEnd.isForGood, attachment.lostDevice == nil,
            order.leaves(self) == nil || attachment.nextDetach.map({ $0 > now }) ?? false
        else { return nil }
        if change(attachment) == .remount, attachment.nextDetach.map({ $0 <= now }) ?? true { return .remount(share.name) }
        return attachment.record.nextProbe <= now ? .probe(share.name) : nil
    }

    /// Whether it is to be detached for its own sake, and if so whether lazily.
    func wantsDetach(_ attachment: Attachment) -> Bool? {
        guard attachment.presence == .present else { return nil }
        if case .detached(let lazy) = wish { return lazy }
        if isWithdrawn || (attachment.isDead && attachment.deviceReturned) { return false }
        if isToLeaveStale(attachment), share.credential != nil { return true }
        return change(attachment) == .anew ? false : nil
    }
}

extension Share {
    /// Whether two offers of a share lead to the same mount: what does not touch the mount itself may differ.
    func mounts(like other: Share) -> Bool {
        source == other.source && access == other.access && profile == other.profile && failure == other.failure
            && giveUpSeconds == other.giveUpSeconds && keepaliveSeconds == other.keepaliveSeconds && mount == other.mount
            && ownership == other.ownership && hasSameNames(as: other) && credential == other.credential
            && selinuxContext == other.selinuxContext
            && options == other.options
    }
}
