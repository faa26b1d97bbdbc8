/// A name in a directory: bytes, and nothing but bytes. Two names are the same only if their bytes are.
public struct FileName: Hashable, Comparable, Sendable {
    /// The bytes, at least one, without NUL and `/`.
    public let bytes: [UInt8]

    /// Checks what a directory cannot hold; nil for an empty name, `.`, `..`, NUL and `/`.
    public init?(_ bytes: [UInt8]) {
        guard !bytes.isEmpty, !bytes.contains(0), !bytes.contains(UInt8(ascii: "/")), bytes != [0x2E], bytes != [0x2E, 0x2E] else {
            return nil
        }
        self.bytes = bytes
    }

    /// By bytes.
    public static func < (first: FileName, second: FileName) -> Bool { first.bytes.lexicographicallyPrecedes(second.bytes) }

    /// Text for people, which can be copied into a shell's `$'…'`: what is printable as it is, everything else as `\xNN`; of bytes that are not
    /// UTF-8 all above ASCII, since what looks like a character in them is none.
    public var display: String { Self.display(bytes) }

    /// The same for any bytes, a path too.
    public static func display(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        var index = 0
        let isText = isUTF8(bytes.span)
        while index < bytes.count {
            let (scalar, length) = UTF8Bytes.scalar(in: bytes.span, at: index)
            if length > 0, isText || scalar < 0x80, isPrintable(scalar) {
                text += bytes[index..<(index + length)]
            } else {
                for byte in bytes[index..<(index + max(1, length))] { text += hex(byte) }
            }
            index += max(1, length)
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func hex(_ byte: UInt8) -> [UInt8] {
        let digits = Array("0123456789abcdef".utf8)
        return [UInt8(ascii: "\\"), UInt8(ascii: "x"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }

    /// Neither control nor bidirectional override, neither invisible nor private.
    private static func isPrintable(_ scalar: UInt32) -> Bool {
        guard scalar >= 0x20, scalar != 0x5C, let character = Unicode.Scalar(scalar) else { return false }
        switch character.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: return false
        default: return true
        }
    }
}
