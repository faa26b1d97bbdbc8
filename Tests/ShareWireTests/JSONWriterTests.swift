import ShareModel
import ShareWire
import Testing

@Suite("JSON is written in one line and survives the way back")
struct JSONWriting {
    static let written: [(value: Value, text: String)] = [
        (.null, "null"), (true, "true"), (-5, "-5"), (.integer(.max), "9007199254740992"), (.integer(.min), "-9007199254740992"),
        ("a\"\\/\n\r\t\u{8}\u{1B}[2J\u{7F}\u{9B}é", #""a\"\\/\n\r\t\u0008\u001b[2J\u007f\u009bé""#),
        ("\u{202E}\u{200B}\u{2028}\u{FEFF}\u{E0041}\u{1F600}", "\"\\u202e\\u200b\\u2028\\ufeff\\udb40\\udc41\u{1F600}\""),
        ("a\u{0}b", "\"a\u{FFFD}b\""),
        (.array([1, .array([]), .object([])]), "[1,[],{}]"),
        (.object([.init("b", 1), .init("a", .null)]), #"{"b":1,"a":null}"#),
    ]

    @Test("a value is these bytes", arguments: written)
    func writes(value: Value, text: String) {
        #expect(String(decoding: StrictJSON.bytes(of: value), as: UTF8.self) == text)
    }

    @Test("people get one member a line")
    func pretty() {
        let value = Value.object([.init("a", .array([1, "x"])), .init("b", .object([])), .init("c", .array([])), .init("d", true)])
        #expect(
            StrictJSON.prettyText(of: value) == """
                {
                  "a": [
                    1,
                    "x"
                  ],
                  "b": {},
                  "c": [],
                  "d": true
                }
                """)
    }

    @Test("what is written within the limits is read, what is one past them is not written")
    func limits() {
        func nested(_ depth: Int) -> Value { (1..<depth).reduce(.array([])) { inner, _ in .array([inner]) } }
        func list(_ count: Int) -> Value { .array(Array(repeating: 1, count: count - 1)) }
        func text(_ count: Int, _ unit: String) -> Value { .string(String(repeating: unit, count: count)) }
        func key(_ count: Int) -> Value { .object([.init(String(repeating: "k", count: count), 1)]) }
        // Sixteen texts with their quotation marks, commas and brackets fill the frame to the byte.
        func long(_ bytes: Int) -> Value {
            let whole = Limits.stringBytes - 3
            let last = bytes - 15 * (whole + 3) - 4
            return .array((0..<15).map { _ in text(whole, "x") } + [text(last, "x")])
        }
        let pairs: [(within: Value, past: Value)] = [
            (nested(Limits.depth), nested(Limits.depth + 1)), (list(Limits.values), list(Limits.values + 1)),
            (text(Limits.stringBytes, "x"), text(Limits.stringBytes + 1, "x")), (key(Limits.stringBytes), key(Limits.stringBytes + 1)),
            // A NUL becomes U+FFFD, three bytes.
            (text(Limits.stringBytes / 3, "\0"), text(Limits.stringBytes / 3 + 1, "\0")),
            (long(Limits.frameBytes), long(Limits.frameBytes + 1)),
        ]
        for (within, past) in pairs {
            let bytes = StrictJSON.bytesWithinLimits(of: within)
            #expect(bytes != nil && problem(of: bytes ?? []) == nil)
            #expect(StrictJSON.bytesWithinLimits(of: past) == nil)
            #expect(problem(of: StrictJSON.bytes(of: past)) != nil)
        }
    }

    @Test("any value read back from its bytes is the same value", arguments: 1...200 as ClosedRange<UInt64>)
    func roundTrip(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let value = Value.random(depth: 0, &random)
        let bytes = StrictJSON.bytes(of: value)
        #expect(!bytes.contains(0x0A) && !bytes.contains { $0 < 0x20 }, "seed \(seed)")
        #expect(try StrictJSON.parse(bytes) == value, "seed \(seed)")
        #expect(try StrictJSON.parse(Array(StrictJSON.prettyText(of: value).utf8)) == value, "seed \(seed)")
    }
}
