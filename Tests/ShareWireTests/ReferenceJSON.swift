import ShareModel
import ShareWire

/// A second reader of the same grammar, written from RFC 8259 and docs/protocol.md without a look at the first: slow, over
/// Unicode scalars instead of bytes, recursive, with copies everywhere. It says what is accepted, not why something is not.
struct ReferenceJSON {
    private enum Refusal: Error { case refused }

    private var rest: Substring.UnicodeScalarView
    private var values = 0

    static func parse(_ bytes: [UInt8]) -> Value? {
        guard bytes.count <= 1_048_576, let text = String(validating: bytes, as: UTF8.self) else { return nil }
        var reader = ReferenceJSON(rest: text[...].unicodeScalars)
        guard let value = try? reader.value(0) else { return nil }
        reader.space()
        return reader.rest.isEmpty ? value : nil
    }

    private init(rest: Substring.UnicodeScalarView) {
        self.rest = rest
    }

    private mutating func space() {
        while let first = rest.first, [" ", "\t", "\n", "\r"].contains(first) { rest.removeFirst() }
    }

    private mutating func take() throws -> Unicode.Scalar {
        guard let first = rest.popFirst() else { throw Refusal.refused }
        return first
    }

    private mutating func takeIf(_ scalar: Unicode.Scalar) -> Bool {
        guard rest.first == scalar else { return false }
        rest.removeFirst()
        return true
    }

    private mutating func value(_ depth: Int) throws -> Value {
        space()
        values += 1
        guard values <= 65_536, let first = rest.first else { throw Refusal.refused }
        for (word, value) in [("null", Value.null), ("true", true), ("false", false)] where rest.starts(with: word.unicodeScalars) {
            rest.removeFirst(word.count)
            return value
        }
        switch first {
        case "\"": return .string(try string())
        case "[": return .array(try entries(depth, "]") { reader in try reader.value(depth + 1) })
        case "{":
            let members = try entries(depth, "}") { reader in
                reader.space()
                guard reader.rest.first == "\"" else { throw Refusal.refused }
                let key = try reader.string()
                reader.space()
                guard reader.takeIf(":") else { throw Refusal.refused }
                return Value.Member(key, try reader.value(depth + 1))
            }
            guard Set(members.map { Array($0.key.utf8) }).count == members.count else { throw Refusal.refused }
            return .object(members)
        default: return .integer(try number())
        }
    }

    private mutating func entries<Entry>(
        _ depth: Int, _ close: Unicode.Scalar, _ entry: (inout ReferenceJSON) throws -> Entry
    ) throws -> [Entry] {
        guard depth < 16 else { throw Refusal.refused }
        _ = try take()
        space()
        if takeIf(close) { return [] }
        var entries: [Entry] = []
        while true {
            entries.append(try entry(&self))
            space()
            if takeIf(close) { return entries }
            guard takeIf(",") else { throw Refusal.refused }
        }
    }

    private mutating func number() throws -> Int64 {
        var text = takeIf("-") ? "-" : ""
        while let first = rest.first, ("0"..."9").contains(first) {
            text.unicodeScalars.append(first)
            rest.removeFirst()
        }
        let digits = text.drop { $0 == "-" }
        guard !digits.isEmpty, digits == "0" || digits.first != "0", text != "-0", let number = Int64(text), number.magnitude <= 1 << 53,
            rest.first != ".", rest.first != "e", rest.first != "E"
        else { throw Refusal.refused }
        return number
    }

    private mutating func string() throws -> String {
        _ = try take()
        var units: [UInt16] = []
        while true {
            let scalar = try take()
            switch scalar {
            case "\"":
                // Surrogates have met their partners by now, or never will.
                guard let text = String(validating: units, as: UTF16.self), text.utf8.count <= 65_536, !text.unicodeScalars.contains("\0")
                else { throw Refusal.refused }
                return text
            case "\\":
                let plain: [Unicode.Scalar: Unicode.Scalar] = [
                    "\"": "\"", "\\": "\\", "/": "/", "b": "\u{8}", "f": "\u{C}", "n": "\n", "r": "\r", "t": "\t",
                ]
                let escape = try take()
                if let scalar = plain[escape] {
                    units += String(scalar).utf16
                } else {
                    guard escape == "u" else { throw Refusal.refused }
                    var digits = ""
                    for _ in 0..<4 { digits.unicodeScalars.append(try take()) }
                    guard digits.utf8.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }),
                        let unit = UInt16(digits, radix: 16)
                    else {
                        throw Refusal.refused
                    }
                    units.append(unit)
                }
            default:
                guard scalar.value >= 0x20 else { throw Refusal.refused }
                units += String(scalar).utf16
            }
        }
    }
}
