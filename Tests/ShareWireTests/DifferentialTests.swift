import ShareModel
import ShareWire
import Testing

@Suite("two readers of one grammar agree")
struct Differential {
    /// Pieces that JSON is made of, and pieces it must not be made of.
    private static let pieces: [[UInt8]] =
        [
            "{", "}", "[", "]", ",", ":", "\"", "\"a\"", "\"b\"", "\"\\u0061\"", "\\", "\\u", "\\uD83D\\uDE00", "\\uD83D", "\\n", "0", "-",
            "-1", "12", "01",
            "9007199254740992", "9007199254740993", ".5", "e3", "true", "false", "null", "nul", " ", "\n", "\u{E9}", "e\u{301}",
            "\u{1F600}", "\u{FEFF}", "\\u0000",
        ].map { Array($0.utf8) } + [[0], [0x1F], [0xFF], [0xC3], [0x80], [0xED, 0xA0, 0x80], [0xC0, 0xAF]]

    private func agree(_ bytes: [UInt8], seed: UInt64) {
        let strict = try? StrictJSON.parse(bytes)
        let reference = ReferenceJSON.parse(bytes)
        #expect(strict == reference, "seed \(seed): \(bytes)")
    }

    @Test("on texts put together from pieces of JSON", arguments: 1...40 as ClosedRange<UInt64>)
    func pieces(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<250 {
            agree((0..<random.below(12)).flatMap { _ in Self.pieces[random.below(Self.pieces.count)] }, seed: seed)
        }
    }

    @Test("on good texts with a few bytes changed", arguments: 1...40 as ClosedRange<UInt64>)
    func changed(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<60 {
            var bytes = StrictJSON.bytes(of: .random(depth: 2, &random))
            agree(bytes, seed: seed)
            for _ in 0...random.below(3) where !bytes.isEmpty {
                let place = random.below(bytes.count)
                switch random.below(4) {
                case 0: bytes[place] = UInt8(random.below(256))
                case 1: bytes.remove(at: place)
                case 2: bytes.insert(contentsOf: Self.pieces[random.below(Self.pieces.count)], at: place)
                default: bytes.removeLast(random.below(bytes.count))
                }
            }
            agree(bytes, seed: seed)
        }
    }
}
