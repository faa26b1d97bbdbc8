import ShareModel
import Testing

/// A share's `names:`: what it may say, and by what it is carried out.
@Suite("names of a share")
struct NamesWishTests {
    private func share(_ type: String, _ names: [(String, Value)], options: [(String, Value)] = []) throws(FieldProblem) -> Share {
        let sources: [String: Value] = [
            "nfs": .object(["type": "nfs", "server": "s", "export": "/x"]), "smb": .object(["type": "smb", "server": "s", "share": "x"]),
            "virtiofs": .object(["type": "virtiofs", "tag": "t"]), "tmpfs": .object(["type": "tmpfs"]),
        ]
        return try Share(
            .object([
                Value.Member("name", "a"), Value.Member("source", sources[type] ?? .null),
                Value.Member("names", .object(names.map { Value.Member($0.0, $0.1) })),
                Value.Member("options", .object(options.map { Value.Member($0.0, $0.1) })),
            ]), at: "shares[0]")
    }

    @Test(
        "by what it is carried out",
        arguments: [
            ("nfs", "", NamesMeans.nothing, ""), ("nfs", "encoding=utf-8 form=asis case=report collisions=suffix", .nothing, ""),
            ("nfs", "encoding=gb18030", .view, "encoding"), ("virtiofs", "form=nfc-hfs", .view, "form"),
            ("nfs", "newNames=nfd-hfs", .view, "newNames"), ("nfs", "reserved=sfm", .view, "reserved"),
            ("nfs", "invalid=percent", .view, "invalid"), ("virtiofs", "case=insensitive", .view, "case"),
            ("nfs", "encoding=gb18030 view=never", .nothing, ""), ("tmpfs", "view=always", .view, ""),
            ("smb", "", .options, ""), ("smb", "reserved=sfu case=insensitive encoding=gb18030 invalid=percent", .options, ""),
            ("smb", "form=nfc reserved=sfu", .view, "form"), ("smb", "encoding=cp936 view=always", .view, ""),
            ("smb", "form=nfc view=never", .options, ""),
        ])
    func means(type: String, names: String, means: NamesMeans, rules: String) throws {
        let pairs = names.split(separator: " ").map { $0.split(separator: "=") }.map { (String($0[0]), Value.string(String($0[1]))) }
        let share = try share(type, pairs)
        #expect(share.namesMeans == means)
        #expect(share.viewRules == nil || share.viewRules?.keys.sorted().joined(separator: " ") == rules)
        #expect((share.viewRules != nil) == (means == .view))
        #expect(try Share(share.value, at: "") == share)
    }

    @Test("a charset that SMB names come in takes a view that reads them as what they are")
    func mojibake() throws {
        let share = try share("smb", [("encoding", "gb18030")], options: [("iocharset", "iso8859-1")])
        #expect(share.namesMeans == .view && share.viewRules == ["encoding": "gb18030"])
    }

    @Test(
        "what is refused, by its key",
        arguments: [
            ("encodings", "utf-8", "shares[0].names.encodings: is no key"),
            ("encoding", "utf-9", "shares[0].names.encoding: 'utf-9' is none"),
            ("encoding", "auto", "only proposes"), ("form", "nfkc", "'nfkc' is none of: asis, nfc, nfc-hfs, nfd"),
            ("form", "nfc nfd", "is none of"), ("form", "", "is none of"), ("view", "yes", "is none of: auto, never, always"),
            ("Form", "nfc", "names.Form: is no key"),
        ])
    func refused(key: String, word: String, said: String) {
        #expect {
            try share("nfs", [(key, .string(word))])
        } throws: {
            ($0 as? FieldProblem)?.sentence.contains(said) == true
        }
    }
}
