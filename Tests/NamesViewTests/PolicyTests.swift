import FileNames
import ShareModel
import Testing

@testable import NamesView

@Suite("the words of a names policy")
struct PolicyTests {
    private static func object(_ members: [(String, String)]) -> Value { .object(members.map { Value.Member($0.0, .string($0.1)) }) }

    @Test("each word means what the contract says")
    func words() throws {
        let policy = try NamesPolicy(
            Self.object([
                ("encoding", "Shift_JIS"), ("form", "nfc-hfs"), ("newNames", "nfd-hfs"), ("reserved", "sfu"), ("invalid", "percent"),
                ("case", "insensitive"), ("collisions", "suffix"), ("view", "always"),
            ]))
        #expect(
            policy
                == NamesPolicy(
                    charset: .cp932, form: .nfcHFS, newNames: .nfdHFS, reserved: .sfu, invalid: .percent, isCaseSensitive: false))
        #expect(try NamesPolicy(Self.object([])) == NamesPolicy())
        #expect(try NamesPolicy(Self.object([("form", "asis"), ("case", "report")])) == NamesPolicy())
    }

    @Test(
        "what it does not know is named, with what it knows",
        arguments: [
            ("encoding", "iso-2022-jp", CauseCode.charsetUnavailable, "gb18030"), ("encoding", "auto", .shareInvalid, "names scan"),
            ("form", "nfkc", .shareInvalid, "nfc-hfs"), ("newNames", "nfc-hfs", .shareInvalid, "nfd-hfs"),
            ("reserved", "x", .shareInvalid, "sfm"),
            ("invalid", "drop", .shareInvalid, "percent"), ("case", "", .shareInvalid, "insensitive"),
            ("colour", "red", .shareInvalid, "encoding"),
        ])
    func refused(key: String, word: String, code: CauseCode, remedy: String) {
        #expect {
            try NamesPolicy(Self.object([(key, word)]))
        } throws: { error in
            guard let cause = error as? Cause else { return false }
            return cause.code == code && cause.message.contains("names.\(key)")
                && (cause.remedy + cause.evidence).contains { $0.contains(remedy) }
        }
    }

    @Test("the groups of a process")
    func groups() {
        #expect(ProcessWords(Array("Gid:\t5\t5\t5\t5\nGroups:\t4 24 65534 \nNStgid:\t1\n".utf8)).groups == [4, 24, 65534])
        #expect(ProcessWords(Array("Groups:\t\n".utf8)).groups.isEmpty)
        #expect(ProcessWords([]).groups.isEmpty)
    }
}
