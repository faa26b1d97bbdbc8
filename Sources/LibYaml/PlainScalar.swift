import ShareModel

/// What an unquoted scalar means: the null, true, false and decimal whole numbers of YAML 1.2's core schema, else text.
enum PlainScalar {
    static func value(of text: String) -> Value {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        default: return number(text).map(Value.integer) ?? .string(text)
        }
    }

    /// Digits, perhaps with a sign. `0644` is a mode or a serial, and nobody means six hundred and forty-four by it.
    private static func number(_ text: String) -> Int64? {
        let digits = text.utf8.first == UInt8(ascii: "-") || text.utf8.first == UInt8(ascii: "+") ? text.utf8.dropFirst() : text.utf8[...]
        guard let first = digits.first, digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            first != UInt8(ascii: "0") || digits.count == 1, let number = Int64(text),
            (-YamlDocument.Limits.number...YamlDocument.Limits.number).contains(number)
        else { return nil }
        return number
    }
}
