import Testing

@testable import FileNames

@Suite("names that are shown and the bytes behind them")
struct TranslationTests {
    private static let charsets: [Charset] = [
        .utf8, .gb18030, .cp936, .big5HKSCS, .cp950, .cp932, .eucJP, .cp949, .cp1252, .koi8R,
    ]

    /// Names that are meant to break something: random bytes, cut characters, private ones, escapes of escapes, percent signs.
    private static func hostile(_ random: inout SeededGenerator, like charset: Charset) -> [UInt8] {
        var name: [UInt8] = []
        let pieces: [[UInt8]] = [
            Array("%25".utf8), Array("%E4".utf8), Array("%".utf8), Array("25".utf8), Array("\u{EF80}\u{EFFF}".utf8), Array("\u{F022}".utf8),
            Array("e\u{301}".utf8), Array("é".utf8), [0x81, 0x30], [0x8F, 0xA1], [0xFE, 0xFE], [0xED, 0xA0, 0x80], [0x5C], [0xC4, 0xE3],
            Array("K".utf8),
            Array("\u{212A}".utf8), Array(".".utf8), Array("~abcdef".utf8), Array("한\u{F900}".utf8),
        ]
        for _ in 0...random.below(6) {
            switch random.below(3) {
            case 0: name += pieces[random.below(pieces.count)]
            case 1: name.append(UInt8(1 + random.below(255)))
            default: for _ in 0..<2 { name.append(UInt8(0x80 + random.below(128))) }
            }
        }
        return name.map { $0 == 0x2F ? 0x2D : $0 }
    }

    @Test("any bytes come back from their text, and the text is UTF-8", arguments: charsets, InvalidBytes.allCases)
    func roundTrip(charset: Charset, invalid: InvalidBytes) {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        let names = TextOfBytes(charset, invalid: invalid)
        for _ in 0..<cases(4_000) {
            var name = Self.hostile(&random, like: charset)
            for _ in 0..<2 {
                let text = names.text(of: name)
                let back = names.bytes(of: text)
                guard back == name, isStrict(text), !text.contains(0x2F), !text.contains(0) else {
                    Issue.record("seed \(seed): \(name) became \(text) and \(back ?? [])")
                    return
                }
                // What was shown is a name of the source, too.
                name = text
            }
        }
    }

    @Test("a typed name is written only if it is shown again as typed", arguments: charsets)
    func accepted(charset: Charset) {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        for reserved in ReservedCharacters.allCases {
            for (form, newNames) in [(NormalForm?.none, NormalForm?.none), (.nfc, .nfc), (.nfcHFS, .nfdHFS), (.nfd, nil)] {
                let policy = NamesPolicy(charset: charset, form: form, newNames: newNames, reserved: reserved)
                var translation = NameTranslation(policy)
                var normalizer = Normalizer()
                for _ in 0..<cases(300) {
                    let typed = Self.hostile(&random, like: charset)
                    guard let source = translation.source(ofTyped: typed) else { continue }
                    let shown = translation.shown(source)
                    #expect(shown == (form.map { normalizer.normalized(typed, to: $0) } ?? typed), "seed \(seed): \(typed), \(policy)")
                }
            }
        }
    }

    @Test(
        "reserved characters of both dialects",
        arguments: [
            (ReservedCharacters.sfm, "a:b", "a\u{F022}b"), (.sfu, "a:b", "a\u{F03A}b"), (.sfm, "x \"y\"?", "x \u{F020}y\u{F020}\u{F025}"),
            (.sfm, "end.", "end\u{F029}"), (.sfm, "end ", "end\u{F028}"), (.sfu, "end.", "end\u{F02E}"), (.sfu, "q\"", "q\u{F022}"),
            (.sfm, "tab\t", "tab\u{F009}"), (.sfm, "back\\slash|", "back\u{F026}slash\u{F027}"), (.none, "a:b", "a:b"),
        ])
    func reserved(dialect: ReservedCharacters, shown: String, stored: String) {
        var translation = NameTranslation(NamesPolicy(reserved: dialect))
        #expect(translation.source(ofTyped: Array(shown.utf8)) == Array(stored.utf8))
        #expect(translation.shown(Array(stored.utf8)) == Array(shown.utf8))
    }

    @Test("what is UTF-8 in the wished form is told without being rewritten")
    func asItIs() {
        for (name, form, isSo) in [
            ("café", NormalForm?.some(.nfc), true), ("cafe\u{301}", .nfc, false), ("cafe\u{301}", .nfd, true),
            ("cafe\u{301}", nil, true), ("日本", .nfc, true), ("x\u{F022}", nil, false), ("x\u{EF80}", nil, false), ("50%", nil, false),
        ] {
            let told = NameTranslation(NamesPolicy(form: form)).isCertainlyShownAsItIs(Array(name.utf8).span)
            #expect(told == isSo, "\(name)")
        }
        let ofOtherCharset = NameTranslation(NamesPolicy(charset: .cp932)).isCertainlyShownAsItIs(Array("a".utf8).span)
        let notUTF8 = NameTranslation(NamesPolicy()).isCertainlyShownAsItIs([UInt8]([0x61, 0xE9]).span)
        #expect(!ofOtherCharset && !notUTF8)
    }

    @Test("private characters never make `.` or `..`, and never a slash", arguments: ReservedCharacters.allCases)
    func dots(dialect: ReservedCharacters) {
        var translation = NameTranslation(NamesPolicy(reserved: dialect))
        for name in ["\u{F029}", ".\u{F029}", "\u{F02E}", ".\u{F02E}"] {
            let shown = translation.shown(Array(name.utf8))
            #expect(FileName(shown) != nil)
        }
        for byte in UInt32(0)...0xFF {
            #expect(dialect.character(of: 0xF000 + byte, isLast: true) != 0x2F)
        }
    }

    @Test("what a charset has not is not written, and what is meant for an escape is refused where the policy says so")
    func refused() {
        var western = NameTranslation(NamesPolicy(charset: .cp1252))
        #expect(western.source(ofTyped: Array("caf\u{E9}".utf8)) == Array("caf".utf8) + [0xE9])
        #expect(western.source(ofTyped: Array("你".utf8)) == nil)
        #expect(western.source(ofTyped: [0xE9]) == nil)
        #expect(western.source(ofTyped: Array("a/b".utf8)) == nil)
        var strict = NameTranslation(NamesPolicy(invalid: .refuse))
        #expect(strict.source(ofTyped: Array("x\u{EFE9}".utf8)) == nil)
        #expect(strict.shown([0x78, 0xE9]) == Array("x\u{EFE9}".utf8))
        var open = NameTranslation(NamesPolicy())
        #expect(open.source(ofTyped: Array("x\u{EFE9}".utf8)) == [0x78, 0xE9])
    }

    @Test("a directory's names are all shown, each once, whatever their order; each leads back", arguments: [true, false])
    func directories(isCaseSensitive: Bool) {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        for round in 0..<cases(500) {
            let charset = Self.charsets[round % Self.charsets.count]
            let policy = NamesPolicy(
                charset: charset, form: [nil, .nfc, .nfcHFS, .nfd][round % 4], reserved: [.none, .sfm, .sfu][round % 3],
                invalid: round % 5 == 0 ? .percent : .escape, isCaseSensitive: isCaseSensitive, longest: round % 7 == 0 ? 24 : 255)
            var translation = NameTranslation(policy)
            var names: Set<[UInt8]> = []
            for _ in 0..<random.below(24) {
                let name = Self.hostile(&random, like: charset)
                names.insert(name)
                // Siblings that look alike: their other forms, and what they are shown as.
                if random.below(3) == 0 { names.insert(translation.shown(name)) }
                if random.below(4) == 0 { names.insert(name.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }) }
                var normalizer = Normalizer()
                if random.below(4) == 0 { names.insert(normalizer.normalized(name, to: .nfd)) }
            }
            names = names.filter { FileName($0) != nil }
            let list = Array(names)
            for name in list where translation.isCertainlyShownAsItIs(name.span) {
                #expect(translation.shown(name) == name, "seed \(seed): \(name), \(policy)")
            }
            let directory = DirectoryNames(list, by: &translation)
            let again = DirectoryNames(list.reversed(), by: &translation)
            var keys: Set<[UInt8]> = []
            for name in list {
                let shown = directory.shown(name)
                let problem: String? =
                    if again.shown(name) != shown {
                        "depends on the order"
                    } else if !isStrict(shown) || FileName(shown) == nil {
                        "is no name"
                    } else if shown.count > policy.longest {
                        "is too long"
                    } else if !keys.insert(translation.key(ofShown: shown)).inserted {
                        "is shown twice"
                    } else if directory.source(ofShown: shown, by: &translation) != name {
                        "leads elsewhere"
                    } else if name.allSatisfy({ $0 < 0x80 }), isCaseSensitive, policy.invalid != .percent, name.count <= policy.longest,
                        shown != name
                    {
                        "was ASCII and is changed"
                    } else {
                        nil
                    }
                if let problem {
                    Issue.record("seed \(seed), round \(round): \(name), shown as \(shown), \(problem)")
                    return
                }
            }
        }
    }

    @Test("the four names that every tool loses one of")
    func fourNames() {
        let names: [[UInt8]] = [
            Array("caf\u{E9}.txt".utf8), Array("cafe\u{301}.txt".utf8), Array("caf".utf8) + [0xE9] + Array(".txt".utf8),
            [0xC4, 0xE3, 0xBA, 0xC3] + Array(".doc".utf8),
        ]
        var translation = NameTranslation(NamesPolicy(form: .nfc))
        let directory = DirectoryNames(names, by: &translation)
        #expect(directory.shown(names[0]) == names[0])
        #expect(directory.shown(names[1]) == Array("caf\u{E9}~glk2ni.txt".utf8))
        #expect(directory.shown(names[2]) == Array("caf\u{EFE9}.txt".utf8))
        #expect(Set(names.map { directory.shown($0) }).count == 4)
        var chinese = NameTranslation(NamesPolicy(charset: .gb18030))
        #expect(chinese.shown(names[3]) == Array("你好.doc".utf8))
    }

    @Test("the hash is BLAKE2s (RFC 7693, appendix B, and longer than a block)")
    func hash() {
        func hex(_ bytes: [UInt8]) -> String { bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined() }
        #expect(hex(Blake2s.digest(Array("abc".utf8))) == "508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982")
        #expect(hex(Blake2s.digest([])) == "69217a3079908094e11121d042354a7c1f55b6482ca1a51e1b250dfd1ed0eef9")
        #expect(
            hex(Blake2s.digest([UInt8](repeating: 0x61, count: 200))) == "2b033f9f5ba9cf20671da79e492f41545e673b562603945ffed09662fd92321a")
        #expect(String(decoding: Base32.text(of: Array("foobar".utf8)), as: UTF8.self) == "mzxw6ytboi")
    }
}
