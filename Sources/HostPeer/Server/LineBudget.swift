/// How many log lines one guest may cause: a few at once, then one every few seconds. What is left out is counted and told.
struct LineBudget {
    /// Lines at once.
    static let burst: Int64 = 30
    /// Milliseconds until the next one.
    static let intervalMs: Int64 = 2_000

    private var fullAt = Int64.min
    private var omitted = 0

    /// Whether a line may be written, and how many before it were left out.
    mutating func take(now: Int64) -> (allowed: Bool, omitted: Int) {
        let next = max(fullAt, now) + Self.intervalMs
        guard next - now <= Self.burst * Self.intervalMs else {
            omitted += 1
            return (false, 0)
        }
        fullAt = next
        defer { omitted = 0 }
        return (true, omitted)
    }
}
