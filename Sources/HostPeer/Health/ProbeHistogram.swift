import ShareModel

/// How long a share's probes took, as Prometheus wants it: counts up to each bound, fed with one reading a report.
struct ProbeHistogram: Equatable, Sendable {
    /// The upper bounds, in microseconds.
    static let bounds: [Int64] = [100, 500, 1_000, 5_000, 10_000, 50_000, 100_000, 500_000, 1_000_000, 5_000_000]

    /// Readings at or below each bound, not summed up; the last one counts those past all bounds.
    private(set) var counts = [Int64](repeating: 0, count: bounds.count + 1)
    /// All readings together, in microseconds.
    private(set) var sum: Int64 = 0
    private var newest: Timestamp?

    /// How many readings there were.
    var count: Int64 { counts.reduce(0, +) }

    /// Takes a reading, once: a guest repeats it with every report until the next probe.
    mutating func take(_ probe: ShareStatus.Probe) {
        guard probe.at != newest else { return }
        newest = probe.at
        let latency = max(0, probe.latencyMicroseconds)
        counts[Self.bounds.firstIndex { latency <= $0 } ?? Self.bounds.count] += 1
        let (total, overflow) = sum.addingReportingOverflow(latency)
        sum = overflow ? .max : total
    }
}
