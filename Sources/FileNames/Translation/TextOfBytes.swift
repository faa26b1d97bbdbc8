/// Any bytes as valid UTF-8 and back, one to one: characters of the charset as they are, everything else escaped.
public struct TextOfBytes: Sendable {
    /// What the bytes mean.
    public let charset: Charset
    private let decoder: CharsetDecoder
    private let encoder: CharsetEncoder
    private let inPercent: Bool

    /// U+EF80 to U+EFFF: inert in each normal form, and not those of SFM and SFU.
    static let escapes: ClosedRange<UInt32> = 0xEF80...0xEFFF

    /// For one charset and one way to escape.
    public init(_ charset: Charset, invalid: InvalidBytes = .escape) {
        self.charset = charset
        decoder = CharsetDecoder(charset)
        encoder = CharsetEncoder(decoder)
        inPercent = invalid == .percent
    }

    /// The text of any bytes without NUL and `/`. Never fails; different bytes have different texts.
    public func text(of bytes: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            let (scalar, length) = decoder.scalar(in: bytes.span, at: index)
            if length == 0 {
                escape(bytes[index], to: &output)
                index += 1
            } else if !inPercent, Self.escapes.contains(scalar) {
                for byte in bytes[index..<(index + length)] { escape(byte, to: &output) }
                index += length
            } else {
                UTF8Bytes.append(scalar, to: &output)
                index += length
                if inPercent, scalar == 0x25, Self.readsAsEscape(bytes[index...]) { output += Array("25".utf8) }
            }
        }
        return output
    }

    /// The bytes of a text.
    /// - Returns: nil where the text is not UTF-8 or has a character that the charset has not.
    public func bytes(of text: [UInt8]) -> [UInt8]? {
        var output: [UInt8] = []
        output.reserveCapacity(text.count)
        var index = 0
        while index < text.count {
            let (scalar, length) = UTF8Bytes.scalar(in: text.span, at: index)
            guard length > 0 else { return nil }
            index += length
            if !inPercent, Self.escapes.contains(scalar) {
                output.append(UInt8(scalar & 0xFF))
            } else if inPercent, scalar == 0x25, Self.readsAsEscape(text[index...]) {
                let byte = Self.digit(text[index]) << 4 | Self.digit(text[index + 1])
                if byte >= 0x80 {
                    output.append(byte)
                    index += 2
                } else {
                    output.append(0x25)
                    if Self.readsAsEscape(text[(index + 2)...]) { index += 2 }
                }
            } else {
                guard encoder.append(scalar, to: &output) else { return nil }
            }
        }
        return output
    }

    private func escape(_ byte: UInt8, to output: inout [UInt8]) {
        guard inPercent else { return UTF8Bytes.append(0xEF00 + UInt32(byte), to: &output) }
        let digits = Array("0123456789ABCDEF".utf8)
        output += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }

    /// Whether what stands behind a `%` would make it an escape: `25`, or 80 to FF in capitals.
    private static func readsAsEscape(_ rest: ArraySlice<UInt8>) -> Bool {
        guard rest.count >= 2, let first = rest.first else { return false }
        let second = rest[rest.startIndex + 1]
        if first == UInt8(ascii: "2"), second == UInt8(ascii: "5") { return true }
        return isDigit(first) && isDigit(second) && digit(first) >= 8
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte) }
    private static func digit(_ byte: UInt8) -> UInt8 { byte <= 0x39 ? byte & 15 : byte - 0x37 }
}
