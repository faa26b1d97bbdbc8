/// Which of several equal spellings of a text is meant.
public enum NormalForm: String, Sendable, CaseIterable {
    /// Composed, as Linux and Windows programs write: é is one character.
    case nfc
    /// Decomposed: é is e and an accent.
    case nfd
    /// Composed, but for the characters that HFS+ leaves alone: U+2000–2FFF, U+F900–FAFF, U+2F800–2FAFF. Legacy characters of East Asia stay as they are.
    case nfcHFS = "nfc-hfs"
    /// As HFS+ stores names: decomposed by Unicode 3.2, but for the same characters.
    case nfdHFS = "nfd-hfs"

    /// The version of the Unicode Character Database that all of them use. It is part of what a name policy means and never follows the system.
    public static let unicodeVersion = "15.0.0"

    var composes: Bool { self == .nfc || self == .nfcHFS }
    var isHFS: Bool { self == .nfcHFS || self == .nfdHFS }

    /// Flags of characters that this form takes as they are.
    var untouched: UInt8 { isHFS ? UnicodeTable.excludedByHFS | UnicodeTable.newerThanHFS : 0 }
}
