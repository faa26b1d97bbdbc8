import ShareModel

/// What is measured, in the order in which it is shown.
enum Measure: String, CaseIterable {
    case sequentialRead, sequentialWrite, randomRead, randomWrite, create, stat, openRead, unlink, list, latency

    /// Whether bytes are counted, and not operations.
    var countsBytes: Bool { self == .sequentialRead || self == .sequentialWrite }

    /// In a sentence.
    var words: String {
        switch self {
        case .sequentialRead: "sequential reading"
        case .sequentialWrite: "sequential writing"
        case .randomRead: "random reading"
        case .randomWrite: "random writing"
        case .create: "creating small files"
        case .stat: "looking at small files"
        case .openRead: "reading small files"
        case .unlink: "removing small files"
        case .list: "listing"
        case .latency: "the time of one small operation"
        }
    }
}

/// What was measured of one thing, once.
struct Reading {
    let measure: Measure
    /// Bytes or operations.
    let count: Int64
    let nanoseconds: Int64
    /// Of single operations, in microseconds; nil where only the whole was timed.
    var medianMicroseconds: Int64?
    var p99Microseconds: Int64?
    /// How much of the file was in this machine's memory before it was read, all the same.
    var cachedPercent: Int?

    init(_ measure: Measure, count: Int64, nanoseconds: Int64) {
        self.measure = measure
        self.count = count
        // A clock that did not move must not make a rate of infinity.
        self.nanoseconds = max(nanoseconds, 1000)
    }

    /// From the times of single operations, in nanoseconds; nil without any.
    init?(_ measure: Measure, _ times: [Int64]) {
        guard !times.isEmpty else { return nil }
        self.init(measure, count: Int64(times.count), nanoseconds: times.reduce(0, +))
        let sorted = times.sorted()
        medianMicroseconds = Statistics.rank(sorted, percent: 50) / 1000
        p99Microseconds = Statistics.rank(sorted, percent: 99) / 1000
    }

    /// Bytes or operations a second. Of a latency: what one program gets that waits for each answer.
    var perSecond: Double { Double(count) * 1e9 / Double(nanoseconds) }

    /// As the report has it.
    var value: Value {
        let rate = Value.integer(Int64(perSecond.rounded()))
        return .object([
            "bytesPerSecond": measure.countsBytes ? rate : nil, "bytes": measure.countsBytes ? .integer(count) : nil,
            "perSecond": measure.countsBytes ? nil : rate, "operations": measure.countsBytes ? nil : .integer(count),
            "medianMicroseconds": .number(medianMicroseconds), "p99Microseconds": .number(p99Microseconds),
            "cachedPercent": .number(cachedPercent),
        ])
    }
}

/// All readings of one pass.
struct Readings {
    private(set) var rows: [Reading] = []

    mutating func put(_ reading: Reading?) {
        guard let reading else { return }
        rows.removeAll { $0.measure == reading.measure }
        rows.append(reading)
    }

    subscript(_ measure: Measure) -> Reading? { rows.first { $0.measure == measure } }

    /// An object with a key a measure.
    var value: Value {
        .object(Measure.allCases.compactMap { measure in self[measure].map { Value.Member(measure.rawValue, $0.value) } })
    }
}

/// The arithmetic of the bench.
enum Statistics {
    /// The value at this percentage of a sorted list (nearest rank); 0 of an empty one.
    static func rank(_ sorted: [Int64], percent: Int) -> Int64 {
        guard !sorted.isEmpty else { return 0 }
        let rank = (sorted.count * percent + 99) / 100
        return sorted[min(max(rank, 1), sorted.count) - 1]
    }

    /// The median; the mean of the two in the middle of an even count; 0 of nothing.
    static func median(_ values: [Double]) -> Double {
        guard !values.isEmpty else { return 0 }
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
}
