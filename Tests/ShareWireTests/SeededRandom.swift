import ShareModel

/// SplitMix64: the same numbers for the same seed on every machine, so that a failure can be seen again.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ bound: Int) -> Int {
        Int(next() % UInt64(bound))
    }

    mutating func chance(_ oneIn: Int) -> Bool {
        below(oneIn) == 0
    }
}

extension Value {
    /// A value within the limits of a frame.
    static func random(depth: Int, _ random: inout SeededRandom) -> Value {
        switch random.below(depth < 5 ? 8 : 5) {
        case 0: .null
        case 1: .bool(random.chance(2))
        case 2: .integer(Int64(truncatingIfNeeded: random.next()) >> (10 + Int64(random.below(50))))
        case 3, 4: .string(.random(&random))
        case 5, 6: .array((0..<random.below(6)).map { _ in .random(depth: depth + 1, &random) })
        default:
            .object((0..<random.below(15)).map { index in Member("\(index)" + .random(&random), .random(depth: depth + 1, &random)) })
        }
    }
}

extension String {
    /// A text of up to 12 scalars from all planes, no NUL.
    static func random(_ random: inout SeededRandom) -> String {
        var text = ""
        for _ in 0..<random.below(12) {
            let bound = [0x80, 0x80, 0x800, 0x10000, 0x110000][random.below(5)]
            text.unicodeScalars.append(Unicode.Scalar(UInt32(1 + random.below(bound - 1))) ?? "\u{E9}")
        }
        return text
    }
}
