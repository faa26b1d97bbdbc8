import ShareModel
import ShareWire
import Testing

func problem(of bytes: [UInt8]) -> JSONProblem? {
    do throws(JSONProblem) {
        _ = try StrictJSON.parse(bytes)
        return nil
    } catch {
        return error
    }
}

@Suite("strict JSON reads what is unambiguous")
struct StrictJSONAcceptance {
    static let accepted: [(text: String, value: Value)] = [
        ("null", .null), ("true", true), (" false\n", false),
        ("0", 0), ("-1", -1), ("9007199254740992", .integer(1 << 53)), ("-9007199254740992", .integer(-(1 << 53))),
        (#""""#, ""), (#""a\"\\\/\b\f\n\r\t""#, "a\"\\/\u{08}\u{0C}\n\r\t"),
        (##""\u00e9\##u{E9}\uD83D\uDE00\##u{1F600}\u0001""##, "\u{E9}\u{E9}\u{1F600}\u{1F600}\u{1}"),
        ("[]", .array([])), ("[ ]", .array([])), ("{}", .object([])), ("{ }", .object([])),
        (" [ 1 , [ ] , { \"a\" : null } ]\r\n\t", .array([1, .array([]), .object([.init("a", .null)])])),
        (#"{"b":1,"a":2}"#, .object([.init("b", 1), .init("a", 2)])),
        // Composed and decomposed are two keys; so is a name that a text comparison would call the same.
        ("{\"\u{E9}\":1,\"e\u{301}\":2}", .object([.init("\u{E9}", 1), .init("e\u{301}", 2)])),
        ("\"\u{7F}\u{FEFF}\u{FFFF}\"", "\u{7F}\u{FEFF}\u{FFFF}"),
    ]

    @Test("a text is the value it says", arguments: accepted)
    func accepts(text: String, value: Value) throws {
        #expect(try StrictJSON.parse(Array(text.utf8)) == value)
    }

    @Test("every escape of the control characters but NUL is read")
    func controlEscapes() throws {
        for code in UInt8(1)...31 {
            let text = "\"\\u00\(hexadecimal(code))\""
            #expect(try StrictJSON.parse(Array(text.utf8)) == .string(String(Unicode.Scalar(code))))
        }
    }

    @Test("a part of an array is read as if it stood alone")
    func slice() throws {
        #expect(try StrictJSON.parse(Array("xx[1]yy".utf8)[2..<5]) == .array([1]))
    }
}

@Suite("strict JSON refuses what two readers could understand differently")
struct StrictJSONRefusal {
    typealias Reason = JSONProblem.Reason

    static let refused: [(bytes: [UInt8], offset: Int, reason: Reason)] =
        texts.map { (Array($0.0.utf8), $0.1, $0.2) } + raw

    static let texts: [(String, Int, Reason)] = [
        ("", 0, .empty), ("  \n", 3, .empty),
        ("{", 1, .endsEarly), ("[1", 2, .endsEarly), ("[1,", 3, .endsEarly), ("\"a", 2, .endsEarly), ("\"\\", 1, .endsEarly),
        ("\"\\u12", 5, .endsEarly), ("tru", 3, .endsEarly), ("-", 1, .endsEarly), ("{\"a\"", 4, .endsEarly), ("{\"a\":", 5, .endsEarly),
        ("[1,]", 3, .unexpectedByte), ("[,]", 1, .unexpectedByte), ("{,}", 1, .unexpectedByte), ("{\"a\":1,}", 7, .unexpectedByte),
        ("{1:2}", 1, .unexpectedByte), ("{\"a\" 1}", 5, .unexpectedByte), ("[1 2]", 3, .unexpectedByte), ("'a'", 0, .unexpectedByte),
        ("True", 0, .unexpectedByte), ("nul!", 3, .unexpectedByte), ("+1", 0, .unexpectedByte), (".5", 0, .unexpectedByte),
        ("NaN", 0, .unexpectedByte), ("-Infinity", 1, .unexpectedByte), ("[1}", 2, .unexpectedByte), ("//x\n1", 0, .unexpectedByte),
        ("1 2", 2, .trailingBytes), ("{}{}", 2, .trailingBytes), ("null,", 4, .trailingBytes), ("0x10", 1, .trailingBytes),
        ("\u{FEFF}1", 0, .byteOrderMark),
        ("\"a\u{0}\"", 2, .nul), ("\"\\u0000\"", 1, .nul), ("1\u{0}", 1, .nul), ("[\u{0}]", 1, .nul),
        ("\"a\nb\"", 2, .controlCharacter), ("\"\u{1F}\"", 1, .controlCharacter), ("\"\\n\t\"", 3, .controlCharacter),
        ("\"\\x41\"", 1, .badEscape), ("\"\\u00g0\"", 5, .badEscape), ("\"\\U0041\"", 1, .badEscape), ("\"a\\'\"", 2, .badEscape),
        (#""\uD800""#, 1, .loneSurrogate), (#""\uDC00""#, 1, .loneSurrogate), (#""\uD800x""#, 1, .loneSurrogate),
        (#""\uD83D\n""#, 1, .loneSurrogate), (#""\uD83D\uD83D""#, 1, .loneSurrogate), (#""\uDE00\uD83D""#, 1, .loneSurrogate),
        (#"{"a":1,"a":2}"#, 7, .duplicateKey), (#"{"a":1,"\u0061":2}"#, 7, .duplicateKey), (#"[{"x":{"":1,"":1}}]"#, 12, .duplicateKey),
        ("1.0", 1, .notWhole), ("1e2", 1, .notWhole), ("1E-400", 1, .notWhole), ("-0.5", 2, .notWhole), ("0e0", 1, .notWhole),
        ("01", 0, .leadingZero), ("-00", 1, .leadingZero), ("-0", 0, .negativeZero), ("[-0]", 1, .negativeZero),
        ("9007199254740993", 0, .numberTooLarge), ("-9007199254740993", 0, .numberTooLarge),
        ("[99999999999999999999999999999999]", 1, .numberTooLarge),
    ]

    static let raw: [([UInt8], Int, Reason)] = [
        ([0xFF, 0xFE, 0x31, 0x00], 0, .notUTF8), ([0xFE, 0xFF, 0x00, 0x31], 0, .notUTF8),  // UTF-16 with its marks
        ([0x31, 0x00], 1, .nul), ([0x00, 0x31], 0, .nul), ([0x7B, 0x00, 0x7D, 0x00], 1, .nul),  // UTF-16 without
        ([0x22, 0x80, 0x22], 1, .notUTF8), ([0x22, 0x61, 0xC3, 0x22], 2, .notUTF8),
        ([0x22, 0xC0, 0x80, 0x22], 1, .notUTF8), ([0x22, 0xC1, 0xBF, 0x22], 1, .notUTF8),  // overlong
        ([0x22, 0xE0, 0x80, 0xAF, 0x22], 1, .notUTF8), ([0x22, 0xF0, 0x80, 0x80, 0xAF, 0x22], 1, .notUTF8),
        ([0x22, 0xED, 0xA0, 0x80, 0x22], 1, .notUTF8),  // a surrogate in UTF-8
        ([0x22, 0xF4, 0x90, 0x80, 0x80, 0x22], 1, .notUTF8), ([0x22, 0xF8, 0x88, 0x80, 0x80, 0x80, 0x22], 1, .notUTF8),
        ([0x22, 0x5C, 0x6E, 0xE2, 0x82, 0x22], 1, .notUTF8),  // behind an escape the text is told, not the byte
    ]

    @Test("a text is refused with its byte and reason", arguments: refused)
    func refuses(bytes: [UInt8], offset: Int, reason: Reason) {
        #expect(problem(of: bytes)?.reason == reason)
        if !bytes.contains(0x5C) || reason != .notUTF8 { #expect(problem(of: bytes)?.offset == offset) }
    }

    @Test("every reason but the limits stands in the table")
    func tableIsComplete() {
        let limits: Set<Reason> = [.tooLong, .tooDeep, .tooManyValues, .stringTooLong]
        #expect(Set(Self.refused.map(\.reason)).union(limits) == Set(Reason.allCases))
    }
}
