/// What a character is, in words: its script and its general category.
enum CharacterKind {
    static func words(of scalar: Unicode.Scalar) -> String {
        if let dialect = dialect(of: scalar) { return dialect }
        let category = category(scalar.properties.generalCategory)
        guard let script = scripts.first(where: { $0.range.contains(scalar.value) })?.name else { return category }
        return script + " " + category
    }

    /// Private characters that have a meaning in names.
    private static func dialect(of scalar: Unicode.Scalar) -> String? {
        switch scalar.value {
        case 0xEF80...0xEFFF: "byte 0x\(String(scalar.value & 0xFF, radix: 16)), escaped by a view (if a view made this name)"
        case 0xFFFD: "replacement character: what stood here was lost before"
        case 0xF001...0xF07F: "private character for a reserved one (SFM or SFU)"
        default: nil
        }
    }

    private static func category(_ category: Unicode.GeneralCategory) -> String {
        switch category {
        case .uppercaseLetter, .titlecaseLetter: "capital letter"
        case .lowercaseLetter: "small letter"
        case .modifierLetter, .otherLetter: "letter"
        case .nonspacingMark, .spacingMark, .enclosingMark: "combining mark"
        case .decimalNumber, .letterNumber, .otherNumber: "digit"
        case .spaceSeparator: "space"
        case .lineSeparator, .paragraphSeparator, .control: "control character"
        case .format: "invisible format character"
        case .privateUse: "private character"
        case .surrogate, .unassigned: "unassigned"
        case .mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol: "symbol"
        default: "punctuation"
        }
    }

    private static let scripts: [(range: ClosedRange<UInt32>, name: String)] = [
        (0x00...0x7F, "ASCII"), (0xC0...0x24F, "Latin"), (0x370...0x3FF, "Greek"), (0x400...0x52F, "Cyrillic"), (0x590...0x5FF, "Hebrew"),
        (0x600...0x6FF, "Arabic"), (0xE00...0xE7F, "Thai"), (0x1100...0x11FF, "Hangul"), (0x1E00...0x1EFF, "Latin"),
        (0x1F00...0x1FFF, "Greek"), (0x3040...0x309F, "Hiragana"), (0x30A0...0x30FF, "Katakana"), (0x3130...0x318F, "Hangul"),
        (0x3400...0x4DBF, "Han"), (0x4E00...0x9FFF, "Han"), (0xAC00...0xD7A3, "Hangul"), (0xF900...0xFAFF, "Han (compatibility)"),
        (0xFF00...0xFF60, "full-width"), (0xFF61...0xFF9F, "half-width Katakana"), (0x20000...0x2A6DF, "Han"),
        (0x2F800...0x2FA1F, "Han (compatibility)"),
    ]
}
