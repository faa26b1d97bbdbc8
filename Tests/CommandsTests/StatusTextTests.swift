import ShareModel
import Testing

@testable import Commands

/// The words of `shareagent status`, as they stand on a pipe and on terminals of several widths.
@Suite("status as text") struct StatusTextTests {
    private static func text(_ shares: [ShareStatus], on screen: Screen, channel: ChannelStatus = Samples.connected) throws -> String {
        let answer = try AgentAnswer(Samples.document(shares, channel: channel))
        return StatusView.lines(of: answer, on: screen, at: Samples.now).joined(separator: "\n")
    }

    private static func terminal(_ width: Int, environment: [String: String] = ["NO_COLOR": "1"]) -> Screen {
        Screen(isTerminal: true, width: width, environment: environment)
    }

    @Test("on a pipe columns are aligned, nothing is cut, and each problem has its block") func piped() throws {
        #expect(
            try Self.text([Samples.projects, Samples.media, Samples.team], on: .plain) == """
                NAME      TYPE      SOURCE               TARGET            STATE     HEALTH   USED  SIZE  LATENCY  SINCE
                projects  nfs       10.77.0.1:/projects  /mnt/projects     attached  ok       1.5G   20G    412us  2h05m ago
                media     virtiofs  media                /srv/media/films  attached  stalled     -     -        -  42s ago
                team      smb       //10.77.0.1/team     /mnt/team         failed    -           -     -        -  1m ago

                media: stalled
                  what    share 'media' does not answer; programs that use /srv/media/films wait
                  remedy  look at the server or, for virtiofs, at virtiofsd on the host

                team: failed (credential-rejected)
                  what    share 'team': cannot mount smb //10.77.0.1/team on /mnt/team: the server does not accept user ann
                  why     kernel: CIFS: VFS: \\\\10.77.0.1 Send error in SessSetup = -13
                          NT_STATUS_LOGON_FAILURE
                          EACCES
                  remedy  correct the password of credential 'team-user' on the host, then: sharehost check
                  next    tried again in 28s, 3 attempts so far

                agent 0.1.0 up 2h05m; channel connected to kvm7; 3 shares, 2 not as wished
                """)
    }

    @Test("a share that is being tried again is told with what the try before met") func triedAgain() throws {
        var share = Samples.team
        share.state = .attaching
        share.nextAttemptAt = nil
        share.attempts = 4
        let text = try Self.text([share], on: .plain)
        #expect(text.contains("team: attaching (credential-rejected)\n  what    share 'team': cannot mount smb //10.77.0.1/team"))
        #expect(text.contains("  next    being tried again, attempt 4\n"))
        #expect(text.contains("1 share, 1 not as wished"))
    }

    @Test("what becomes of names is told under the table") func names() throws {
        var share = Samples.projects
        share.names = .object([
            "rules": .object(["encoding": "gb18030", "form": "nfc"]), "by": "view", "raw": "/run/shareagent/raw/projects",
            "view": .object(["state": "standing", "mountId": 9, "process": 77, "restarts": 0, "names": 12]),
        ])
        #expect(
            try Self.text([share], on: .plain).contains(
                "\n\nnames of projects: encoding gb18030, form nfc: by a view; 12 names needed it so far\n\n"))
        share.names = .object(["rules": .object(["reserved": "sfu"]), "by": "options"])
        #expect(try Self.text([share], on: .plain).contains("names of projects: reserved sfu: by mount options\n"))
    }

    @Test("a terminal of 80 columns drops the least important columns and wraps the blocks") func narrow() throws {
        let text = try Self.text([Samples.projects, Samples.team], on: Self.terminal(80))
        #expect(
            text == """
                NAME      TYPE  SOURCE               TARGET         STATE     HEALTH  USED  SIZE
                projects  nfs   10.77.0.1:/projects  /mnt/projects  attached  ok      1.5G   20G
                team      smb   //10.77.0.1/team     /mnt/team      failed    -          -     -

                team: failed (credential-rejected)
                  what    share 'team': cannot mount smb //10.77.0.1/team on /mnt/team: the
                          server does not accept user ann
                  why     kernel: CIFS: VFS: \\\\10.77.0.1 Send error in SessSetup = -13
                          NT_STATUS_LOGON_FAILURE
                          EACCES
                  remedy  correct the password of credential 'team-user' on the host, then:
                          sharehost check
                  next    tried again in 28s, 3 attempts so far

                agent 0.1.0 up 2h05m; channel connected to kvm7; 2 shares, 1 not as wished
                """)
    }

    @Test("table lines never pass a terminal's width while columns can give way", arguments: 44...200) func width(columns: Int) throws {
        let table = Table(
            columns: ShareStatus.columns, rows: [Samples.projects, Samples.media, Samples.team].map { $0.cells(at: Samples.now) })
        let lines = table.lines(on: Self.terminal(columns))
        #expect(lines.count == 4)
        for line in lines { #expect(line.columns <= columns, "\(line)") }
        #expect(lines[1].contains("attached"))
    }

    @Test("colour appears on a terminal and not with NO_COLOR or TERM=dumb") func colour() throws {
        let shares = [Samples.projects, Samples.team]
        let coloured = try Self.text(shares, on: Self.terminal(120, environment: ["TERM": "xterm"]))
        #expect(coloured.contains("\u{1B}[32mattached\u{1B}[0m") && coloured.contains("\u{1B}[31mfailed\u{1B}[0m"))
        #expect(try !Self.text(shares, on: Self.terminal(120, environment: ["NO_COLOR": "1"])).contains("\u{1B}"))
        #expect(try !Self.text(shares, on: Self.terminal(120, environment: ["TERM": "dumb"])).contains("\u{1B}"))
        #expect(
            try Self.text(shares, on: Self.terminal(120, environment: ["NO_COLOR": ""])).contains("\u{1B}"), "an empty NO_COLOR is none")
    }

    @Test("colour moves no column") func colourKeepsAlignment() throws {
        let shares = [Samples.projects, Samples.media, Samples.team]
        let coloured = try Self.text(shares, on: Self.terminal(120, environment: [:]))
        let bare = coloured.replacing(/\u{1B}\[[0-9]*m/, with: "")
        #expect(bare == (try Self.text(shares, on: Self.terminal(120))))
    }

    @Test("names, sources, targets and causes from outside cannot drive the terminal or forge a line") func hostile() throws {
        var share = Samples.plain("x\u{1B}]0;owned\u{7}\nroot  nfs")
        share.source = "a\u{202E}b\rc"
        share.target = "/mnt/\u{9B}2J"
        share.cause = Cause(.ioError, "line\nforged", evidence: ["\u{1B}[2J"], remedy: ["r\u{0}m"])
        let text = try Self.text([share], on: .plain)
        #expect(!text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" || (0x7F...0x9F).contains($0.value) || $0.value == 0x202E })
        #expect(text.split(separator: "\n").count { $0.hasPrefix("root") || $0.hasPrefix("forged") } == 0)
        #expect(text.contains(#"x\u{1b}]0;owned\u{7}\u{a}root  nfs"#))
    }

    @Test("wide and combining characters keep the columns in place") func wide() throws {
        var share = Samples.plain("wide")
        share.target = "/mnt/漢字"
        var combining = Samples.plain("marks")
        combining.target = "/mnt/e\u{301}te\u{301}"
        let lines = try Self.text([share, combining], on: .plain).split(separator: "\n").map(String.init)
        let place = try #require(lines[0].firstRange(of: "STATE")).lowerBound
        for line in lines[1...2] {
            let before = try #require(line.firstRange(of: "attached")).lowerBound
            #expect(String(line[..<before]).columns == String(lines[0][..<place]).columns)
        }
    }

    @Test("without shares there is a sentence instead of a table") func empty() throws {
        #expect(
            try Self.text([], on: .plain) == """
                no shares are attached or offered

                agent 0.1.0 up 2h05m; channel connected to kvm7; 0 shares
                """)
    }

    @Test("a channel without a host is a problem of its own") func channel() throws {
        let channel = ChannelStatus(path: "/dev/virtio-ports/org.shareagent.0", state: .waiting, since: Samples.ago(seconds: 180))
        let text = try Self.text([Samples.projects], on: .plain, channel: channel)
        #expect(
            text.split(separator: "\n", omittingEmptySubsequences: false).dropFirst(3).joined(separator: "\n") == """
                channel: waiting for 3m
                  what    cannot reach the host: nobody answers
                  why     /dev/virtio-ports/org.shareagent.0 is there, but no answer came in time
                  remedy  start sharehost on the host and see that its configuration names this VM's socket

                agent 0.1.0 up 2h05m; channel waits for the host; 1 share
                """)
    }

    @Test("a thousand shares are a thousand lines, in the agent's order") func long() throws {
        let shares = (0..<1000).map { Samples.plain("share-\($0)") }
        let lines = try Self.text(shares, on: .plain).split(separator: "\n")
        #expect(lines.count == 1002)
        #expect(lines[1].hasPrefix("share-0 ") && lines[1000].hasPrefix("share-999 "))
    }

    @Test("every state and health has words, and all but the good ones a problem") func everyState() {
        for state in ShareState.allCases {
            for health in Health.allCases {
                var share = Samples.plain("a", state)
                share.health = health
                let isWell: Bool =
                    switch state {
                    case .failed, .refused: false
                    case .attached: health == .ok || health == .unknown
                    case .offered, .attaching, .detaching, .detached: true
                    }
                #expect((share.problem(at: Samples.now) == nil) == isWell, "\(state) \(health)")
            }
        }
    }
}
