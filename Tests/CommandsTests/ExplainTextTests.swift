import ShareModel
import ShareWire
import Testing

@testable import Commands

/// The words of `shareagent explain`.
@Suite("explain as text") struct ExplainTextTests {
    private static let projects: Explanation = {
        var told = Explanation(
            name: "projects", type: "nfs", source: "10.77.0.1:/projects", target: "/mnt/projects", profile: "balanced")
        told.fstype = "nfs"
        told.state = .attached
        told.mountID = 97
        told.options = [
            Explanation.Option(
                "rsize", requested: "1048576", effective: "131072", origin: .standard,
                why: "the most the client takes; the server may lower it",
                difference:
                    "the server takes no more at a time; on a Linux server: echo 1048576 >/proc/fs/nfsd/max_block_size before nfsd starts"),
            Explanation.Option("softerr", requested: "", effective: "", origin: .share, why: "an error instead of a wait", since: "5.2"),
            Explanation.Option("retrans", requested: "2", origin: .standard, why: "see timeo"),
            Explanation.Option("namlen", effective: "255", origin: .kernel, why: "the longest file name"),
        ]
        told.negotiated = [Explanation.Fact("lease", "90 s", note: "the server's"), Explanation.Fact("version", "4.2")]
        told.commands = ["mkdir -p /mnt/projects", "mount -i -t nfs -o rw 10.77.0.1:/projects /mnt/projects"]
        told.needs = ["a server"]
        told.warnings = ["mind the gap"]
        return told
    }()

    private static func terminal(_ width: Int) -> Screen { Screen(isTerminal: true, width: width, environment: ["NO_COLOR": "1"]) }

    @Test("an attached share: each option with its reason, and where it differs why") func attached() {
        #expect(
            Self.projects.lines(on: Self.terminal(80)).joined(separator: "\n") == """
                share    projects
                source   nfs 10.77.0.1:/projects
                target   /mnt/projects
                profile  balanced
                state    attached, mount id 97

                options
                  OPTION   ASKED FOR  IN FORCE   FROM
                  rsize    1048576    131072     default
                      the most the client takes; the server may lower it
                      differs: the server takes no more at a time; on a Linux server: echo
                      1048576 >/proc/fs/nfsd/max_block_size before nfsd starts
                  softerr  yes        yes        share
                      an error instead of a wait (since Linux 5.2)
                  retrans  2          not shown  default
                      see timeo
                  namlen   -          255        kernel
                      the longest file name

                agreed with the kernel and the server
                  lease    90 s
                      the server's
                  version  4.2

                by hand
                  mkdir -p /mnt/projects
                  mount -i -t nfs -o rw 10.77.0.1:/projects /mnt/projects
                  needs: a server

                worth knowing
                  mind the gap
                """)
    }

    @Test("text fits a terminal of 80 columns and narrower ones; commands stay whole, so that they can be pasted", arguments: [40, 60, 80])
    func widths(width: Int) {
        let lines = Self.projects.lines(on: Self.terminal(width))
        for line in lines where !Self.projects.commands.contains(where: { "  " + $0 == line }) {
            #expect(line.columns <= width, "\(line)")
        }
        #expect(lines.contains("  " + Self.projects.commands[1]))
    }

    @Test("a share that is not attached has no column for what is in force; a refused one says why first") func refused() {
        var told = Self.projects
        told.mountID = nil
        told.state = .refused
        told.cause = Cause(.targetOutsideRoots, "share 'projects': target /etc is outside", remedy: ["choose another"])
        let text = told.lines(on: .plain).joined(separator: "\n")
        #expect(text.contains("  OPTION   VALUE    FROM"))
        #expect(text.contains("projects: refused (target-outside-roots)\n  what    share 'projects': target /etc is outside\n"))
    }

    @Test("names and values from outside cannot drive the terminal") func escaped() {
        var told = Self.projects
        told.source = "10.77.0.1:/\u{1B}[2J"
        told.options[0].effective = "\u{9B}31m"
        told.commands = ["mount \u{1B}c"]
        for line in told.lines(on: Self.terminal(80)) { #expect(!line.unicodeScalars.contains { $0.movesOrHides }, "\(line)") }
    }

    @Test(
        "it ends with 0 for what can be attached, 4 for what the policy forbids, 1 for what nobody offers",
        arguments: [(nil, 0), (.connectionRefused, 0), (.targetOutsideRoots, 4), (.optionRefused, 4)] as [(CauseCode?, Int32)])
    func status(code: CauseCode?, status: Int32) throws {
        let scratch = try Scratch()
        var told = Self.projects
        told.cause = code.map { Cause($0, "m") }
        let document = Value.object(["explanation": told.value])
        let daemon = try FakeDaemon(at: scratch.socket) { _ in .result(document) }
        defer { daemon.stop() }
        #expect(scratch.run(["explain", "projects"]).status == status)
        let ran = scratch.run(["explain", "projects", "--json"])
        #expect(ran.status == status)
        #expect(ran.out == String(decoding: StrictJSON.bytes(of: document), as: UTF8.self) + "\n")
        #expect(daemon.heard.map(\.method) == ["share.explain", "share.explain"])
        #expect(daemon.heard.first?.params == .object(["share": "projects"]))
    }

    @Test("what nobody offers is a complaint") func unknown() throws {
        let scratch = try Scratch()
        let daemon = try FakeDaemon(at: scratch.socket) { _ in
            .failure(RPCError(Cause(.shareUnknown, "share 'x' is not offered to this guest", remedy: ["shareagent list"])))
        }
        defer { daemon.stop() }
        let ran = scratch.run(["explain", "x"])
        #expect(ran.status == 1 && ran.errors.contains("share 'x' is not offered") && ran.out.isEmpty)
    }
}
