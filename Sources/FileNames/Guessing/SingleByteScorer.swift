/// Scores names as text of one single-byte charset: everything about each byte is looked up once.
struct SingleByteScorer: Sendable {
    private let scalars: [UInt32]
    private let shapes: [Shape]
    private let isLatin: [Bool]
    /// By language, 128 of each.
    private let costs: [Cost]
    /// By language and byte, 54 of each.
    private let neighbours: [Int8]
    private let languageCount: Int

    init(_ candidate: GuessCandidate, _ letters: [LetterCosts]) {
        let decoder = CharsetDecoder(candidate.charset)
        let scalars = (0..<128).map { UInt32(decoder.lone[$0]) }
        self.scalars = scalars
        let shapes = scalars.map(Shape.of)
        self.shapes = shapes
        isLatin = scalars.map { $0 < 0x370 || (0x1E00...0x1EFF).contains($0) }
        languageCount = candidate.languages.count
        costs = candidate.languages.flatMap { language in
            zip(scalars, shapes).map { letters[language.rawValue].of($0) ?? Self.floor($0, $1) }
        }
        neighbours = candidate.languages.flatMap { language in scalars.flatMap { letters[language.rawValue].neighbours(of: $0) } }
    }

    /// 0 to 25 for an ASCII letter, 26 for everything else.
    @inline(__always)
    private static func place(_ byte: UInt8) -> Int {
        let letter = byte | 0x20
        return (0x61...0x7A).contains(letter) ? Int(letter) - 0x61 : 26
    }

    /// Of characters that were not counted.
    private static func floor(_ scalar: UInt32, _ shape: Shape) -> Cost {
        if shape.isLetter { return 128 }
        switch scalar {
        case 0x80...0x9F: return 240
        case 0x2010...0x2026, 0xA9, 0xAB, 0xAE, 0xB0, 0xB7, 0xBB, 0xA0: return 104
        default: return 160
        }
    }

    /// What a name costs in the language that suits it best: names of several languages lie side by side. Its text is added to what was read.
    /// - Returns: nil where the charset cannot read it.
    func cost(of name: Span<UInt8>, _ reading: inout Reading) -> Cost? {
        var common: Cost = 0
        var before: (shape: Shape, isASCII: Bool, isLatin: Bool) = (.none, true, true)
        for index in 0..<name.count {
            let byte = name[index]
            guard byte >= 0x80 else {
                let shape: Shape = (0x61...0x7A).contains(byte) ? .lower : (0x41...0x5A).contains(byte) ? .upper : .none
                if shape != .none, !before.isASCII {
                    if before.shape.isLetter, !before.isLatin { common += Neighbours.mixedScripts }
                    if before.shape == .symbol { common += Neighbours.symbolInside }
                    if shape == .upper, before.shape == .lower { common += Neighbours.capitalInside }
                }
                before = (shape, true, true)
                continue
            }
            let at = Int(byte & 0x7F)
            let shape = shapes[at]
            if shape == .none { return nil }
            reading.add(scalars[at])
            if shape.isLetter {
                if isLatin[at] {
                    if before.shape.isLetter, !before.isASCII { common += Neighbours.twoAccents }
                } else if before.shape.isLetter, before.isASCII || before.isLatin {
                    common += Neighbours.mixedScripts
                }
                if shape == .upper, before.shape == .lower { common += Neighbours.capitalInside }
                if before.shape == .symbol, !before.isASCII { common += Neighbours.symbolInside }
            } else if before.shape.isLetter {
                common += Neighbours.symbolInside
            }
            before = (shape, false, isLatin[at])
        }
        var least = Cost.max
        for language in 0..<languageCount {
            var sum = common
            for index in 0..<name.count where name[index] >= 0x80 {
                let row = language << 7 | Int(name[index] & 0x7F)
                sum += costs[row]
                // Beside another byte above ASCII nothing is known: it may be half of something else.
                let before = index == 0 ? UInt8(ascii: " ") : name[index - 1]
                let behind = index + 1 == name.count ? UInt8(ascii: " ") : name[index + 1]
                if before < 0x80 { sum += Cost(neighbours[row * LetterCosts.sides + Self.place(before)]) }
                if behind < 0x80 { sum += Cost(neighbours[row * LetterCosts.sides + 27 + Self.place(behind)]) }
            }
            least = min(least, sum)
        }
        return least
    }
}
