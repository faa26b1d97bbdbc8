import LinuxSystem
import ShareModel
import Testing

@testable import Commands

/// The words of `shareagent names convert`, `undo` and `explain`.
@Suite("converted names as text") struct ConversionTextTests {
    private static func path(_ text: String) -> Value { .object(["path": .string(text), "bytes": ""]) }

    private static func report(applied: Bool, journal: String?, problems: [Value] = [], renames: Int = 2) -> Value {
        let listed: [Value] = [
            .object([
                "directory": path("."), "from": path("\\xc4\\xe3"), "to": path("你"), "kind": "file", "because": "charset",
                "charset": "gb18030", "confidencePermille": 990,
            ]),
            .object([
                "directory": path("a"), "from": path("l"), "to": path("l"), "kind": "link", "target": path("../\\xc4\\xe3"),
                "newTarget": path("../你"),
            ]),
        ]
        return .object([
            "path": "/srv", "filesystem": "nfs4", "applied": .bool(applied), "readOnly": false, "journal": .text(journal), "tookMs": 1500,
            "names": 10, "directories": 2, "renames": .number(renames), "links": 1, "done": .number(applied ? 2 : 0),
            "listed": .array(listed), "isComplete": .bool(renames == 2),
            "problems": .object([
                "count": .number(problems.count), "byCode": .object(["names-collide": .number(problems.count)]), "listed": .array(problems),
            ]),
        ])
    }

    private static let screen = Screen(isTerminal: false, width: nil, environment: [:])

    @Test("a plan says that nothing was changed, and what would do it") func plan() {
        let problem = Value.object(["name": Self.path("é"), "code": "names-collide", "why": "'é' is there already"])
        let text = ConversionText.lines(Self.report(applied: false, journal: nil, problems: [problem]), on: Self.screen)
        #expect(
            text.joined(separator: "\n") == """
                /srv (nfs4): 2 of 10 names would be converted and 1 link's target, in 1s

                NAME              BECOMES   WHY      SURE  DIRECTORY
                \\xc4\\xe3          你        gb18030   99%  .
                l -> ../\\xc4\\xe3  -> ../你  target      -  a

                1 name stays as it is:
                CAUSE          NAME  WHY
                names-collide  é     'é' is there already

                --apply renames nothing while names would be alike, unless --collisions says leave or suffix
                nothing was changed; --apply renames
                """)
        #expect(
            ConversionText.lines(Self.report(applied: false, journal: "/j"), on: Self.screen).last?.hasSuffix(
                "--apply --journal /j renames as planned") == true)
        #expect(
            ConversionText.lines(Self.report(applied: false, journal: nil, renames: 9), on: Self.screen).contains {
                $0.hasPrefix("and more: 7")
            })
    }

    @Test("what was applied names its journal, and how to put everything back") func applied() {
        let text = ConversionText.lines(Self.report(applied: true, journal: "/var/j"), on: Self.screen)
        #expect(text.first == "/srv (nfs4): 2 names converted, in 1s")
        #expect(text.suffix(2) == ["journal: /var/j", "shareagent names undo /var/j puts everything back"])
        #expect(ConversionText.lines(Self.report(applied: true, journal: nil), on: Self.screen).last == "nothing to rename")
        #expect(ConversionText.undone(Self.report(applied: true, journal: "/var/j"), on: Self.screen) == ["/srv: 2 names as before, in 1s"])
    }

    @Test("a name is typed, or given as its bytes; what is no name is wrong use") func typed() throws {
        #expect(NamesExplain.bytes(of: "é") == Array("é".utf8))
        #expect(NamesExplain.bytes(of: "@636166E9") == [0x63, 0x61, 0x66, 0xE9])
        for odd in ["@", "@6", "@xy", "@home", "@+1"] { #expect(NamesExplain.bytes(of: odd) == Array(odd.utf8), "\(odd)") }
        for none in ["", ".", "..", "a/b", "@2f", "@00", String(repeating: "a", count: 1025)] {
            #expect(NamesExplain.bytes(of: none) == nil, "\(none)")
        }
        for arguments in [
            ["names", "convert", "/x"], ["names", "convert", "/x", "--from", "gbk", "--to", "nfkc"], ["names", "explain", "a/b"],
            ["names", "convert", "/x", "--from", "gbk", "--collisions", "drop"], ["names", "undo"],
        ] {
            let ended = try BuiltProgram(arguments).finish()
            #expect(ended.exit == .exited(64) && ended.out.isEmpty, "\(arguments)")
        }
    }

    @Test("characters get their names from this program") func names() {
        let answer = CharacterNames.added(to: .object(["characters": .array([.object(["scalar": "U+00E9"]), .object(["bytes": "e9"])])]))
        #expect(answer["characters"]?.elements?.first?["name"]?.text == "LATIN SMALL LETTER E WITH ACUTE")
        #expect(answer["characters"]?.elements?.last?["name"] == nil)
    }

    @Test(
        "a journal is never put where others could have prepared a place for it",
        arguments: [
            ([:], nil), (["HOME": ""], nil), (["HOME": "/home/a"], "/home/a/.local/state/shareagent"),
            (["HOME": "/home/a", "XDG_STATE_HOME": "/s"], "/s/shareagent"),
            (["HOME": "/home/a", "XDG_STATE_HOME": "s"], "/home/a/.local/state/shareagent"),
        ] as [([String: String], String?)])
    func journalFolder(environment: [String: String], folder: String?) {
        #expect(NamesConvert.journalFolder(environment, isRoot: false) == folder)
        #expect(NamesConvert.journalFolder(environment, isRoot: true) == "/var/lib/shareagent")
    }
}
