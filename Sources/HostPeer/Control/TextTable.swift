import ShareModel

/// Aligned columns, two spaces apart, without trailing spaces; every cell made printable.
enum TextTable {
    /// A heading and rows of as many cells. A column without a heading may be empty.
    static func render(_ heading: [String], _ rows: [[String]]) -> String {
        let lines = ([heading] + rows).map { $0.map(\.printable) }
        let widths = heading.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        return lines.map { line in
            var text = ""
            for (cell, width) in zip(line, widths) { text += cell + String(repeating: " ", count: width - cell.count + 2) }
            while text.last == " " { text.removeLast() }
            return text + "\n"
        }.joined()
    }
}
