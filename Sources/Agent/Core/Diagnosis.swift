internal import Reconciler
internal import ShareModel
internal import ShareWire

/// A diagnosis under way: who waits for it, what was found, and which shares are still to be looked into.
struct Diagnosis {
    /// A share that a worker looks into, and the check that it told of last.
    struct UnderWay {
        let share: ShareName
        var last: Finding.Check?
    }

    let asker: WaitingRequest.Asker
    let deadline: Moment
    /// The shares that were asked about, in the order of the answer.
    let names: [String]
    /// In no order.
    private(set) var findings: [Finding] = []
    var queue: [ShareName] = []
    var underWay: [WorkerID: UnderWay] = [:]

    init(asker: WaitingRequest.Asker, deadline: Moment, names: [String]) {
        self.asker = asker
        self.deadline = deadline
        self.names = names
    }

    var isOver: Bool { queue.isEmpty && underWay.isEmpty }

    /// Takes a finding; of two about the same the later one counts.
    mutating func found(_ finding: Finding) {
        findings.removeAll { $0.share == finding.share && $0.check == finding.check }
        findings.append(finding)
    }

    /// The answer. Where all of it does not fit into a frame, shares that are well have one line, and at last no causes have evidence.
    var document: Value {
        var places: [String: Int] = [:]
        for (place, name) in names.enumerated() where places[name] == nil { places[name] = place }
        let sorted = findings.enumerated().sorted { left, right in
            let (first, second) = (key(left.element, places), key(right.element, places))
            return first == second ? left.offset < right.offset : first < second
        }.map(\.element)
        let unwell = Set(sorted.filter(\.isWrong).map(\.share))
        let short = sorted.filter { $0.isWrong || $0.share == nil || ($0.check == .mount && !unwell.contains($0.share)) }
        for some in [sorted, short] {
            let whole = Self.document(of: some)
            if whole.fits(Limits.answerBytes) { return whole }
        }
        return Self.document(
            of: short.filter(\.isWrong).map { finding in
                var bare = finding
                bare.cause = finding.cause.map { Cause($0.code, $0.message, remedy: Array($0.remedy.prefix(1)), errno: $0.errno) }
                return bare
            })
    }

    private func key(_ finding: Finding, _ places: [String: Int]) -> (Int, Int) {
        (finding.share.map { places[$0] ?? names.count } ?? -1, Finding.Check.allCases.firstIndex(of: finding.check) ?? 0)
    }

    private static func document(of findings: [Finding]) -> Value {
        .object(["findings": .array(findings.map(\.value))])
    }
}
