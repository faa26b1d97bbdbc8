/// One column of a table: its heading, and what may be done to it where a terminal is narrow.
struct Column {
    /// The heading.
    let title: String
    /// Numbers stand on the right.
    var isNumber = false
    /// Whether its texts may be shortened.
    var isFlexible = false
    /// Which columns go first where room is short, the lowest first; nil: never.
    var dropRank: Int?
}

/// One entry of a row.
struct Cell {
    /// Printable text; empty where there is nothing to say, which is shown as `-`.
    let text: String
    /// How it stands out.
    var style: Style?

    init(_ text: String?, _ style: Style? = nil) {
        self.text = text.map { $0.isEmpty ? "-" : $0 } ?? "-"
        self.style = style
    }
}

/// Rows under headings, aligned; on a terminal no line is longer than it is wide as long as the columns can give way.
struct Table {
    let columns: [Column]
    let rows: [[Cell]]

    /// Between two columns.
    private static let gap = "  "
    /// A flexible column is not made narrower than this while another column can be dropped.
    static let comfortableColumns = 18
    /// A flexible column is never made narrower than this.
    static let minimumColumns = 8

    /// The lines, headings first, without line ends.
    func lines(on screen: Screen) -> [String] {
        let (kept, widths) = layout(width: screen.width)
        let heading = kept.map { Cell(columns[$0].title, .strong) }
        return ([heading] + rows.map { row in kept.map { row[$0] } }).map { line($0, kept, widths, screen) }
    }

    private func line(_ cells: [Cell], _ kept: [Int], _ widths: [Int], _ screen: Screen) -> String {
        var pieces: [String] = []
        for (place, cell) in cells.enumerated() {
            let column = columns[kept[place]]
            let text = cell.text.shortened(to: widths[place])
            // Style goes round the text, not round the padding; the last column needs none, so that no line ends in spaces.
            let styled = cell.style.applied(to: text, on: screen)
            let fill = String(repeating: " ", count: max(0, widths[place] - text.columns))
            if column.isNumber {
                pieces.append(fill + styled)
            } else {
                pieces.append(place == cells.count - 1 ? styled : styled + fill)
            }
        }
        return pieces.joined(separator: Self.gap)
    }

    /// Which columns are shown, and how wide.
    private func layout(width: Int?) -> (kept: [Int], widths: [Int]) {
        let natural = columns.indices.map { index in
            rows.reduce(columns[index].title.columns) { max($0, $1[index].text.columns) }
        }
        var kept = Array(columns.indices)
        guard let width else { return (kept, natural) }
        let dropOrder = columns.indices.filter { columns[$0].dropRank != nil }.sorted {
            (columns[$0].dropRank ?? 0) < (columns[$1].dropRank ?? 0)
        }
        for drop in [nil] + dropOrder.map(Optional.some) {
            kept.removeAll { $0 == drop }
            if let widths = fitted(kept, natural, width, floor: Self.comfortableColumns) { return (kept, widths) }
        }
        let narrowest = kept.map { columns[$0].isFlexible ? min(natural[$0], Self.minimumColumns) : natural[$0] }
        return (kept, fitted(kept, natural, width, floor: Self.minimumColumns) ?? narrowest)
    }

    /// Widths that fit with no flexible column under `floor`, room left over handed to the narrowed ones; nil where none do.
    private func fitted(_ kept: [Int], _ natural: [Int], _ width: Int, floor: Int) -> [Int]? {
        var widths = kept.map { columns[$0].isFlexible ? min(natural[$0], floor) : natural[$0] }
        var left = width - widths.reduce(0, +) - Self.gap.utf8.count * max(0, kept.count - 1)
        guard left >= 0 else { return nil }
        while left > 0 {
            let narrowed = kept.indices.filter { widths[$0] < natural[kept[$0]] }
            guard let next = narrowed.min(by: { widths[$0] < widths[$1] }) else { break }
            widths[next] += 1
            left -= 1
        }
        return widths
    }
}
