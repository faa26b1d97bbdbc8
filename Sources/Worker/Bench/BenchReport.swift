import ShareModel

/// What a bench found out, as `share.bench` answers it.
struct BenchReport {
    /// One profile beside the share's own.
    struct Compared {
        let profile: Share.Profile
        /// The options that differ from the own profile's, as `name=value`; what is left out, as `no name`.
        let differences: [String]
        /// What it costs, in words.
        let cost: String
        /// The rounds' medians.
        let medians: [(measure: Measure, perSecond: Double)]
        let ratios: [Ratio]
    }

    let order: BenchOrder
    var readings = Readings()
    var isWritten = false
    var milliseconds: Int64 = 0
    var notes: [String]
    var rounds = 0
    var own: [(measure: Measure, perSecond: Double)] = []
    var compared: [Compared] = []
    /// Profiles that were not tried, and why.
    var skipped: [(profile: Share.Profile, why: String)] = []
    var recommendation: Recommendation?

    init(order: BenchOrder) {
        self.order = order
        notes = order.notes
    }

    /// Each remark once.
    mutating func note(_ remark: String) {
        if !notes.contains(remark) { notes.append(remark) }
    }

    mutating func note(_ remarks: [String]) {
        for remark in remarks { note(remark) }
    }

    var value: Value {
        .object([
            "share": .string(order.share.name.text), "type": .string(order.share.source.type.rawValue),
            "target": .string(order.target.text), "profile": .string(order.share.profile.rawValue), "written": .bool(isWritten),
            "timeMs": .integer(order.timeMs), "spaceBytes": .integer(order.spaceBytes), "tookMs": .integer(milliseconds),
            "results": readings.value, "notes": .array(notes.map(Value.string)),
            "compare": order.profiles.isEmpty ? nil : comparison,
            "recommendation": recommendation?.value,
        ])
    }

    private var comparison: Value {
        .object([
            "rounds": .integer(Int64(rounds)), "own": Self.rates(own),
            "profiles": .array(
                compared.map { one in
                    .object([
                        "profile": .string(one.profile.rawValue), "differences": .array(one.differences.map(Value.string)),
                        "cost": .string(one.cost), "results": Self.rates(one.medians),
                        "ratioPercent": .object(one.ratios.map { Value.Member($0.measure.rawValue, .integer($0.percent)) }),
                    ])
                }),
            "skipped": .array(
                skipped.map { .object(["profile": .string($0.profile.rawValue), "why": .string($0.why)]) }),
        ])
    }

    private static func rates(_ medians: [(measure: Measure, perSecond: Double)]) -> Value {
        .object(
            medians.map { median in
                let rate = Value.integer(Int64(median.perSecond.rounded()))
                return Value.Member(median.measure.rawValue, .object([median.measure.countsBytes ? "bytesPerSecond" : "perSecond": rate]))
            })
    }
}
