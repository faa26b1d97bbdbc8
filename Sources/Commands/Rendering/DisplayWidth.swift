extension Unicode.Scalar {
    /// Terminal columns it takes: 0 for what is drawn onto the one before, 2 for East Asian wide ones and emoji, else 1.
    fileprivate var columns: Int {
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark: return 0
        default: break
        }
        switch value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97C, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19,
            0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
            return 2  // the ranges that Unicode's EastAsianWidth.txt calls W or F, gaps in them counted along
        default: return 1
        }
    }
}

extension String {
    /// Columns this text takes on a terminal; for texts already made printable.
    var columns: Int {
        utf8.allSatisfy { $0 < 0x80 } ? utf8.count : unicodeScalars.reduce(0) { $0 + $1.columns }
    }

    /// The text in at most `limit` columns, the middle left out for `…`: both ends of a source or a path say the most.
    func shortened(to limit: Int) -> String {
        guard columns > limit else { return self }
        guard limit > 1 else { return limit == 1 ? "…" : "" }
        let tailColumns = (limit - 1) / 2
        let head = prefix(columns: limit - 1 - tailColumns)
        return head + "…" + suffix(columns: tailColumns)
    }

    /// Filled up with spaces to `width` columns.
    func padded(to width: Int, right: Bool) -> String {
        let fill = String(repeating: " ", count: max(0, width - columns))
        return right ? fill + self : self + fill
    }

    private func prefix(columns limit: Int) -> String {
        var text = String.UnicodeScalarView()
        var taken = 0
        for scalar in unicodeScalars {
            guard taken + scalar.columns <= limit else { break }
            taken += scalar.columns
            text.append(scalar)
        }
        return String(text)
    }

    private func suffix(columns limit: Int) -> String {
        var scalars: [Unicode.Scalar] = []
        var taken = 0
        for scalar in unicodeScalars.reversed() {
            guard taken + scalar.columns <= limit else { break }
            taken += scalar.columns
            scalars.append(scalar)
        }
        // A mark must not begin the tail: it would be drawn onto the ellipsis.
        while let last = scalars.last, last.columns == 0 { scalars.removeLast() }
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars.reversed())
        return String(text)
    }

    /// The text in lines of at most `width` columns, broken at spaces; a word longer than a line keeps a line of its own.
    func wrapped(to width: Int?) -> [String] {
        guard let width, columns > width else { return [self] }
        var lines: [String] = []
        var line = ""
        for word in split(separator: " ", omittingEmptySubsequences: false) {
            if !line.isEmpty, line.columns + 1 + String(word).columns > width {
                lines.append(line)
                line = String(word)
            } else {
                line += line.isEmpty ? String(word) : " " + word
            }
        }
        return lines + [line]
    }
}
