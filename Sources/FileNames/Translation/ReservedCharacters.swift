/// Private characters that stand on a source for those that Windows reserves. The two dialects contradict each other
/// (U+F022 is `:` in one and `"` in the other), so a source has one of them.
public enum ReservedCharacters: String, Sendable, CaseIterable {
    /// None: names are as they are.
    case none
    /// Services for Macintosh: macOS, Samba's vfs_fruit, cifs with `mapposix`.
    case sfm
    /// Services for Unix: Cygwin, WSL, cifs with `mapchars`: U+F000 and the character.
    case sfu

    private static let sfmCharacters = Array("\"*:<>?\\|".utf8)
    private static let sfuCharacters = Array("\"*:<>?\\|".utf8)

    /// The character that a private one stands for; nil where it stands for nothing.
    /// - Parameter isLast: whether it ends the name: trailing spaces and dots are private only there.
    public func character(of scalar: UInt32, isLast: Bool) -> UInt8? {
        guard self != .none, scalar & 0xFF00 == 0xF000 else { return nil }
        let low = UInt8(scalar & 0xFF)
        if (0x01...0x1F).contains(low) { return low }
        switch self {
        case .none: return nil
        case .sfm:
            if isLast, low == 0x28 || low == 0x29 { return low == 0x28 ? 0x20 : 0x2E }
            let number = Int(low) - 0x20
            return Self.sfmCharacters.indices.contains(number) ? Self.sfmCharacters[number] : nil
        case .sfu:
            if isLast, low == 0x20 || low == 0x2E { return low }
            return Self.sfuCharacters.contains(low) ? low : nil
        }
    }

    /// The private character that stands for a reserved one; nil where it may stand itself.
    public func scalar(for byte: UInt8, isLast: Bool) -> UInt32? {
        guard self != .none else { return nil }
        if (0x01...0x1F).contains(byte) { return 0xF000 + UInt32(byte) }
        if isLast, byte == 0x20 || byte == 0x2E { return self == .sfu ? 0xF000 + UInt32(byte) : byte == 0x20 ? 0xF028 : 0xF029 }
        guard let number = Self.sfmCharacters.firstIndex(of: byte) else { return nil }
        return self == .sfu ? 0xF000 + UInt32(byte) : 0xF020 + UInt32(number)
    }

    /// The name with the reserved characters themselves; as it is where that would be `.` or `..`.
    func readable(_ name: [UInt8]) -> [UInt8] {
        guard self != .none, name.contains(0xEF) else { return name }
        var output: [UInt8] = []
        var index = 0
        while index < name.count {
            let (scalar, length) = UTF8Bytes.scalar(in: name.span, at: index)
            let next = index + max(1, length)
            if length > 0, let byte = character(of: scalar, isLast: next == name.count) {
                output.append(byte)
            } else {
                output += name[index..<next]
            }
            index = next
        }
        return output == [0x2E] || output == [0x2E, 0x2E] ? name : output
    }

    /// The name as the source writes it.
    func stored(_ name: [UInt8]) -> [UInt8] {
        guard self != .none, name != [0x2E], name != [0x2E, 0x2E] else { return name }
        var output: [UInt8] = []
        for (index, byte) in name.enumerated() {
            if let scalar = scalar(for: byte, isLast: index == name.count - 1) {
                UTF8Bytes.append(scalar, to: &output)
            } else {
                output.append(byte)
            }
        }
        return output
    }
}
