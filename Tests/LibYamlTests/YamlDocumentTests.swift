import LibYaml
import ShareModel
import Testing

@Suite("YAML as values with lines")
struct YamlDocumentTests {
    private func read(_ text: String) throws -> YamlDocument { try YamlDocument.parse(Array(text.utf8)) }

    @Test(
        "plain scalars follow the core schema, everything else stays a text",
        arguments: [
            ("null", Value.null), ("~", .null), ("", .null), ("true", true), ("False", false), ("17", 17), ("-3", -3), ("0", 0),
            ("yes", "yes"),
            ("on", "on"), ("0644", "0644"), ("1.0", "1.0"), ("1e3", "1e3"), ("4.2", "4.2"), ("-", "-"),
            ("99999999999999999999", "99999999999999999999"),
            ("\"17\"", "17"), ("'true'", "true"), ("10.77.0.1", "10.77.0.1"),
        ])
    func scalars(_ text: String, _ value: Value) throws {
        // A lone dash opens a list, so it is quoted by its place in a mapping.
        #expect(try read("k: \(text == "-" ? "'-'" : text)").value["k"] == value)
    }

    @Test("lists and mappings keep their order, flow and block style alike")
    func structure() throws {
        let document = try read("shares:\n  - name: a\n    source: {type: nfs, server: h}\n  - [1, x]\n")
        #expect(
            document.value
                == .object([
                    .init(
                        "shares",
                        .array([
                            .object([.init("name", "a"), .init("source", .object([.init("type", "nfs"), .init("server", "h")]))]),
                            .array([1, "x"]),
                        ]))
                ]))
    }

    @Test("each path has its line; a missing one has that of what is around it")
    func lines() throws {
        let document = try read("# comment\nshares:\n  - name: a\n    source:\n      type: nfs\n  - name: b\n")
        #expect(document.line(of: "shares") == 2)
        #expect(document.line(of: "shares[0].source.type") == 5)
        #expect(document.line(of: "shares[1].name") == 6)
        #expect(document.line(of: "shares[1].source.type") == 6)
        #expect(document.line(of: "shares[0].source.server") == 4)
        #expect(document.line(of: "nothing") == 2)
    }

    @Test(
        "what is refused is told with its line",
        arguments: [
            ("a: 1\na: 2", 2, "stands twice"), ("a: &x 1\nb: *x", 1, "anchors"), ("a: !!int 1", 1, "tags"),
            ("--- 1\n--- 2", 2, "more than one document"),
            ("a: [1, 2", 2, ""), ("a: b: c", 1, "mapping values"), ("{[1]: 2}", 1, "key"), ("a:\n\t- b", 2, ""),
        ])
    func refused(_ text: String, _ line: Int, _ message: String) throws {
        let error = #expect(throws: YamlError.self) { try read(text) }
        #expect(error?.line == line)
        #expect(message.isEmpty || error?.message.contains(message) == true, "\(error?.message ?? "")")
    }

    @Test("bytes that are no UTF-8 and NULs are refused")
    func encodings() {
        #expect(throws: YamlError.self) { try YamlDocument.parse([0x61, 0x3A, 0x20, 0xFF]) }
        #expect(throws: YamlError.self) { try YamlDocument.parse([0x61, 0x3A, 0x20, 0x22, 0x5C, 0x30, 0x22]) }
        #expect(throws: YamlError.self) { try YamlDocument.parse([0xFF, 0xFE, 0x61, 0x00]) }
    }

    @Test("an empty text is null, one key spelt in two normalizations is two keys")
    func corners() throws {
        #expect(try read("").value == .null)
        #expect(try read("# only a comment\n").value == .null)
        let document = try read("\"caf\u{e9}\": 1\n\"cafe\u{301}\": 2\n")
        #expect(document.value["caf\u{e9}"] == 1)
        #expect(document.value["cafe\u{301}"] == 2)
    }

    @Test("each limit holds at the limit and breaks one past it")
    func limits() throws {
        func nested(_ depth: Int) -> String { String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
        #expect(throws: Never.self) { try read(nested(YamlDocument.Limits.depth)) }
        #expect(throws: YamlError.self) { try read(nested(YamlDocument.Limits.depth + 1)) }
        func list(_ values: Int) -> String { "[" + String(repeating: "1,", count: values - 1) + "]" }
        #expect(throws: Never.self) { try read(list(YamlDocument.Limits.values)) }
        #expect(throws: YamlError.self) { try read(list(YamlDocument.Limits.values + 1)) }
        func scalar(_ bytes: Int) -> String { "a: " + String(repeating: "x", count: bytes) }
        #expect(throws: Never.self) { try read(scalar(YamlDocument.Limits.scalarBytes)) }
        #expect(throws: YamlError.self) { try read(scalar(YamlDocument.Limits.scalarBytes + 1)) }
        let comment = "#" + String(repeating: "x", count: YamlDocument.Limits.bytes - 1)
        #expect(throws: Never.self) { try read(comment) }
        #expect(throws: YamlError.self) { try read(comment + "x") }
    }
}
