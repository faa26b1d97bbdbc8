/// What a scan finds in names. The codes are stable.
public enum NameFinding: Int, Sendable, CaseIterable {
    case notComposed = 1, canonicalDuplicate, caseDuplicate, notUTF8, mixedCharsets, doubleEncoded, alreadyLost, reservedCharacter
    case trailing, deviceName, privateDialect, tooLong, invisible, legacyCharacter

    /// `N1` to `N14`.
    public var code: String { "N\(rawValue)" }

    /// What it means, for people.
    public var sentence: String {
        switch self {
        case .notComposed: "not composed (NFC), as macOS writes names"
        case .canonicalDuplicate: "two names that look the same and differ in their form"
        case .caseDuplicate: "names that differ in case only"
        case .notUTF8: "not UTF-8"
        case .mixedCharsets: "of another charset than the rest of the directory"
        case .doubleEncoded: "UTF-8 that was encoded twice"
        case .alreadyLost: "a character was lost before (U+FFFD or ?)"
        case .reservedCharacter: "a character that Windows reserves"
        case .trailing: "ends in a dot or space, which Windows drops"
        case .deviceName: "a device's name on Windows"
        case .privateDialect: "private characters for reserved ones (SFM or SFU)"
        case .tooLong: "longer than 255 bytes once converted"
        case .invisible: "control or invisible characters"
        case .legacyCharacter: "a legacy character that NFC would replace"
        }
    }
}

/// Several findings of one name.
public struct NameFindings: Sendable, Equatable {
    /// A bit for each code.
    public private(set) var bits: UInt16 = 0

    /// None.
    public init() {}

    /// Whether there is any.
    public var isEmpty: Bool { bits == 0 }

    /// Notes one.
    @inline(__always)
    public mutating func insert(_ finding: NameFinding) { bits |= 1 << UInt16(finding.rawValue) }

    /// Whether one was noted.
    public func contains(_ finding: NameFinding) -> Bool { bits & 1 << UInt16(finding.rawValue) != 0 }
}
