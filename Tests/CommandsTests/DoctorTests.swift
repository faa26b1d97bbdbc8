import ShareModel
import ShareWire
import Testing

@testable import Commands

@Suite("doctor") struct DoctorTests {
    private static let well: [Finding] = [
        Finding(.agent, .ok, note: "shareagent 0.1.0, process 42"), Finding(.channel, .ok, note: "host 'kvm7' at /dev/x"),
        Finding(.catalog, .ok, note: "offered by the host, revision 3", share: "media"), Finding(.mount, .ok, share: "media"),
        Finding(.read, .ok, note: "6 bytes of a in 12 us", share: "media"),
    ]
    private static let refused = Cause(
        .connectionRefused, "share 'nas': nothing listens on 10.0.0.1 port 2049", evidence: ["TCP: refused"],
        remedy: ["systemctl start nfs-server"], errno: "ECONNREFUSED")
    private static let ill: [Finding] = [
        Finding(.catalog, .ok, share: "nas"), Finding(.source, .failed, cause: refused, share: "nas"),
        Finding(.mount, .failed, note: "tried again in 4 s", cause: refused, share: "nas"),
    ]

    private static func scratch(_ findings: [Finding]) throws -> Scratch {
        let scratch = try Scratch()
        let document = Value.object(["findings": .array(findings.map(\.value))])
        try scratch.write("answer.json", String(decoding: StrictJSON.bytes(of: document), as: UTF8.self) + "\n")
        try scratch.writeAgent("echo \"$*\" > \(scratch.path)/arguments; cat \(scratch.path)/answer.json")
        return scratch
    }

    @Test("a share that is well has one line, one that is not has all of its own, and what is wrong stands there once") func text() throws {
        let ran = try Self.scratch(Self.well + Self.ill).run(["doctor"])
        #expect(ran.status == 1)
        #expect(
            ran.out == """
                SHARE  CHECK    STATUS  SEEN
                -      agent    ok      shareagent 0.1.0, process 42
                -      channel  ok      host 'kvm7' at /dev/x
                media  read     ok      6 bytes of a in 12 us
                nas    catalog  ok      -
                nas    source   failed  connection-refused
                nas    mount    failed  tried again in 4 s

                nas: source failed (connection-refused)
                  what    share 'nas': nothing listens on 10.0.0.1 port 2049
                  why     TCP: refused
                          ECONNREFUSED
                  remedy  systemctl start nfs-server

                2 shares looked into; 1 not as it should be

                """)
    }

    @Test("named shares are shown whole, and where nothing is wrong the status is 0") func named() throws {
        let scratch = try Self.scratch(Self.well)
        let ran = scratch.run(["doctor", "media", "--wait", "9s"])
        #expect(ran.status == 0)
        #expect(ran.out.contains("media  catalog  ok") && ran.out.contains("1 share looked into; nothing is wrong"))
        let arguments = try #require(scratch.read("arguments"))
        #expect(arguments.hasPrefix("--once doctor --wait-ms ") && arguments.contains(" media"))
    }

    @Test("a warning is something found, what was skipped is not; JSON is passed on as it came, also what this version does not know")
    func json() throws {
        let warning = Finding(.names, .warning, cause: Cause(.namesUnconvertible, "rubbish"), share: "a")
        #expect(try Self.scratch([warning]).run(["doctor"]).status == 1)
        #expect(try Self.scratch([Finding(.mount, .skipped, note: "manual", share: "a")]).run(["doctor"]).status == 0)
        let scratch = try Self.scratch([])
        let later = #"{"findings":[{"check":"weather","status":"failed"}]}"#
        try scratch.write("answer.json", later + "\n")
        let ran = scratch.run(["doctor", "--json"])
        #expect(ran.out == later + "\n" && ran.status == 1)
    }

    @Test("control characters in a name from outside do not reach the terminal") func escaped() throws {
        let odd = Finding(.catalog, .failed, cause: Cause(.shareInvalid, "bad \u{1B}[2J"), share: "x\u{1B}[2J")
        let ran = try Self.scratch([odd]).run(["doctor"])
        #expect(!ran.out.contains("\u{1B}"))
    }
}
