import Glibc
import ShareModel

/// One measure of a profile beside the same of the share's own profile.
struct Ratio: Equatable {
    let measure: Measure
    /// The medians' ratio; above 1 the other profile is faster.
    let times: Double
    /// Whether the slower one's best round was worse than the faster one's worst: else the difference may be chance.
    let isClear: Bool

    var percent: Int64 { Int64((times * 100).rounded()) }

    /// From the rounds of both, as rates.
    init?(_ measure: Measure, own: [Double], other: [Double]) {
        let (mine, theirs) = (Statistics.median(own), Statistics.median(other))
        guard mine > 0, theirs > 0, let worstMine = own.min(), let bestMine = own.max(), let worst = other.min(), let best = other.max()
        else {
            return nil
        }
        self.measure = measure
        times = theirs / mine
        isClear = worst > bestMine || best < worstMine
    }

    init(_ measure: Measure, times: Double, isClear: Bool) {
        self.measure = measure
        self.times = times
        self.isClear = isClear
    }
}

/// What a comparison comes to.
struct Recommendation: Equatable {
    /// What a profile must be better, over all, to be worth a change.
    static let worthwhile = 1.10

    let profile: Share.Profile
    /// The geometric mean of all its ratios, in percent; 100 for the own profile.
    let percent: Int64
    let sentence: String
    /// What the profile costs; nil for the own one.
    let cost: String?

    /// The profile whose ratios are best over all, if that is worth it and at least one of its gains is clear.
    static func make(own: Share.Profile, compared: [(profile: Share.Profile, ratios: [Ratio], cost: String)]) -> Recommendation {
        let worthy = compared.filter { candidate in
            overall(candidate.ratios) > worthwhile && candidate.ratios.contains { $0.isClear && $0.times > worthwhile }
        }
        guard let best = worthy.max(by: { overall($0.ratios) < overall($1.ratios) }) else {
            return Recommendation(
                profile: own, percent: 100, sentence: "keep \(own.rawValue): nothing is more than 10 % better over all", cost: nil)
        }
        let times = overall(best.ratios)
        var sentence = "\(best.profile.rawValue) is \(spelled(times)) times as fast as \(own.rawValue) over all"
        if let gain = best.ratios.filter(\.isClear).max(by: { $0.times < $1.times }) {
            sentence += "; most in \(gain.measure.words): \(spelled(gain.times)) times"
        }
        if let loss = best.ratios.filter({ $0.isClear && $0.times < 1 / worthwhile }).min(by: { $0.times < $1.times }) {
            sentence += "; it loses in \(loss.measure.words): \(spelled(loss.times)) times"
        }
        return Recommendation(profile: best.profile, percent: Int64((times * 100).rounded()), sentence: sentence, cost: best.cost)
    }

    /// The geometric mean, in which twice as fast and half as fast are level.
    static func overall(_ ratios: [Ratio]) -> Double {
        guard !ratios.isEmpty else { return 1 }
        return exp(ratios.reduce(0) { $0 + log($1.times) } / Double(ratios.count))
    }

    /// `1.25`, without a formatter.
    static func spelled(_ times: Double) -> String {
        let hundredths = Int64((times * 100).rounded())
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
    }

    var value: Value {
        .object([
            "profile": .string(profile.rawValue), "ratioPercent": .integer(percent), "sentence": .string(sentence), "cost": .text(cost),
        ])
    }
}
