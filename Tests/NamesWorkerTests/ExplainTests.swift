import FileNames
import ShareModel
import Testing

@testable import NamesWorker

@Suite("what a name is made of")
struct ExplainTests {
    private static func explain(_ name: [UInt8], _ policy: [Value.Member] = []) throws -> Value {
        NameExplanation(try ExplainOrder(.object([.init("name", .string(hexadecimal(name)))] + policy))).run()
    }

    private static func paths(_ value: Value?, _ key: String) -> [String] {
        (value?.elements ?? []).compactMap { $0[key]?["path"]?.text }
    }

    @Test("characters with their bytes, kind and parts; bytes where there are none")
    func characters() throws {
        let answer = try Self.explain(Array("é:가e\u{301}".utf8))
        #expect(answer["class"]?.text == "utf-8-other")
        let characters = answer["characters"]?.elements ?? []
        #expect(characters.compactMap { $0["scalar"]?.text } == ["U+00E9", "U+003A", "U+AC00", "U+0065", "U+0301"])
        #expect(characters.compactMap { $0["at"]?.number } == [0, 2, 3, 6, 7])
        #expect(characters[0]["parts"]?.text == "U+0065 U+0301" && characters[0]["kind"]?.text == "Latin small letter")
        #expect(characters[2]["parts"]?.text == "U+1100 U+1161" && characters[2]["kind"]?.text == "Hangul letter")
        #expect(characters[4]["kind"]?.text == "combining mark")
        let bytes = try Self.explain([0x61, 0xE9])["characters"]?.elements ?? []
        #expect(bytes.map { $0["scalar"]?.text } == ["U+0061", nil])
        #expect(bytes[1]["kind"]?.text == "not UTF-8" && bytes[1]["bytes"]?.text == "e9")
    }

    @Test("findings, Windows' trouble and the four forms")
    func findings() throws {
        let answer = try Self.explain(Array("aux.e\u{301}?.".utf8))
        let codes = (answer["findings"]?.elements ?? []).compactMap { $0["code"]?.text }
        #expect(codes == ["N1", "N8", "N9", "N10"])
        #expect(answer["windows"]?.elements?.count == 3)
        let forms = answer["forms"]?.elements ?? []
        #expect(forms.compactMap { $0["form"]?.text } == ["nfc", "nfd", "nfc-hfs", "nfd-hfs"])
        #expect(forms.compactMap { $0["isSame"]?.truth } == [false, true, false, true])
        #expect(try Self.explain(Array("plain".utf8))["findings"]?.elements?.isEmpty == true)
    }

    @Test("each charset that can read it, those that read it alike together and the likeliest first")
    func readings() throws {
        let answer = try Self.explain(ScanTests.chinese[0])
        let first = try #require(answer["readings"]?.elements?.first)
        #expect(first["name"]?["path"]?.text == "会议记录.doc")
        #expect(first["charsets"]?.elements?.contains("gb18030") == true && first["charsets"]?.elements?.contains("cp936") == true)
        #expect((first["confidencePermille"]?.number ?? 0) > 0)
        let names = Self.paths(answer["readings"], "name")
        #expect(Set(names).count == names.count && names.count > 3)
        #expect(try Self.explain(Array("Ã©".utf8))["otherwise"]?.elements?.first?["name"]?["path"]?.text == "é")
        #expect(Self.paths(try Self.explain(Array("a\u{F022}b".utf8))["otherwise"], "name") == ["a:b", "a\"b"])
    }

    @Test("how it is shown by usual policies and by one's own, and whether it comes back")
    func shown() throws {
        let latin = try Self.explain([0x63, 0xE9], [.init("encoding", "cp1252")])
        let mine = try #require(latin["shown"]?.elements?.first)
        #expect(mine["policy"]?.text == "encoding cp1252" && mine["name"]?["path"]?.text == "cé" && mine["comesBack"]?.truth == true)
        let usual = (latin["shown"]?.elements ?? []).dropFirst().compactMap { $0["policy"]?.text }
        #expect(usual == ["asis", "form nfc", "form nfc-hfs", "form nfd", "invalid percent"])
        let percent = latin["shown"]?.elements?.last
        #expect(percent?["name"]?["path"]?.text == "c%E9")
        let decomposed = try Self.explain(Array("e\u{301}".utf8))["shown"]?.elements ?? []
        #expect(decomposed.map { $0["isSame"]?.truth } == [true, false, false, true, true])
        #expect(decomposed[1]["comesBack"]?.truth == false)
    }

    @Test("what is no name, or no policy, is no order")
    func orders() {
        for text in ["", "6", "zz", "2f", "2e", "2e2e", "6100"] {
            #expect(throws: FieldProblem.self, "\(text)") { try ExplainOrder(.object(["name": .string(text)])) }
        }
        #expect(throws: FieldProblem.self) { try ExplainOrder(.object(["name": "61", "encoding": "klingon"])) }
        #expect(throws: FieldProblem.self) { try ExplainOrder(.object(["name": "61", "form": "nfkc"])) }
        #expect(throws: FieldProblem.self) { try ExplainOrder(.object(["name": "61", "more": "x"])) }
    }
}
