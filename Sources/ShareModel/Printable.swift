extension String {
    /// The text fit for a terminal, a log line or an error sentence: control characters (C0, DEL, C1), bidirectional
    /// overrides, zero-width characters and line separators are shown as `\u{…}`, so a name from the host can
    /// neither drive a terminal nor forge a second line.
    public var printable: String {
        var result = ""
        result.reserveCapacity(utf8.count)
        for scalar in unicodeScalars {
            if scalar.movesOrHides {
                result += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// The text where it has at most `limit` bytes, else its beginning and `…`, together no more than that.
    public func clipped(toBytes limit: Int) -> String {
        guard utf8.count > limit else { return self }
        var short = ""
        for scalar in unicodeScalars {
            guard short.utf8.count + UTF8.width(scalar) + 3 <= limit else { break }
            short.unicodeScalars.append(scalar)
        }
        return short + "…"
    }

    /// Bytes from outside as printable text; bytes that are no UTF-8 are shown as `\xNN`.
    public init(printing bytes: some Sequence<UInt8>) {
        var text = ""
        var decoder = UTF8Pieces(bytes)
        while let piece = decoder.next() {
            switch piece {
            case .scalar(let scalar): text.unicodeScalars.append(scalar)
            case .stray(let byte): text += "\\x" + hexadecimal(byte)
            }
        }
        self = text.printable
    }
}

extension Unicode.Scalar {
    /// Whether a terminal may act on it, or a reader not see it.
    public var movesOrHides: Bool {
        switch value {
        case 0x00...0x1F, 0x7F...0x9F: true  // C0, DEL, C1
        case 0x00AD, 0x061C, 0x180E, 0xFEFF: true  // soft hyphen, Arabic letter mark, Mongolian separator, BOM
        case 0x200B...0x200F, 0x202A...0x202E, 0x2060...0x206F: true  // zero width, bidi marks, overrides and isolates
        case 0x2028, 0x2029: true  // line and paragraph separators
        case 0xFFF9...0xFFFB, 0xE0000...0xE007F: true  // interlinear annotation, tags
        default: false
        }
    }
}

/// Bytes as Unicode scalars, with the bytes that are no UTF-8 told apart one by one.
private struct UTF8Pieces {
    enum Piece {
        case scalar(Unicode.Scalar)
        case stray(UInt8)
    }

    private let bytes: [UInt8]
    private var index = 0

    init(_ bytes: some Sequence<UInt8>) {
        self.bytes = Array(bytes)
    }

    mutating func next() -> Piece? {
        guard index < bytes.count else { return nil }
        let first = bytes[index]
        let length =
            switch first {
            case 0x00...0x7F: 1
            case 0xC2...0xDF: 2
            case 0xE0...0xEF: 3
            case 0xF0...0xF4: 4
            default: 0
            }
        if length > 0, index + length <= bytes.count,
            let text = String(validating: bytes[index..<index + length], as: UTF8.self), let scalar = text.unicodeScalars.first
        {
            index += length
            return .scalar(scalar)
        }
        index += 1
        return .stray(first)
    }
}
