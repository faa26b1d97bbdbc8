import ShareModel

/// Something that has a row in a table and, where all is not well, a few lines under it.
protocol ListDisplayable {
    /// The table's columns.
    static var columns: [Column] { get }
    /// One entry a column.
    func cells(at now: Timestamp) -> [Cell]
    /// What is not as wished; nil where nothing is.
    func problem(at now: Timestamp) -> Problem?
}

/// The lines under a table about one thing that is not as wished.
struct Problem: Equatable {
    /// Who, and in which state: `projects: failed (connection-refused)`.
    let title: String
    /// What could not be done.
    let what: String
    /// What was observed.
    let why: [String]
    /// What mends it.
    let remedy: [String]
    /// What the agent does about it by itself.
    var next: String?

    /// Labels as wide as the widest one, texts wrapped beside them.
    func lines(on screen: Screen) -> [String] {
        let labelled = [("what", [what]), ("why", why), ("remedy", remedy), ("next", next.map { [$0] } ?? [])]
        var lines = [Style.strong.applied(to: title, on: screen)]
        for (label, texts) in labelled {
            var label = label
            for text in texts where !text.isEmpty {
                for line in text.wrapped(to: screen.width.map { max($0 - Self.indent, Table.minimumColumns) }) {
                    lines.append("  " + label.padded(to: Self.indent - 2, right: false) + line)
                    label = ""
                }
            }
        }
        return lines
    }

    private static let indent = 10
}

/// A table and, a blank line apart, a block for each problem.
enum Listing {
    /// The text's lines; `whenEmpty` stands in the place of a table without rows.
    static func lines<Entry: ListDisplayable>(
        of entries: [Entry], on screen: Screen, at now: Timestamp, whenEmpty: String, showsProblems: Bool = true
    ) -> [String] {
        guard !entries.isEmpty else { return [whenEmpty] }
        let table = Table(columns: Entry.columns, rows: entries.map { $0.cells(at: now) })
        let problems = showsProblems ? entries.compactMap { $0.problem(at: now) } : []
        return table.lines(on: screen) + problems.flatMap { [""] + $0.lines(on: screen) }
    }
}
