internal import ShareModel

/// The writer behind `StrictJSON.bytes(of:)` and `prettyText(of:)`.
struct JSONWriter {
    private(set) var bytes: [UInt8] = []
    private var values = 0
    private var depth = 0
    private var longestString = 0
    private let indented: Bool

    init(indented: Bool) {
        self.indented = indented
    }

    /// Whether `StrictJSON.parse` would take what was written.
    var isWithinLimits: Bool {
        bytes.count <= Limits.frameBytes && depth <= Limits.depth && values <= Limits.values && longestString <= Limits.stringBytes
    }

    mutating func append(_ value: Value, depth: Int) {
        values += 1
        switch value {
        case .null: bytes.append(contentsOf: "null".utf8)
        case .bool(let truth): bytes.append(contentsOf: (truth ? "true" : "false").utf8)
        case .integer(let number):
            bytes.append(contentsOf: String(min(max(number, -Limits.number), Limits.number)).utf8)
        case .string(let text): append(text)
        case .array(let elements):
            append("[", "]", count: elements.count, depth: depth) { writer, index in
                writer.append(elements[index], depth: depth + 1)
            }
        case .object(let members):
            append("{", "}", count: members.count, depth: depth) { writer, index in
                writer.append(members[index].key)
                writer.bytes.append(UInt8(ascii: ":"))
                if writer.indented { writer.bytes.append(UInt8(ascii: " ")) }
                writer.append(members[index].value, depth: depth + 1)
            }
        }
    }

    private mutating func append(
        _ open: Unicode.Scalar, _ close: Unicode.Scalar, count: Int, depth: Int, entry: (inout JSONWriter, Int) -> Void
    ) {
        self.depth = max(self.depth, depth + 1)
        bytes.append(UInt8(ascii: open))
        for index in 0..<count {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            if indented { newLine(depth + 1) }
            entry(&self, index)
        }
        if indented, count > 0 { newLine(depth) }
        bytes.append(UInt8(ascii: close))
    }

    private mutating func newLine(_ depth: Int) {
        bytes.append(UInt8(ascii: "\n"))
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * depth))
    }

    private mutating func append(_ text: String) {
        var length = text.utf8.count
        bytes.append(UInt8(ascii: "\""))
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": bytes.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "\"")])
            case "\\": bytes.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "\\")])
            case "\n": bytes.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "n")])
            case "\r": bytes.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "r")])
            case "\t": bytes.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "t")])
            case "\0":
                bytes.append(contentsOf: "\u{FFFD}".utf8)
                length += 2
            case " "..."~": bytes.append(UInt8(ascii: scalar))
            default:
                if scalar.movesOrHides {
                    for unit in String(scalar).utf16 { appendEscaped(unit) }
                } else {
                    bytes.append(contentsOf: String(scalar).utf8)
                }
            }
        }
        bytes.append(UInt8(ascii: "\""))
        longestString = max(longestString, length)
    }

    private mutating func appendEscaped(_ unit: UInt16) {
        bytes.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "u")])
        bytes.append(contentsOf: hexadecimal(UInt8(unit >> 8)).utf8)
        bytes.append(contentsOf: hexadecimal(UInt8(unit & 0xFF)).utf8)
    }
}
