internal import CNameTables

/// What the pinned Unicode Character Database says of a character.
enum UnicodeTable {
    static let quickCheckNo: UInt8 = 1
    static let quickCheckMaybe: UInt8 = 2
    static let decomposes: UInt8 = 4
    /// Left alone by HFS+: U+2000–2FFF, U+F900–FAFF, U+2F800–2FAFF.
    static let excludedByHFS: UInt8 = 8
    /// Its decomposition is younger than Unicode 3.2, which HFS+ knows.
    static let newerThanHFS: UInt8 = 16

    /// Above it nothing decomposes, combines or folds.
    private static let end: UInt32 = 0x3_0000

    @inline(__always)
    static func record(_ scalar: UInt32) -> shareagent_unicode_record {
        guard scalar < end else { return unsafe shareagent_unicode_record_table()[0] }
        let block = Int(unsafe shareagent_unicode_index_table()[Int(scalar >> 7)])
        let number = Int(unsafe shareagent_unicode_block_table()[block << 7 | Int(scalar & 0x7F)])
        return unsafe shareagent_unicode_record_table()[number]
    }

    @inline(__always)
    static func pooled(_ place: Int) -> UInt32 { unsafe shareagent_unicode_scalar_table()[place] }

    /// The one character that two are composed to; 0 for none. Hangul is computed.
    @inline(__always)
    static func composite(_ first: UInt32, _ second: UInt32) -> UInt32 {
        if let hangul = Hangul.composite(first, second) { return hangul }
        var slot = Int((first &* 31 &+ second) & 2047)
        while true {
            let composite = unsafe shareagent_unicode_composition_table()[slot * 3 + 2]
            if composite == 0 { return 0 }
            if unsafe shareagent_unicode_composition_table()[slot * 3] == first
                && shareagent_unicode_composition_table()[slot * 3 + 1] == second
            {
                return composite
            }
            slot = (slot + 1) & 2047
        }
    }
}

/// Syllables that are computed (The Unicode Standard, section 3.12).
enum Hangul {
    static let syllables: Range<UInt32> = 0xAC00..<0xD7A4
    private static let leads: Range<UInt32> = 0x1100..<0x1113
    private static let vowels: Range<UInt32> = 0x1161..<0x1176
    private static let trails: Range<UInt32> = 0x11A8..<0x11C3

    @inline(__always)
    static func composite(_ first: UInt32, _ second: UInt32) -> UInt32? {
        if leads.contains(first), vowels.contains(second) { return 0xAC00 + ((first - 0x1100) * 21 + second - 0x1161) * 28 }
        if syllables.contains(first), (first - 0xAC00) % 28 == 0, trails.contains(second) { return first + second - 0x11A7 }
        return nil
    }

    /// Lead, vowel and trail; trail 0 for none.
    @inline(__always)
    static func parts(_ syllable: UInt32) -> (UInt32, UInt32, UInt32) {
        let number = syllable - 0xAC00
        let trail = number % 28
        return (0x1100 + number / 588, 0x1161 + number % 588 / 28, trail == 0 ? 0 : 0x11A7 + trail)
    }
}
