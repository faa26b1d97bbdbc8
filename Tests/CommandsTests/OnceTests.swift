import Glibc
import LinuxSystem
import ShareModel
import ShareWire
import Testing

@testable import Commands

/// The commands where no daemon runs: an agent is started for the one job.
@Suite("without a daemon") struct OnceTests {
    private static func agent(_ scratch: Scratch, answering document: Value, status: Int = 0, saying remarks: [String] = []) throws {
        try scratch.write("answer.json", String(decoding: StrictJSON.bytes(of: document), as: UTF8.self) + "\n")
        let told = remarks.map { "echo '\($0)' >&2" }.joined(separator: "\n")
        try scratch.writeAgent(
            """
            echo "$*" > \(scratch.path)/arguments
            env > \(scratch.path)/environment
            \(told)
            cat \(scratch.path)/answer.json
            exit \(status)
            """)
    }

    @Test("attach hands its arguments over and renders the answer") func attach() throws {
        let scratch = try Scratch()
        var members = [Value.Member("complete", true)]
        if case .object(let more) = Samples.document([Samples.projects, Samples.team]) { members = more + members }
        try Self.agent(scratch, answering: .object(members), status: 2, saying: ["projects: attaching", "projects: attached"])
        let ran = scratch.run(["attach", "--wait", "7s", "--channel", "unix:/x/y", "projects", "team"])
        #expect(ran.status == 2)
        #expect(ran.out.contains("projects  nfs") && ran.out.contains("team: failed (credential-rejected)"))
        #expect(ran.errors.isEmpty, "progress is for terminals: \(ran.errors)")
        let arguments = try #require(scratch.read("arguments")).split(separator: " ").map { $0.trimmingSuffix { $0.isNewline } }
        #expect(arguments.prefix(3) == ["--once", "attach", "--wait-ms"])
        #expect((6000...7000).contains(try #require(Int(arguments[3]))))
        #expect(arguments.dropFirst(4) == ["--channel", "unix:/x/y", "projects", "team"])
        #expect(try #require(scratch.read("environment")).contains("SHAREAGENT_LIBEXEC=\(scratch.path)"))
    }

    @Test(
        "the other commands do likewise",
        arguments: [
            (["status"], "--once status --wait-ms 3000"), (["status", "a"], "--once status --wait-ms 3000 a"),
            (["detach", "--wait", "0", "a", "b"], "--once detach --wait-ms 0 a b"),
            (["detach", "--wait", "0", "--lazy", "--all"], "--once detach --wait-ms 0 --lazy --all"),
            (["list", "--wait", "0"], "--once list --wait-ms 0"),
            (["list", "--wait", "0", "--channel", "/c"], "--once list --wait-ms 0 --channel /c"),
        ])
    func others(typed: [String], handed: String) throws {
        let scratch = try Scratch()
        try Self.agent(scratch, answering: Samples.document([]))
        #expect(scratch.run(typed).status == 0)
        let arguments = try #require(scratch.read("arguments")).split(separator: " ").map { String($0.trimmingSuffix { $0.isNewline }) }
        let expected = handed.split(separator: " ").map(String.init)
        #expect(arguments.count == expected.count)
        for (got, wanted) in zip(arguments, expected) where got != wanted {
            // The clock has moved on between start and asking.
            #expect(Int(got).flatMap { got in Int(wanted).map { (($0 - 1000)...$0).contains(got) } } ?? false, "\(got) for \(wanted)")
        }
    }

    // A pipe was read by the command and then opened anew by the agent, which found nothing in it.
    @Test("a catalog is read once, from a pipe too, and handed on as it was written", arguments: ["-", "/dev/stdin"])
    func catalog(path: String) throws {
        let scratch = try Scratch()
        let catalog = "shares:\n  - {name: a, source: {type: tmpfs}}   # mine\n"
        try scratch.write("answer.json", String(decoding: StrictJSON.bytes(of: Samples.document([])), as: UTF8.self) + "\n")
        try scratch.writeAgent("echo \"$*\" > \(scratch.path)/arguments; cat > \(scratch.path)/given; cat \(scratch.path)/answer.json")
        let ended = try BuiltProgram(
            ["attach", "--from", path, "--control-socket", scratch.socket], environment: [("SHAREAGENT_LIBEXEC", scratch.path)],
            input: catalog
        ).finish()
        #expect(ended.exit == .exited(0), "\(ended.errors)")
        #expect(scratch.read("given") == catalog)
        #expect(try #require(scratch.read("arguments")).contains("--from -"))
    }

    @Test("a host that does not come is 3, and the cause is the agent's") func unreachable() throws {
        let scratch = try Scratch()
        let cause = Cause(
            .channelAbsent, "there is no channel at /dev/x", evidence: ["open /dev/x: no such file (ENOENT)"], remedy: ["add the port"])
        var channel = ChannelStatus(path: "/dev/x", state: .absent, since: Samples.now).value
        if case .object(let members) = channel { channel = .object(members + [.init("cause", cause.value)]) }
        try Self.agent(
            scratch, answering: .object(["agent": Samples.agent.value, "channel": channel, "shares": .array([]), "complete": false]),
            status: 3)
        let ran = scratch.run(["attach"])
        #expect(ran.status == 3 && ran.out.isEmpty)
        #expect(
            ran.errors == """
                shareagent: there is no channel at /dev/x
                  why:    open /dev/x: no such file (ENOENT)
                  remedy: add the port

                """)
    }

    @Test("an agent that dies without an answer is told with its last words, escaped") func dies() throws {
        let scratch = try Scratch()
        try scratch.writeAgent("printf 'bad \\033[2J thing\\n' >&2; exit 9")
        let ran = scratch.run(["attach"])
        #expect(ran.status == 70)
        #expect(ran.errors.contains(#"exit status 9; bad \u{1b}[2J thing"#))
    }

    @Test("an agent that does not end is ended when the time is over") func hangs() throws {
        let scratch = try Scratch()
        try scratch.writeAgent("echo $$ > \(scratch.path)/pid; exec sleep 600")
        let ran = scratch.run(["attach", "--wait", "100ms"])
        #expect(ran.status == 3)
        #expect(ran.errors.contains("it did not end in time"))
        let pid = try #require(scratch.read("pid").flatMap { Int32($0.trimmingSuffix { $0.isNewline }) })
        #expect(kill(pid, 0) == -1 && errno == ESRCH, "it must be gone")
    }

    @Test("without agent and without its program it is 3, with what to do") func nothing() throws {
        let scratch = try Scratch()
        let ran = scratch.run(["status", "--json"])
        #expect(ran.status == 3)
        #expect(ran.errors.split(separator: "\n").count == 3 && ran.errors.contains("systemctl start shareagent"))
        #expect(try StrictJSON.parse(Array(ran.out.utf8))["cause"]?["code"]?.text == "channel-absent")
    }

    @Test("on a terminal the progress line follows the agent's words and is taken away at the end") func progress() throws {
        let scratch = try Scratch()
        try Self.agent(
            scratch, answering: Samples.document([Samples.projects]),
            saying: ["projects: attaching", "media: attaching", "projects: attached"])
        let terminal = Screen(isTerminal: true, width: 80, environment: ["NO_COLOR": "1"])
        let ran = scratch.run(["attach"], out: terminal, errors: terminal)
        #expect(ran.errors.contains("1 of 2 done; waiting for media (attaching)"))
        #expect(ran.errors.hasSuffix("\r\u{1B}[K"))
        #expect(ran.out.contains("projects"))
    }

    @Test("an agent that finds the port taken makes the command look for the daemon again") func race() throws {
        let scratch = try Scratch()
        let busy = Cause(.channelBusy, "another agent holds /dev/x", remedy: ["wait"])
        try Self.agent(scratch, answering: .object(["cause": busy.value]), status: 3)
        let ran = scratch.run(["attach", "--wait", "400ms"])
        #expect(ran.status == 3 && ran.errors.contains("another agent holds /dev/x"))

        let daemon = try FakeDaemon(at: scratch.socket) { _ in
            .result(.object(["shares": .array([Samples.projects.value]), "complete": true]))
        }
        defer { daemon.stop() }
        #expect(scratch.run(["attach", "--wait", "5s"]).status == 0)
    }
}

extension StringProtocol {
    /// Without the characters at the end that fit.
    func trimmingSuffix(while fits: (Character) -> Bool) -> String {
        var text = String(self)
        while let last = text.last, fits(last) { text.removeLast() }
        return text
    }
}
