/// Scores names as text of one East Asian charset. Characters that were not counted cost what their place in the charset says:
/// the standards put the common ones first.
struct DoubleByteScorer: Sendable {
    private let decoder: CharsetDecoder
    private let letters: LetterCosts

    init(_ candidate: GuessCandidate, _ letters: [LetterCosts]) {
        decoder = CharsetDecoder(candidate.charset)
        self.letters = letters[candidate.languages[0].rawValue]
    }

    /// What a name costs. Its text is added to what was read.
    /// - Returns: nil where the charset cannot read it.
    func cost(of name: Span<UInt8>, _ reading: inout Reading) -> Cost? {
        var sum: Cost = 0
        var isBesideLetter = false
        var index = 0
        while index < name.count {
            let byte = name[index]
            if byte < 0x80 {
                isBesideLetter = (0x61...0x7A).contains(byte | 0x20)
                index += 1
                continue
            }
            let (scalar, length) = decoder.scalar(in: name, at: index)
            if length == 0 { return nil }
            reading.add(scalar)
            sum += letters.of(scalar) ?? floor(scalar, name, index, length)
            if isBesideLetter { sum += Self.besideLetter }
            isBesideLetter = false
            index += length
        }
        return sum
    }

    private static let besideLetter: Cost = 12

    private func floor(_ scalar: UInt32, _ name: Span<UInt8>, _ index: Int, _ length: Int) -> Cost {
        if length == 1 { return (0xFF61...0xFF9F).contains(scalar) ? 112 : 240 }
        if length > 2 { return 248 }
        let (lead, trail) = (name[index], name[index + 1])
        switch decoder.charset {
        case .gb18030, .cp936:
            if trail < 0xA1 || lead < 0xA1 { return 232 }
            return lead >= 0xB0 ? (lead <= 0xD7 ? 152 : 192) : lead <= 0xA3 ? 136 : 200
        case .cp950, .big5HKSCS:
            return (0xA4...0xC6).contains(lead) ? 152 : (0xC9...0xF9).contains(lead) ? 200 : (0xA1...0xA3).contains(lead) ? 136 : 232
        case .cp932:
            if lead <= 0x83 { return 136 }
            return (0x88...0x98).contains(lead) ? 152 : lead < 0xEB && lead > 0x98 ? 200 : 224
        case .eucJP:
            if lead == 0x8E { return 144 }
            return lead < 0xA6 ? 136 : (0xB0...0xCF).contains(lead) ? 152 : lead > 0xCF ? 200 : 224
        case .cp949, .eucKR:
            if trail < 0xA1 || lead < 0xA1 { return 208 }
            return (0xB0...0xC8).contains(lead) ? 144 : lead > 0xC8 ? 208 : lead <= 0xA3 ? 136 : 216
        default: return 240
        }
    }
}
