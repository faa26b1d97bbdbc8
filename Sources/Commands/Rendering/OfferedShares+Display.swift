import ShareModel

extension OfferedShares.Entry: ListDisplayable {
    static var columns: [Column] {
        [
            Column(title: "NAME", isFlexible: true), Column(title: "TYPE", dropRank: 3), Column(title: "SOURCE", isFlexible: true),
            Column(title: "TARGET", isFlexible: true, dropRank: 4), Column(title: "ACCESS"), Column(title: "ATTACH", dropRank: 2),
            Column(title: "REQUIRED", dropRank: 1), Column(title: "OFFERED BY", isFlexible: true, dropRank: 0),
        ]
    }

    func cells(at now: Timestamp) -> [Cell] {
        [
            Cell(name.printable, .strong), Cell(share?.source.type.rawValue), Cell(share?.source.spelling),
            Cell(target?.printable ?? share?.target?.description), Cell(share?.access.rawValue), Cell(share?.attach.rawValue),
            Cell(share.map { $0.required ? "yes" : "no" }), Cell(offeredBy.printable),
        ]
    }

    func problem(at now: Timestamp) -> Problem? {
        guard let cause else { return nil }
        return Problem(
            title: "\(name.printable): would \(cause.code.isRefusal ? "be refused" : "fail") (\(cause.code.rawValue))", what: cause.message,
            why: cause.evidence, remedy: cause.remedy)
    }
}
