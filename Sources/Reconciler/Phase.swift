public import ShareModel

/// A worker, by the number the agent gave it.
public typealias WorkerID = UInt64

/// What holds while a share is mounted.
public struct Attachment: Equatable, Sendable {
    /// Whether the mount is where it was put.
    public enum Presence: Equatable, Sendable {
        /// On top at its target.
        case present
        /// No longer in the mount table.
        case gone
        /// Covered or replaced by somebody else's mount.
        case foreign(source: String, fstype: String)
    }

    /// The share as it was when it was mounted, or last remounted; the offered one may have changed since.
    public internal(set) var share: Share
    /// Where programs find it.
    public let target: Target
    /// Where the share itself is mounted: its target, or below a view root's own place.
    public let place: Target
    /// The view over it; nil: there is none.
    public internal(set) var view: ViewLife?
    /// Under which id. The kernel gives it to another mount once this one is gone.
    public let mountID: Int64
    /// What else the mount table says of it.
    private let source: [UInt8]
    private let fstype: String
    /// What was asked for.
    public internal(set) var requestedOptions: [String: String]
    /// What the kernel says is in force.
    public var effectiveOptions: ObservedOptions
    /// Whether it is there.
    public var presence = Presence.present
    /// It was seen to be gone: whatever has its id later is another mount, however alike.
    var hasVanished = false
    /// Gone, and somebody has asked for it again.
    var isWantedBack = false
    /// What the probes say.
    public var record: HealthRecord
    /// The probe under way.
    public var probe: WorkerID?
    /// The device under it was taken away, so that nothing is left to be asked.
    public var lostDevice: Cause?
    /// A device of its kind came since it last answered: what is dead may be mounted anew.
    public var deviceReturned = false
    /// Why the last detach did not succeed, and when it is worth another try.
    public var detachFailure: Cause?
    /// See `detachFailure`.
    public var nextDetach: Moment?

    /// The worker under way that changes the mount: remounts it, ends the waits on it, replaces it.
    public internal(set) var worker: WorkerID?
    /// The changed share that the kernel cannot remount it as: it is detached and attached instead.
    var remountRefused: Share?
    /// What became of the programs that waited too long, in the silence that lasts.
    var waitEnd = WaitEnd.none

    /// A fresh attachment.
    public init(
        share: Share, target: Target, mount: ObservedMount, requestedOptions: [String: String], view: StandingView? = nil, now: Moment
    ) {
        self.share = share
        self.target = target
        place = view == nil ? target : share.rawPlace
        self.view = view.map { ViewLife($0, now: now) }
        mountID = mount.mountID
        source = mount.source
        fstype = mount.fstype
        self.requestedOptions = requestedOptions
        effectiveOptions = mount.options
        record = HealthRecord(now: now)
    }

    /// Whether a line of the mount table, found by the id, is this mount still.
    func isOwn(_ mount: ObservedMount) -> Bool {
        !hasVanished && mount.target == place.bytes && mount.source == source && mount.fstype.hasSameBytes(as: fstype)
    }

    /// Whether its view is about to be laid because somebody asked for it; not while the share itself is silent, which holds that up.
    public var awaitsView: Bool { presence == .present && record.silentSince == nil && view?.isAwaited ?? false }

    /// The verdict: what the mount table says counts before what the probes say.
    public var health: Health {
        switch presence {
        case .present: lostDevice == nil ? healthOfBoth : .unreachable
        case .gone: .gone
        case .foreign: .foreign
        }
    }

    /// A share that does not answer is told first: its view could not answer either. What is unmounted or covered answers nobody.
    private var healthOfBoth: Health {
        guard let ofView = view?.health else { return record.health }
        if ofView == .gone || ofView == .foreign { return ofView }
        return [.stalled, .stale, .unreachable].contains(record.health) ? record.health : ofView
    }
}

extension Attachment {
    /// Why an attached share is not as wished.
    func cause(share: Share) -> Cause? {
        switch presence {
        case .gone:
            Cause(
                .foreignMount, "share '\(share.name)': somebody else unmounted \(target)",
                remedy: ["shareagent attach \(share.name)"])
        case .foreign(let source, let fstype) where hasVanished:
            Cause(
                .foreignMount, "share '\(share.name)': somebody else unmounted \(target), and \(fstype) '\(source)' is mounted there now",
                remedy: ["umount \(target.quotedForShell) && shareagent attach \(share.name)"])
        case .foreign(let source, let fstype):
            Cause(
                .foreignMount, "share '\(share.name)': \(fstype) '\(source)' is mounted over \(target) by somebody else",
                remedy: ["umount \(target.quotedForShell)   # takes away the mount on top, the share shows again"])
        case .present:
            (lostDevice ?? waitEnd.cause ?? record.cause ?? view?.cause(of: share, target: target))?.beside(detachFailure) ?? detachFailure
        }
    }
}

extension Cause {
    /// The same cause, telling also why the share is still there: who asked for a detach would otherwise not learn it.
    fileprivate func beside(_ detachFailure: Cause?) -> Cause {
        guard let detachFailure else { return self }
        return Cause(
            code, message, evidence: ["it was to be detached: \(detachFailure.message)"] + detachFailure.evidence + evidence,
            remedy: remedy,
            errno: errno)
    }
}

/// A try to mount a share, as it was offered when the try began: the offer may change while it is under way.
public struct AttachTry: Equatable, Sendable {
    /// Who is at it; nil while the credential is on its way.
    public let worker: WorkerID?
    /// What is mounted.
    public let share: Share
    /// Where.
    public let target: Target
    /// Why the try before failed; nil: it is the first.
    public let before: Cause?
}

/// Where a share is in its life, with what holds just there. Indirect, since lives are copied wherever they are looked at.
public indirect enum Phase: Equatable, Sendable {
    /// Offered; nothing was done about it yet.
    case offered
    /// The policy forbids it, or it is no valid share.
    case refused(Cause)
    /// To be mounted: first the credential is asked for (no worker yet), then a worker is at it.
    case attaching(AttachTry)
    /// Mounted.
    case attached(Attachment)
    /// A worker unmounts it.
    case detaching(WorkerID, Attachment)
    /// Unmounted on demand.
    case detached
    /// It could not be mounted; tried again at the moment given, nil where only a change helps.
    case failed(Cause, retryAt: Moment?)

    /// The word for it that everybody outside sees.
    public var state: ShareState {
        switch self {
        case .offered: .offered
        case .refused: .refused
        case .attaching: .attaching
        case .attached: .attached
        case .detaching: .detaching
        case .detached: .detached
        case .failed: .failed
        }
    }
}

/// What somebody wants of a share.
public enum Wish: Equatable, Sendable {
    /// Attached, and kept so.
    case attached
    /// Not attached.
    case detached(lazy: Bool)
    /// As it is: an offered share waits to be asked for, an attached one stays.
    case unchanged
}
