public import ShareModel

/// Why a share that is wanted is not attached yet: another one comes first.
public struct Obstacle: Equatable, Sendable {
    /// What is told.
    public let cause: Cause
    /// Whether nothing is on its way to end it.
    public let isLasting: Bool

    /// As many shares are attached as the policy allows.
    static func full(_ name: ShareName, _ limit: Int, isLasting: Bool) -> Obstacle {
        Obstacle(
            cause: Cause(
                .sourceRefused, "share '\(name)': this guest attaches no more than \(limit) shares at a time",
                remedy: ["raise policy.maximumShares in /etc/shareagent, or detach another share"]), isLasting: isLasting)
    }
}

/// Which shares come before which: an image after the share its file is in, a share after the one in whose tree its target lies, a
/// share that takes another's target after that one has left it. Detaching goes the other way round.
struct Order {
    private let lives: [ShareLife]
    /// Whether any share is to leave for its own sake; mostly none is, and then nothing has to be looked up.
    private let hasLeavers: Bool
    /// Who is to be attached at a target, or was until somebody asked for it to be detached: below that nothing is put into the bare
    /// directory, which would keep the share from coming back.
    private var wanted: [[UInt8]: Int64] = [:]
    /// Who is mounted at a target.
    private var holders: [[UInt8]: Int64] = [:]
    /// Who is being attached at a target.
    private var arriving: [[UInt8]: Int64] = [:]
    /// Who bears something that can still be taken away before it: found once for all, not by each that is to leave.
    private var carriers: Set<ShareName> = []

    init(_ all: [ShareLife], now: Moment) {
        lives = all
        hasLeavers = all.contains { life in life.attachment.map { life.wantsDetach($0) != nil } ?? false }
        guard hasLeavers || all.contains(where: { $0.isWaiting(now) }) else { return }
        for (place, life) in all.enumerated() {
            let place = Int64(place)
            if let attachment = life.attachment {
                holders[attachment.target.bytes] = place
            } else if life.keepsItsPlace {
                wanted[life.target.bytes] = place
            }
            if case .attaching(let attempt) = life.phase { arriving[attempt.target.bytes] = place }
        }
        guard hasLeavers else { return }
        for life in all {
            // One that could not be detached just now is named by the failure of the share below it.
            guard let attachment = life.attachment, attachment.presence == .present, attachment.nextDetach.map({ $0 <= now }) ?? true
            else { continue }
            for support in supports(of: life, at: attachment.target) { carriers.insert(support.share.name) }
        }
    }

    /// The lives that a share rests on when it is at a target.
    private func supports(of life: ShareLife, at target: Target) -> [ShareLife] {
        var found: [ShareLife] = []
        if let foundation = life.foundation, let base = lives.first(where: { $0.share.name == foundation }) { found.append(base) }
        var path = target.bytes[...]
        while let slash = path.lastIndex(of: UInt8(ascii: "/")), slash > 0 {
            path = path[..<slash]
            let key = Array(path)
            guard let place = holders[key] ?? wanted[key] else { continue }
            let other = lives[Int(place)]
            if other.share.name != life.share.name { found.append(other) }
        }
        return found
    }

    /// What keeps a wanted share from being attached now; nil: nothing here.
    func obstacle(to life: ShareLife) -> Obstacle? {
        let name = life.share.name
        if let foundation = life.foundation, !lives.contains(where: { $0.share.name == foundation }) {
            return Obstacle(
                cause: Cause(
                    .imageNotFound, "share '\(name)': its image file is in share '\(foundation)', which is not offered",
                    remedy: ["offer share '\(foundation)' to this guest, too"]), isLasting: true)
        }
        for support in supports(of: life, at: life.target) {
            if let obstacle = obstacle(of: support, to: life) { return obstacle }
        }
        return placeObstacle(to: life)
    }

    private func obstacle(of support: ShareLife, to life: ShareLife) -> Obstacle? {
        let isImage = life.foundation == support.share.name
        let code: CauseCode = isImage ? .imageNotFound : .targetMissing
        let what = isImage ? "its image file is in" : "its target \(life.target) lies in"
        let how: String
        let isLasting: Bool
        switch support.phase {
        case .attached(let attachment) where attachment.presence == .present:
            if leaves(support) != nil || support.isToBeMountedAnew {
                (how, isLasting) = ("which is about to be detached", attachment.detachFailure != nil)
            } else if [.stalled, .stale, .unreachable, .gone, .foreign].contains(attachment.health) || attachment.waitEnd.isForGood {
                (how, isLasting) = ("which does not answer", true)
            } else {
                return nil
            }
        case .attached: (how, isLasting) = ("which somebody else has unmounted or covered", true)
        case .offered, .attaching: (how, isLasting) = ("which is not attached yet", support.wish != .attached)
        case .detaching: (how, isLasting) = ("which is being detached", false)
        case .detached: (how, isLasting) = ("which is detached", true)
        case .refused: (how, isLasting) = ("which is refused", true)
        case .failed(let cause, let retryAt):
            (how, isLasting) = ("which could not be attached", retryAt == nil || RetryPolicy.prospect(of: cause.code) != .transient)
        }
        let evidence = support.cause.map { [$0.message] } ?? []
        return Obstacle(
            cause: Cause(
                code, "share '\(life.share.name)': \(what) share '\(support.share.name)', \(how)", evidence: evidence,
                remedy: ["shareagent status \(support.share.name)", "shareagent attach \(support.share.name)"]),
            isLasting: isLasting)
    }

    /// Two shares that change places: each waits until the other has left. One that stays or cannot leave is the worker's to tell.
    private func placeObstacle(to life: ShareLife) -> Obstacle? {
        let place = life.target.bytes
        if let arriving = arriving[place].map({ lives[Int($0)] }), arriving.share.name != life.share.name {
            return waiting(life, for: arriving.share.name, "is being attached there")
        }
        guard let holder = holders[place].map({ lives[Int($0)] }), holder.share.name != life.share.name else { return nil }
        let name = holder.share.name
        if case .detaching = holder.phase { return waiting(life, for: name, "is being detached from there") }
        guard leaves(holder) != nil, let attachment = holder.attachment else { return nil }
        return attachment.detachFailure == nil ? waiting(life, for: name, "is about to leave it") : nil
    }

    private func waiting(_ life: ShareLife, for other: ShareName, _ what: String) -> Obstacle {
        Obstacle(
            cause: Cause(
                .foreignMount, "share '\(life.share.name)': target \(life.target) is not free yet: share '\(other)' \(what)",
                remedy: ["shareagent status \(other)"]), isLasting: false)
    }

    /// Whether an attached share is to leave: for itself, or because one that it rests on is; and if so whether lazily.
    func leaves(_ life: ShareLife) -> Bool? {
        guard hasLeavers, case .attached(let attachment) = life.phase, attachment.presence == .present else { return nil }
        if let lazy = life.wantsDetach(attachment) { return lazy }
        for support in supports(of: life, at: attachment.target) {
            if case .attached(let base) = support.phase, let lazy = support.wantsDetach(base) { return lazy }
        }
        return nil
    }

    /// Whether something rests on a share that can still be taken away before it.
    func carriesOthers(_ life: ShareLife) -> Bool { carriers.contains(life.share.name) }
}
