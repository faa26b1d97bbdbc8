import ShareModel
import ShareWire

/// Makes revisions that only grow, over restarts too: the wall clock's milliseconds, or one more than the last where the clock
/// stands still or went back. Where it went back while sharehost did not run, a guest's report tells the revision that it
/// knows, and the next one is above that.
struct Revisions {
    /// Higher ones are not believed: a guest must not be able to push a revision to where numbers end.
    static let believable: Int64 = 1 << 52

    private(set) var last: Int64 = 0

    /// A revision above all before it, and above one that a guest told.
    mutating func next(now: Timestamp, above told: Int64 = 0) -> Int64 {
        last = max(last + 1, now.milliseconds, told <= Self.believable ? told + 1 : 0)
        return last
    }
}

/// What a VM is offered.
struct Offer: Equatable {
    /// Grows with each change.
    var revision: Int64
    /// In the configuration's order.
    var shares: [Share]

    /// As the result of `shares.list`.
    var value: Value {
        .object(["revision": .integer(revision), "complete": true, "shares": .array(shares.map(\.value))])
    }
}

extension Offer {
    /// Whether the answer to `shares.list` keeps to the limits of a frame.
    var fitsFrame: Bool {
        let message = Message.response(id: .number(Limits.number), result: value, session: String(repeating: "0", count: 32))
        let frame = message.frame.dropLast()
        return (try? StrictJSON.parse(frame)) != nil
    }
}
