import ShareModel
import ShareWire

/// Makes revisions that only grow, over restarts too: the wall clock's milliseconds, or one more than the last where the clock
/// stands still or went back. Where it went back while sharehost did not run, a guest knows a higher one than it is offered; its
/// own offer is then raised above that, and nobody else's.
struct Revisions {
    /// How far ahead of the wall clock a guest's revision is believed, in milliseconds: 100 years. A host whose clock begins at
    /// 1970 for want of a battery is half a century behind what its guests know, and so may be one that takes the place of a host
    /// whose clock was ahead. What lies further off is no host's time: it would only bring its guest nearer to where numbers end.
    static let horizonMs: Int64 = 100 * 365 * 86_400_000
    /// How far ahead of the wall clock an offer is put at first that a guest passes over without a word, in milliseconds: a day.
    static let firstLeapMs: Int64 = 86_400_000

    private var last: Int64 = 0

    /// A revision above all that were made here for whomever, and above one that only the VM knows which it is for.
    mutating func next(now: Timestamp, above own: Int64 = 0) -> Int64 {
        last = max(last + 1, now.milliseconds)
        return max(last, own + 1)
    }

    /// Whether a host can have made a revision.
    static func isBelievable(_ told: Int64, now: Timestamp) -> Bool {
        told - now.milliseconds <= horizonMs
    }

    /// Where to put an offer next that a guest passes over without telling what it knows: twice as far ahead of the wall clock as
    /// it is. Nil where that would not be believed any more.
    static func leap(from revision: Int64, now: Timestamp) -> Int64? {
        let lead = max(2 * (revision - now.milliseconds), firstLeapMs)
        return lead <= horizonMs ? now.milliseconds + lead : nil
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
