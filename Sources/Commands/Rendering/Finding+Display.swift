import ShareModel

extension Finding: ListDisplayable {
    static var columns: [Column] {
        [
            Column(title: "SHARE", isFlexible: true), Column(title: "CHECK"), Column(title: "STATUS"),
            Column(title: "SEEN", isFlexible: true, dropRank: 1),
        ]
    }

    func cells(at _: Timestamp) -> [Cell] {
        [
            Cell(share?.printable, .strong), Cell(check.rawValue), Cell(status.rawValue, status.style),
            Cell(note?.printable ?? cause?.code.rawValue, .quiet),
        ]
    }

    func problem(at _: Timestamp) -> Problem? {
        guard isWrong else { return nil }
        let place = share.map { "\($0.printable): " } ?? ""
        var why = cause?.evidence ?? []
        if let cause, let errno = cause.errno, !cause.message.contains(errno) { why.append(errno) }
        return Problem(
            title: "\(place)\(check.rawValue) \(status.rawValue)" + (cause.map { " (\($0.code.rawValue))" } ?? ""),
            what: cause?.message ?? note ?? "", why: why, remedy: cause?.remedy ?? [])
    }
}

extension Finding.Status {
    var style: Style? {
        switch self {
        case .ok: .good
        case .warning: .doubtful
        case .failed: .bad
        case .skipped: nil
        }
    }
}
