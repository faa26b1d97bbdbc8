import ShareModel

/// A diagnosis as text: a line for each check, a block for each thing that is wrong, and how many there are.
enum DiagnosisText {
    /// - Parameter isWhole: whether shares that are well are shown with all their checks, too, and not in one line each.
    static func lines(of findings: [Finding], isWhole: Bool, on screen: Screen, at now: Timestamp) -> [String] {
        let shown = isWhole ? findings : brief(findings)
        guard !shown.isEmpty else { return ["nothing was looked at"] }
        let wrong = distinct(findings)
        let table = Table(columns: Finding.columns, rows: shown.map { $0.cells(at: now) }).lines(on: screen)
        let looked = Amounts.count(Set(findings.compactMap(\.share)).count, "share")
        let verdict = wrong.isEmpty ? "nothing is wrong" : "\(wrong.count) not as it should be"
        return table + wrong.compactMap { $0.problem(at: now) }.flatMap { [""] + $0.lines(on: screen) }
            + ["", Style.quiet.applied(to: "\(looked) looked into; \(verdict)", on: screen)]
    }

    /// A share with which nothing is wrong by its last check, which says that a file was read, or why none was.
    private static func brief(_ findings: [Finding]) -> [Finding] {
        let unwell = Set(findings.filter(\.isWrong).map(\.share))
        return findings.enumerated().filter { place, finding in
            guard finding.share != nil, !unwell.contains(finding.share) else { return true }
            return place + 1 == findings.count || findings[place + 1].share != finding.share
        }.map(\.element)
    }

    /// What is wrong, each thing once: why a share could not be mounted has often been found before.
    private static func distinct(_ findings: [Finding]) -> [Finding] {
        var told: [(share: String?, code: CauseCode?)] = []
        return findings.filter { finding in
            guard finding.isWrong else { return false }
            defer { told.append((finding.share, finding.cause?.code)) }
            return finding.cause == nil || !told.contains { $0.share == finding.share && $0.code == finding.cause?.code }
        }
    }
}
