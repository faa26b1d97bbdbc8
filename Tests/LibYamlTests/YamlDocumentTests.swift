import LibYaml
import ShareModel
import Testing

@Suite struct YamlDocumentTests {
    private func parse(_ text: String) throws(YamlError) -> YamlDocument {
        try YamlDocument.parse(Array(text.utf8))
    }

    private func value(_ text: String) throws -> Value { try parse(text).value }

    private func error(_ text: String) -> YamlError? {
        #expect(throws: YamlError.self) { try parse(text) }
    }

    @Test("a catalog of shares becomes the value that the same JSON would be, with the line of each key")
    func catalog() throws {
        let document = try parse(
            """
            # what the host offers
            shares:
              - name: projects
                source: {type: nfs, server: 10.77.0.1,
                         export: /projects, version: "4.2"}
                giveUpSeconds: 180
              - name: media
                required: false
                source:
                  type: virtiofs
                  tag: media
                target: ~

            """)
        #expect(
            document.value
                == .object([
                    .init(
                        "shares",
                        .array([
                            .object([
                                .init("name", "projects"),
                                .init(
                                    "source",
                                    .object([
                                        .init("type", "nfs"), .init("server", "10.77.0.1"), .init("export", "/projects"),
                                        .init("version", "4.2"),
                                    ])), .init("giveUpSeconds", 180),
                            ]),
                            .object([
                                .init("name", "media"), .init("required", false),
                                .init("source", .object([.init("type", "virtiofs"), .init("tag", "media")])), .init("target", .null),
                            ]),
                        ]))
                ]))
        let lines = [
            "": 2, "shares": 2, "shares[0]": 3, "shares[0].source.export": 5, "shares[0].giveUpSeconds": 6, "shares[1]": 7,
            "shares[1].source": 9, "shares[1].source.tag": 11,
        ]
        for (path, line) in lines { #expect(document.line(of: path) == line, "\(path)") }
        #expect(document.line(of: "shares[2]") == 2)
        #expect(document.line(of: "shares[1].source.type.x[3].y") == 10)
        #expect(document.line(of: "shares[0].target") == 3)
        #expect(document.line(of: "nothing.of.it") == 2)
    }

    @Test(
        "what stands there without quotes is null, a truth value or a whole number only in its plainest form",
        arguments: [
            ("null", Value.null), ("~", .null), ("NULL", .null), ("true", true), ("True", true), ("FALSE", false), ("0", 0), ("-0", 0),
            ("42", 42), ("-7", -7), ("+5", 5), ("9007199254740992", 9_007_199_254_740_992), ("-9007199254740992", -9_007_199_254_740_992),
        ] as [(String, Value)])
    func plainScalars(text: String, expected: Value) throws {
        #expect(try value("k: \(text)") == .object([.init("k", expected)]))
        #expect(try value("k: \"\(text)\"") == .object([.init("k", .string(text))]))
        #expect(try value("k: '\(text)'") == .object([.init("k", .string(text))]))
    }

    @Test(
        "what other dialects would turn into something else stays text",
        arguments: [
            "yes", "no", "on", "off", "y", "nUll", "tRUE", "1.0", "4.2", ".5", "1e3", "0644", "00", "-01", "0x1f", "0o17", "1_000", "12:30",
            "2026-11-23", ".inf", "+", "-x", "9007199254740993", "-9007199254740993", "99999999999999999999", "<<", "=", "١٢",
        ])
    func texts(text: String) throws {
        #expect(try value("k: \(text)") == .object([.init("k", .string(text))]))
    }

    @Test("blocks of text keep their lines, and are text even where they hold a number")
    func blocks() throws {
        #expect(try value("k: |\n  a\n  b\n") == .object([.init("k", "a\nb\n")]))
        #expect(try value("k: >-\n  a\n  b\n") == .object([.init("k", "a b")]))
        #expect(try value("k: |-\n  5\n") == .object([.init("k", "5")]))
    }

    @Test("a text that says nothing is null", arguments: ["", "\n", "# only a comment\n", "---\n", "---\n...\n", "\u{FEFF}# mark\n"])
    func nothing(text: String) throws {
        #expect(try value(text) == .null)
        #expect(try parse(text).line(of: "channel") ?? 1 >= 1)
    }

    @Test(
        "JSON is YAML",
        arguments: [
            ("[]", Value.array([])), ("{}", .object([])), ("{\"a\": [1, null, \"x\"]}", .object([.init("a", .array([1, .null, "x"]))])),
        ])
    func json(text: String, expected: Value) throws {
        #expect(try value(text) == expected)
    }

    @Test("two keys that look alike but are written with different bytes are two keys")
    func normalization() throws {
        #expect(try value("\u{E9}: 1\ne\u{301}: 2\n") == .object([.init("\u{E9}", 1), .init("e\u{301}", 2)]))
    }

    @Test(
        "what is refused, with its place and reason",
        arguments: [
            ("a: 1\nb: 2\na: 3\n", 3, 1, "the key 'a' is given twice, it stands in line 1 already"),
            ("x: {a: 1, 'a': 2}\n", 1, 11, "the key 'a' is given twice, it stands in line 1 already"),
            ("a: &x 1\n", 1, 4, "anchors (&name) are not taken"),
            ("a: &x [1]\n", 1, 4, "anchors (&name) are not taken"),
            ("a: &x {b: 1}\n", 1, 4, "anchors (&name) are not taken"),
            ("&x a: 1\n", 1, 1, "anchors (&name) are not taken"),
            ("a: *x\n", 1, 4, "aliases (*name) are not taken: write the value out"),
            ("a: !!str 1\n", 1, 4, "tags (!name) are not taken: quote what is meant as text"),
            ("a: ! 1\n", 1, 4, "tags (!name) are not taken: quote what is meant as text"),
            ("a: !x [1]\n", 1, 4, "tags (!name) are not taken: quote what is meant as text"),
            ("? [a]\n: 1\n", 1, 3, "a key must be a text, not a list or a mapping"),
            ("{{a: 1}: 2}\n", 1, 2, "a key must be a text, not a list or a mapping"),
            ("a: 1\n---\nb: 2\n", 2, 1, "a second document begins here; only one is taken"),
            ("a: 1\n\tb: 2\n", 2, 1, "a tab cannot indent a line; use spaces"),
            ("a: \"x\\0y\"\n", 1, 4, "a text cannot hold a NUL"),
        ])
    func refusals(text: String, line: Int, column: Int, message: String) {
        #expect(error(text) == YamlError(line: line, column: column, message: message))
    }

    @Test(
        "what libyaml itself refuses keeps its place",
        arguments: [
            ("a: 1\nb\n", 3), ("a: [1, 2\nb: 3\n", 2), ("a: 'x\n", 2), ("a: b: c\n", 1), ("a:\n  - 1\n b: 2\n", 3), ("a: %\n", 1),
            ("x\u{1}\n", 1), ("a: 1\nb: \u{0}\n", 2),
        ])
    func syntax(text: String, line: Int) throws {
        let found = try #require(self.error(text))
        #expect(found.line == line, "\(found)")
        #expect(!found.message.isEmpty)
        #expect(found.sentence == "line \(found.line), column \(found.column): \(found.message)")
    }

    @Test("bytes that are not UTF-8 are refused with their line, UTF-16 among them")
    func encodings() {
        for (bytes, line) in [(Array("a: 1\nb: ".utf8) + [0xC3, 0x28], 2), ([0xFF, 0xFE, 0x61, 0, 0x3A, 0], 1), ([0xED, 0xA0, 0x80], 1)] {
            let error = #expect(throws: YamlError.self) { try YamlDocument.parse(bytes) }
            #expect(error == YamlError(line: line, column: 1, message: "the line is not UTF-8"))
        }
        let wide = #expect(throws: YamlError.self) { try YamlDocument.parse([0, 0x61, 0, 0x3A]) }
        #expect(wide?.line == 1)
    }

    @Test("sixteen lists inside each other are taken, seventeen are not")
    func depth() throws {
        for (open, close) in [("[", "]"), ("{a: ", "}")] {
            let deepest = String(repeating: open, count: 16) + String(repeating: close, count: 16)
            if open == "[" { #expect(try value(deepest) != .null) } else { #expect(try value(deepest)["a"] != nil) }
            let message = error(String(repeating: open, count: 17) + String(repeating: close, count: 17))?.message
            #expect(message == "more than 16 lists and mappings stand inside each other")
        }
        // What is not closed is not read to its end before it is refused.
        #expect(error(String(repeating: "[", count: 500_000))?.message.contains("inside each other") == true)
        #expect(error(String(repeating: "- ", count: 500_000))?.message.contains("inside each other") == true)
    }

    @Test("65,536 values are taken, one more is not")
    func count() throws {
        let elements = String(repeating: "- 1\n", count: 65_535)
        #expect(try value(elements).elements?.count == 65_535)
        #expect(error(elements + "- 1\n")?.message == "there are more than 65536 values")
    }

    @Test("a file of 1 MiB and a scalar of 64 KiB are taken, one more byte is not")
    func size() throws {
        let comment = "#" + String(repeating: "x", count: (1 << 20) - 1)
        #expect(try value(comment) == .null)
        #expect(error(comment + "\n")?.message == "the text is longer than 1048576 bytes")
        let longest = String(repeating: "x", count: 65_536)
        #expect(try value("a: \(longest)\n? \(longest)\n: 1\n")["a"]?.text?.utf8.count == 65_536)
        for text in ["a: \(longest)x", "? \(longest)x\n: 1"] { #expect(error(text)?.message == "the text is longer than 65536 bytes") }
    }

    @Test("a key of 64 KiB with many children is read without keeping it once for each of them")
    func longKeys() throws {
        let key = String(repeating: "k", count: 60_000)
        let document = try parse("top:\n  ? \(key)\n  : [" + String(repeating: "1,", count: 20_000) + "]\n")
        #expect(document.value["top"]?[key]?.elements?.count == 20_000)
        #expect(document.line(of: "top.\(key)[7]") == 1)
    }

    @Test("whatever is flipped in a catalog, parsing answers with a value or an error at a place inside the text")
    func garbage() {
        let text = Array("shares:\n  - {name: \"a\", source: [1, 'x', &y *z]}\n  - |\n    b\n# c\n? d\n: !e f\n".utf8)
        let marks = Array("\n \t:-[]{}'\"&*!|>#%@\\\u{1}a".utf8)
        for seed in UInt64(0)..<500 {
            var state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1
            func next(_ bound: Int) -> Int {
                state ^= state << 13
                state ^= state >> 7
                state ^= state << 17
                return Int(state % UInt64(bound))
            }
            var broken = text
            for _ in 0...next(4) { broken[next(broken.count)] = marks[next(marks.count)] }
            broken.removeLast(next(broken.count))
            let lines = broken.count { $0 == UInt8(ascii: "\n") } + 1
            do throws(YamlError) {
                #expect(try YamlDocument.parse(broken).line(of: "shares[0].name") ?? 1 <= lines, "seed \(seed)")
            } catch {
                #expect((1...lines).contains(error.line) && error.column >= 1, "seed \(seed): \(error)")
            }
        }
    }
}
