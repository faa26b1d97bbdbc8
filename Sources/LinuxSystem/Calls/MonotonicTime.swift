import Glibc

/// A point on CLOCK_MONOTONIC, in nanoseconds since some moment before boot.
///
/// It stands still while the guest is suspended, so that after a resume no worker is called late that never had a chance to run.
public struct MonotonicTime: Comparable, Hashable, Sendable {
    /// Nanoseconds on the clock.
    public let nanoseconds: Int64

    /// The moment at which the clock shows this.
    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// This moment.
    public static func now() -> MonotonicTime {
        MonotonicTime(nanoseconds: clock(CLOCK_MONOTONIC))
    }

    /// Later than any deadline that is ever meant (292 years).
    public static let distantFuture = MonotonicTime(nanoseconds: .max)

    /// Whether `left` is earlier.
    public static func < (left: MonotonicTime, right: MonotonicTime) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// Saturates: a deadline beyond what the type can say is `distantFuture`.
    public static func + (time: MonotonicTime, duration: Duration) -> MonotonicTime {
        let (sum, overflow) = time.nanoseconds.addingReportingOverflow(duration.wholeNanoseconds)
        guard overflow else { return MonotonicTime(nanoseconds: sum) }
        return MonotonicTime(nanoseconds: duration < .zero ? .min : .max)
    }

    /// How much later `left` is; negative when it is earlier.
    public static func - (left: MonotonicTime, right: MonotonicTime) -> Duration {
        .nanoseconds(left.nanoseconds.subtractingReportingOverflow(right.nanoseconds).partialValue)
    }
}

/// A point of the guest's wall clock, in milliseconds since 1970-01-01T00:00:00Z. For people only: it jumps.
public struct WallTime: Comparable, Hashable, Sendable {
    /// Milliseconds since the epoch, leap seconds not counted.
    public let milliseconds: Int64

    /// The moment this long after the epoch.
    public init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    /// This moment as far as the guest knows it.
    public static func now() -> WallTime {
        WallTime(milliseconds: clock(CLOCK_REALTIME) / 1_000_000)
    }

    /// Whether `left` is earlier.
    public static func < (left: WallTime, right: WallTime) -> Bool {
        left.milliseconds < right.milliseconds
    }
}

extension Duration {
    /// The duration in nanoseconds, cut towards zero; saturates at the ends of Int64.
    public var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !overflow else { return seconds < 0 ? .min : .max }
        let (sum, carried) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000)
        return carried ? (seconds < 0 ? .min : .max) : sum
    }
}

/// Both clocks exist on every kernel, so the call cannot fail.
private func clock(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    _ = unsafe clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}

/// Lets a moment pass where there is no event to wait for. For workers, inside a loop that has a deadline.
/// - Parameter duration: at most a second.
public func letTimePass(_ duration: Duration) {
    _ = poll(nil, 0, CInt(clamping: min(duration, .seconds(1)).wholeNanoseconds / 1_000_000))
}
