/// A moment by a clock that never jumps (boot time), in milliseconds. Only differences mean anything; wall-clock time is `Timestamp`.
public struct Moment: Hashable, Comparable, Sendable {
    /// Milliseconds since the clock's own beginning.
    public let milliseconds: Int64

    /// A moment.
    public init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    /// Later than any other.
    public static let distantFuture = Moment(milliseconds: .max)

    /// Earlier before later.
    public static func < (left: Moment, right: Moment) -> Bool { left.milliseconds < right.milliseconds }

    /// A later (or earlier) moment.
    public static func + (moment: Moment, milliseconds: Int64) -> Moment {
        Moment(milliseconds: moment.milliseconds + milliseconds)
    }

    /// The milliseconds between two moments.
    public static func - (left: Moment, right: Moment) -> Int64 { left.milliseconds - right.milliseconds }
}

/// Both clocks read at once: the one for deciding, the other for telling.
public struct Clock: Equatable, Sendable {
    /// For deciding.
    public let moment: Moment
    /// For telling.
    public let wall: Timestamp

    /// A reading of both.
    public init(moment: Moment, wall: Timestamp) {
        self.moment = moment
        self.wall = wall
    }
}
