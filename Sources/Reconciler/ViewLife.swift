public import ShareModel

/// The life of the view over one attached share: whether it stands, and when it is to be laid again. It begins when the share is mounted and
/// the view over it stands; pure, like the life of the share that it is part of. The table of its events is in docs/states.md.
public struct ViewLife: Equatable, Sendable {
    /// Where it is.
    public enum State: Equatable, Sendable {
        /// On top at the target.
        case standing
        /// Nobody serves it, or it could not be laid: what is left of it tells programs ENOTCONN.
        case down(Cause)
        /// Somebody else has unmounted it.
        case gone
        /// Somebody else's mount lies over it.
        case foreign(source: String, fstype: String)
    }

    /// How long a share that answers has a view that does not, until the view is ended and laid anew; milliseconds.
    static let patience: Int64 = 30_000
    /// A view that stood this long is laid again at once when it falls; milliseconds.
    static let steady: Int64 = 60_000

    /// Where it is.
    public private(set) var state = State.standing
    /// The one that stood last.
    public private(set) var view: StandingView
    /// Since when it has not answered though the share has; nil: it answers.
    public private(set) var silentSince: Moment?
    /// How many names it shows otherwise than they are, at least; nil: not known yet.
    public private(set) var names: Int64?
    /// How often it was laid again.
    public private(set) var restarts = 0
    /// When it is to be laid again; nil: it need not be.
    private(set) var due: Moment?
    /// Why it could not be laid otherwise than it stands.
    private(set) var unchanged: Cause?
    /// Somebody asked for it, and whoever is to lay it has not answered yet.
    private(set) var isAwaited = false
    private var failures = 0
    private var stands: Moment

    /// A view that was laid now, or stands from before.
    public init(_ view: StandingView, now: Moment) {
        self.view = view
        stands = now
    }

    /// Whether what it is to be told of its process matters.
    public var isServed: Bool {
        switch state {
        case .standing, .foreign: true
        case .down, .gone: false
        }
    }

    /// How it is; nil while there is nothing to say of it.
    var health: Health? {
        switch state {
        case .standing: silentSince == nil ? nil : .stalled
        case .down: .unreachable
        case .gone: .gone
        case .foreign: .foreign
        }
    }

    /// Whether the next one must end this one: it does not answer, or nobody serves it.
    public var isToBeEnded: Bool { silentSince != nil || !isServed }

    /// The one that a probe is to ask; nil: none would answer.
    public var viewToProbe: StandingView? { if case .standing = state { view } else { nil } }

    /// What `explain` says of it.
    public var fact: Explanation.Fact {
        let count = names.map { $0 == 1 ? "1 name needed it" : "\($0) names needed it" } ?? "it has not counted names yet"
        return Explanation.Fact(
            "view", isServed ? (silentSince == nil ? "stands" : "does not answer") : "is down",
            note: "\(count), at least; process \(view.process.id), laid again \(restarts) times")
    }

    // MARK: events

    /// A view was laid.
    mutating func laid(_ new: StandingView, now: Moment) {
        if new != view { restarts += 1 }
        view = new
        state = .standing
        (silentSince, due, unchanged, isAwaited) = (nil, nil, nil, false)
        stands = now
    }

    /// A view could not be laid.
    /// - Parameter isThere: the one that was to be replaced is still mounted.
    mutating func notLaid(_ cause: Cause, isThere: Bool, now: Moment, jitter: UInt64) {
        failures += 1
        isAwaited = false
        // One that stands and is to be another one stays; one that is stuck stays what it is.
        if case .standing = state, isThere { unchanged = cause } else { state = .down(cause) }
        due = now + (RetryPolicy.pause(after: cause.code, failures: failures, jitter: jitter) ?? RetryPolicy.administrativePauses.longest)
    }

    /// Its process has ended, or a probe has met ENOTCONN.
    mutating func ended(_ cause: Cause, now: Moment, jitter: UInt64) {
        guard isServed else { return }
        failures = now - stands >= Self.steady ? 0 : failures + 1
        state = .down(cause)
        silentSince = nil
        let pause = failures > 1 ? RetryPolicy.pause(after: cause.code, failures: failures - 1, jitter: jitter) ?? 0 : 0
        due = now + pause
    }

    /// A probe was answered by the share and by the view.
    mutating func answered(names: Int64?) {
        silentSince = nil
        self.names = names ?? self.names
    }

    /// A probe was answered by the share, and not by the view.
    mutating func missed(now: Moment, deadline: Int64) {
        guard case .standing = state else { return }
        silentSince = silentSince ?? now + -deadline
    }

    /// What the mount table has at the target.
    mutating func observe(_ own: ObservedMount?, top: ObservedMount?) {
        guard isServed else { return }
        // Its id may be another mount's by now.
        guard let own, own.target == view.target.bytes, own.fstype.hasPrefix("fuse") else {
            state = top.map(Self.covered) ?? .gone
            if top == nil { silentSince = nil }
            return
        }
        state = top.map { $0.mountID == own.mountID ? .standing : Self.covered($0) } ?? .gone
    }

    /// Whoever unmounted it asks for it again, or the share is offered with other rules: worth laying at once.
    mutating func wanted(_ share: Share, at target: Target, now: Moment) {
        if case .gone = state {
            state = .down(
                Cause(
                    .foreignMount,
                    "share '\(share.name)': the view of its names at \(target) was unmounted by somebody else and is laid again",
                    remedy: ["nothing: shareagent status \(share.name) shows what comes of it"]))
        }
        due = now
        isAwaited = true
    }

    /// When it is to be laid again; nil: not now.
    /// - Parameter isOther: the share's rules are other ones than those it was laid with.
    func layDue(isOther: Bool) -> Moment? {
        switch state {
        case .down: due ?? Moment(milliseconds: 0)
        case .standing:
            if let silentSince { silentSince + Self.patience } else { due ?? (isOther ? Moment(milliseconds: 0) : nil) }
        case .gone, .foreign: nil
        }
    }

    private static func covered(_ mount: ObservedMount) -> State {
        .foreign(source: String(printing: mount.source), fstype: mount.fstype.printable)
    }

    /// Why the share is not as wished on the view's account; nil: it is.
    public func cause(of share: Share, target: Target) -> Cause? {
        switch state {
        case .standing:
            guard silentSince != nil else { return unchanged.map(ShareLife.kept) }
            return Cause(
                .viewFailed, "share '\(share.name)': the view of its names at \(target) does not answer, though the share itself does",
                evidence: ["process \(view.process.id) serves it; the share is at \(share.rawPlace)"],
                remedy: [
                    "nothing, if it is to be laid anew: that is done after \(Self.patience / 1000) s, and programs that wait get an error",
                    "kill -CONT \(view.process.id)   # where somebody has stopped it",
                ])
        case .down(let cause): return cause
        case .gone:
            return Cause(
                .foreignMount, "share '\(share.name)': somebody else unmounted the view of its names at \(target)",
                remedy: ["shareagent attach \(share.name)"])
        case .foreign(let source, let fstype):
            return Cause(
                .foreignMount, "share '\(share.name)': \(fstype) '\(source)' is mounted over \(target) by somebody else",
                remedy: ["umount \(target.quotedForShell)   # takes away the mount on top, the share shows again"])
        }
    }

    /// Why nobody serves it any more.
    static func ended(_ share: Share, _ target: Target) -> Cause {
        Cause(
            .viewFailed,
            "share '\(share.name)': the view of its names at \(target) has ended, and programs that had files open get ENOTCONN",
            remedy: ["nothing: it is laid again by itself", "journalctl -u 'shareagent-view-\(share.name)-*'   # may say why it ended"])
    }
}
