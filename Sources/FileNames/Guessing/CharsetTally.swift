/// What a directory's names are most likely written in.
public struct CharsetGuess: Sendable, Equatable {
    /// The charset.
    public let charset: Charset
    /// How sure that is, in thousandths; the rest is shared by all other charsets.
    public let confidence: Int
    /// Names that it rests on: those that differ in more than ASCII.
    public let names: Int
    /// Names among them that it cannot read: they are of another charset, or damaged.
    public let unreadable: Int
    /// Others that read each name alike.
    public let alike: [Charset]

    /// From its parts.
    public init(charset: Charset, confidence: Int, names: Int, unreadable: Int, alike: [Charset]) {
        (self.charset, self.confidence, self.names, self.unreadable, self.alike) = (charset, confidence, names, unreadable, alike)
    }

    /// From here on a guess may be proposed. It never decides anything.
    public static let enough = 900

    /// Whether it may be proposed.
    public var isSure: Bool { confidence >= Self.enough }
}

/// The tables of all candidates: 2 MB, made once.
public final class GuessModel: Sendable {
    let candidates: [GuessCandidate]
    let scorers: [Scorer]

    enum Scorer: Sendable {
        case single(SingleByteScorer)
        case double(DoubleByteScorer)
    }

    /// Spreads the tables out: some milliseconds.
    public init() {
        let letters = Language.allCases.map(LetterCosts.init)
        candidates = GuessCandidate.all
        scorers = candidates.map {
            if case .single = $0.charset.kind { .single(SingleByteScorer($0, letters)) } else { .double(DoubleByteScorer($0, letters)) }
        }
    }
}

/// Collects the names of one directory that are not UTF-8, and guesses what they are.
public struct CharsetTally {
    private let model: GuessModel
    private var sums: [Cost]
    private var unreadable: [Int]
    private var readings: [Reading]
    /// Bytes above ASCII.
    private var high: Cost = 0
    private var seen: Set<UInt64> = []
    /// Names that are UTF-8 cut inside a character, which say nothing of a charset.
    private var cut = 0

    /// More names than this say nothing new.
    public static let mostNames = 400

    /// Of an empty directory.
    public init(_ model: GuessModel) {
        self.model = model
        sums = [Cost](repeating: 0, count: model.candidates.count)
        unreadable = [Int](repeating: 0, count: model.candidates.count)
        readings = [Reading](repeating: Reading(), count: model.candidates.count)
    }

    /// Names that were looked at.
    public var names: Int { seen.count }

    /// For the next directory.
    public mutating func clear() {
        cut = 0
        guard !seen.isEmpty else { return }
        for index in sums.indices { sums[index] = 0 }
        for index in unreadable.indices { (unreadable[index], readings[index]) = (0, Reading()) }
        high = 0
        seen.removeAll(keepingCapacity: true)
    }

    /// Looks at a name. Names that differ in ASCII only, as those of a camera do, count once.
    public mutating func add(_ name: Span<UInt8>) {
        if isCutUTF8(name) {
            cut += 1
            return
        }
        guard seen.count < Self.mostNames, seen.insert(Self.mark(name)).inserted else { return }
        var high: Cost = 0
        for index in 0..<name.count where name[index] >= 0x80 { high += 1 }
        self.high += high
        let penalty = Neighbours.unreadable + Neighbours.unreadableByte * high
        for index in model.candidates.indices {
            let cost =
                switch model.scorers[index] {
                case .single(let scorer): scorer.cost(of: name, &readings[index])
                case .double(let scorer): scorer.cost(of: name, &readings[index])
                }
            if cost == nil { unreadable[index] += 1 }
            sums[index] += cost ?? penalty
        }
    }

    /// FNV-1a of the bytes above ASCII.
    private static func mark(_ name: Span<UInt8>) -> UInt64 {
        var mark: UInt64 = 0xCBF2_9CE4_8422_2325
        for index in 0..<name.count where name[index] >= 0x80 { mark = (mark ^ UInt64(name[index])) &* 0x100_0000_01B3 }
        return mark
    }

    /// The guess; nil for a directory without such names.
    /// - Parameter expected: the charset of the place, if one is known; it is preferred where the names leave it open.
    public func guess(expecting expected: Charset? = nil) -> CharsetGuess? {
        guard !seen.isEmpty else { return nil }
        let scores = model.candidates.indices.map { index in
            let candidate = model.candidates[index]
            return sums[index] + candidate.prior - (candidate.charset == expected ? Self.expectation : 0)
        }
        guard let first = scores.indices.min(by: { scores[$0] < scores[$1] }) else { return nil }
        // Charsets that read each name alike are one answer, and the usual one of them is named.
        let alike = scores.indices.filter { readings[$0] == readings[first] && unreadable[$0] == unreadable[first] }
        let best = alike.min { isUsual($0, before: $1, expected) } ?? first
        var lead = Int.max
        for index in scores.indices where !alike.contains(index) { lead = min(lead, Int(scores[index] - scores[first])) }
        var others: [Charset] = []
        for index in alike where index != best { others.append(model.candidates[index].charset) }
        let confidence = Self.confidence(ofLead: lead)
        return CharsetGuess(
            charset: model.candidates[best].charset, confidence: isText(first) ? confidence : min(confidence, Self.unlikely),
            names: seen.count, unreadable: unreadable[best], alike: others)
    }

    /// Somebody is always first, also where the names are no text, or of a charset that is no candidate. Then the first is dear, too. One or
    /// two names may be dear and right.
    private func isText(_ candidate: Int) -> Bool {
        // Where most are UTF-8 that was cut, so are the others, too short to show it.
        cut < seen.count && (seen.count < Self.fewNames || sums[candidate] <= Self.dearest * high)
    }

    private static let fewNames = 3
    /// A byte above ASCII, on average. Of ten names, text in its own charset costs less in 99 of 100 directories, random bytes in 3 of 100.
    private static let dearest: Cost = 108
    private static let unlikely = 800

    private func isUsual(_ first: Int, before second: Int, _ expected: Charset?) -> Bool {
        let (one, other) = (model.candidates[first], model.candidates[second])
        if (one.charset == expected) != (other.charset == expected) { return one.charset == expected }
        return one.prior < other.prior
    }

    /// Six nats.
    private static let expectation: Cost = 96

    /// Thousandths for a lead in 1/16 nats: steps chosen by hand. GuessTests prints what is right, and what is wrong though sure.
    static func confidence(ofLead lead: Int) -> Int {
        var answer = 500
        for (needed, thousandths) in leads where lead >= needed { answer = thousandths }
        return answer
    }

    private static let leads = [(0, 500), (16, 600), (32, 700), (48, 800), (64, 900), (96, 950), (160, 990), (320, 999)]
}
