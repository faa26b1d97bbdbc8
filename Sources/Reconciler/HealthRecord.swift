public import ShareModel

/// What the probes of one attached share have told, and what follows from it.
public struct HealthRecord: Equatable, Sendable {
    /// When a probe counts as slow or lost, and how often one is sent; milliseconds.
    public struct Limits: Equatable, Sendable {
        /// Between two probes while all is well.
        public var interval: Int64
        /// Until a probe counts as not coming back.
        public var deadline: Int64
        /// From which an answer counts as slow.
        public var slow: Int64

        /// Limits.
        public init(interval: Int64, deadline: Int64, slow: Int64) {
            self.interval = interval
            self.deadline = deadline
            self.slow = slow
        }
    }

    /// Answers in order that end a bad state.
    static let answersToRecover = 2
    /// A stale handle counts when a second probe, this much later, meets it again: a soft NFS mount of a dead server tells ESTALE too.
    static let staleConfirmation: Int64 = 10_000
    /// The newest answers that median and 99th percentile are taken over.
    static let window = 128

    /// The verdict.
    public private(set) var health = Health.unknown
    /// Why, while it is neither ok nor unknown.
    public private(set) var cause: Cause?
    /// The newest capacity.
    public private(set) var capacity: ShareStatus.Capacity?
    /// When the next probe is due.
    public private(set) var nextProbe: Moment
    /// When the newest answer came.
    public private(set) var answeredAt: Timestamp?
    /// Since when no probe has been answered: when the first one that was not began. nil while the share answers.
    public private(set) var silentSince: Moment?
    private var latencies: [Int64] = []
    private var newest = 0
    private var goodInARow = 0
    private var firstStale: Moment?

    /// A record of a share attached now; its first probe is due at once.
    public init(now: Moment) {
        nextProbe = now
    }

    /// The readings for status; nil before the first answer.
    public var readings: ShareStatus.Probe? {
        guard let answeredAt, !latencies.isEmpty else { return nil }
        let sorted = latencies.sorted()
        return ShareStatus.Probe(
            at: answeredAt, latencyMicroseconds: latencies[newest], median: sorted[sorted.count / 2],
            p99: sorted[min(sorted.count - 1, sorted.count * 99 / 100)])
    }

    /// A probe came back with an answer.
    public mutating func answered(latencyMicroseconds: Int64, _ capacity: ShareStatus.Capacity, now: Clock, limits: Limits) {
        self.capacity = capacity
        answeredAt = now.wall
        if latencies.count < Self.window {
            latencies.append(latencyMicroseconds)
            newest = latencies.count - 1
        } else {
            newest = (newest + 1) % Self.window
            latencies[newest] = latencyMicroseconds
        }
        firstStale = nil
        silentSince = nil
        goodInARow += 1
        let wasBad = health == .stalled || health == .stale || health == .unreachable
        if wasBad, goodInARow < Self.answersToRecover {
            nextProbe = now.moment  // one more answer settles it
            return
        }
        let slow = latencyMicroseconds >= limits.slow * 1000
        health = slow ? .slow : .ok
        cause = nil
        nextProbe = now.moment + limits.interval
    }

    /// A probe did not come back by its deadline, or was ended without an answer.
    public mutating func missed(_ cause: Cause, now: Moment, limits: Limits) {
        goodInARow = 0
        health = .stalled
        self.cause = cause
        silentSince = silentSince ?? now + -limits.deadline
        nextProbe = now + limits.deadline
    }

    /// A probe came back with an error.
    public mutating func failed(_ cause: Cause, now: Moment, limits: Limits) {
        goodInARow = 0
        nextProbe = now + limits.deadline
        if cause.code == .staleHandle {
            let first = firstStale ?? now
            firstStale = first
            if now - first >= Self.staleConfirmation {
                health = .stale
                self.cause = cause
            }
            return
        }
        firstStale = nil
        health = cause.code == .transportStalled || cause.code == .serverStoppedAnswering ? .stalled : .unreachable
        self.cause = cause
    }

    /// It answered, but whoever asked could not tell; asked again after this many milliseconds.
    public mutating func probeAfter(_ pause: Int64, now: Moment) {
        nextProbe = now + pause
    }

    /// The worker that was stuck has come back: worth asking at once.
    public mutating func probeSoon(now: Moment) {
        nextProbe = now
    }
}
