/// How much of the host one peer may take: a bucket that fills at a steady rate, and from which everything is paid that the
/// peer causes. In debt, it has to wait.
struct Allowance {
    /// What one frame costs beside its bytes: answering is work even when it is short.
    static let perFrame = 4 << 10

    private let capacity: Int
    private let perSecond: Int
    private var held: Int
    private var filledAt: Int64

    /// A full bucket. Times in milliseconds of a clock that does not jump.
    init(capacity: Int = 8 << 20, perSecond: Int = 1 << 20, now: Int64) {
        self.capacity = capacity
        self.perSecond = perSecond
        held = capacity
        filledAt = now
    }

    /// Takes out what something cost, also more than is there.
    mutating func pay(_ cost: Int, now: Int64) {
        fill(now)
        held -= cost
    }

    /// How many milliseconds the peer has to wait; 0 when it need not.
    mutating func wait(now: Int64) -> Int64 {
        fill(now)
        guard held < 0 else { return 0 }
        return Int64(-held) * 1000 / Int64(perSecond) + 1
    }

    private mutating func fill(_ now: Int64) {
        // Less than a thousandth of a second's share would be lost to rounding, so the clock moves by whole milliseconds only.
        let elapsed = max(0, now - filledAt)
        filledAt = max(now, filledAt)
        held = min(capacity, held + Int(min(elapsed, 3_600_000)) * perSecond / 1000)
    }
}
