import Glibc
import LinuxSystem
import ShareModel
import ShareWire
import Synchronization
import Testing

@testable import Commands

/// The program as built, as a process: signals, completions, what needs a real exec.
@Suite("the program as built") struct BuiltProgramTests {
    @Test("--version says the version and nothing else") func version() throws {
        let ended = try BuiltProgram(["--version"]).finish()
        #expect(ended.out == "shareagent \(Version.program)\n" && ended.errors.isEmpty && ended.exit == .exited(0))
    }

    @Test("wrong use is 64 on stderr, help is 0 on stdout") func usage() throws {
        for arguments in [
            ["atach"], ["attach", "--wait", "5"], ["attach", "no name"], ["detach"], ["detach", "a", "--all"], ["attach", "--wait", "2h"],
        ] {
            let ended = try BuiltProgram(arguments).finish()
            #expect(ended.exit == .exited(64) && ended.out.isEmpty && !ended.errors.isEmpty, "\(arguments)")
        }
        let help = try BuiltProgram(["attach", "--help"]).finish()
        #expect(help.exit == .exited(0) && help.out.contains("--from <file>") && help.errors.isEmpty)
    }

    @Test("results that cannot be written are no success", arguments: [["--version"], ["status"], ["status", "--watch"]])
    func fullDisk(_ arguments: [String]) throws {
        let scratch = try Scratch()
        let daemon = try FakeDaemon(at: scratch.socket) { _ in .result(Samples.document([Samples.plain("projects")])) }
        defer { daemon.stop() }
        let socket = arguments == ["--version"] ? [] : ["--control-socket", scratch.socket]
        let ended = try BuiltProgram(arguments + socket, output: "/dev/full").finish()
        #expect(ended.exit == .exited(1))
        #expect(ended.errors.hasPrefix("shareagent: the results cannot be written\n") && ended.errors.contains("no space left on device"))
    }

    // `names convert --apply` found no place for its journal for anybody but root.
    @Test("the variables that say where everybody's journals go are among those that are read", arguments: ["HOME", "XDG_STATE_HOME"])
    func journalPlace(_ variable: String) {
        #expect(Program.variables.contains(variable))
        #expect(NamesConvert.journalFolder([variable: "/x"], isRoot: false)?.hasPrefix("/x/") == true)
    }

    // It was told as a fault of the program, to be reported.
    @Test("a wrong order about names is wrong use, and says what is wrong") func wrongOrder() throws {
        for (arguments, word) in [
            (["explain", "x", "--encoding", "nonsense"], "encoding: is not known"), (["scan", ""], "path is empty"),
        ] {
            let ended = try BuiltProgram(["names"] + arguments, environment: [("SHAREAGENT_LIBEXEC", BuiltProgram.directory)]).finish()
            #expect(ended.exit == .exited(64) && ended.errors.contains(word), "\(ended.errors)")
        }
    }

    @Test("what does not fit on a screen is counted, and nothing scrolls") func screenful() {
        let lines = (1...30).map { "line \($0)" }
        #expect(StatusWatch.redraw(lines, rows: 31).hasSuffix("line 30\u{1B}[K\n\u{1B}[J"))
        let cut = StatusWatch.redraw(lines, rows: 10)
        #expect(cut.split(separator: "\n").count == 10 && cut.contains("line 8\u{1B}[K\n… 22 more lines; shareagent status shows all"))
        #expect(StatusWatch.redraw(lines, rows: nil).contains("line 30"))
    }

    @Test("a watch without shares writes one document") func emptyWatch() throws {
        let scratch = try Scratch()
        let asked = Mutex(0)
        let daemon = try FakeDaemon(at: scratch.socket) { _ in
            let count = asked.withLock {
                $0 += 1; return $0
            }
            return .result(Samples.document(count < 3 ? [] : [Samples.plain("projects")]))
        }
        defer { daemon.stop() }
        let program = try BuiltProgram(["status", "--watch", "--json", "--control-socket", scratch.socket])
        #expect(program.waits(for: "projects"))
        try program.signal(SIGINT)
        #expect(try program.finish().out.split(separator: "\n").count == 2)
    }

    @Test("a watch on a pipe writes a line for each change, and ends at SIGINT with 130, quietly") func watch() throws {
        let scratch = try Scratch()
        let round = Mutex(0)
        let daemon = try FakeDaemon(at: scratch.socket) { _ in
            let count = round.withLock {
                $0 += 1; return $0
            }
            var share = Samples.plain("projects")
            if count > 1 { share.health = .stalled }
            return .result(Samples.document([share]))
        }
        defer { daemon.stop() }
        let program = try BuiltProgram(["status", "--watch", "--control-socket", scratch.socket])
        #expect(program.waits(for: "projects  attached stalled"))
        try program.signal(SIGINT)
        let ended = try program.finish()
        #expect(ended.exit == .exited(130) && ended.errors.isEmpty)
        let lines = ended.out.split(separator: "\n")
        #expect(lines.count == 2 && lines[0].hasSuffix("projects  attached ok") && lines[1].hasSuffix("projects  attached stalled"))
    }

    @Test("a watch outlives the agent and says so once") func watchOutlives() throws {
        let scratch = try Scratch()
        let daemon = try FakeDaemon(at: scratch.socket) { _ in .result(Samples.document([Samples.plain("projects")])) }
        let program = try BuiltProgram(
            ["status", "--watch", "--control-socket", scratch.socket], environment: [("SHAREAGENT_LIBEXEC", scratch.path)])
        #expect(program.waits(for: "projects  attached ok"))
        daemon.stop()
        #expect(program.waits(for: "no agent runs"))
        let next = try FakeDaemon(at: scratch.socket) { _ in .result(Samples.document([Samples.media])) }
        defer { next.stop() }
        #expect(program.waits(for: "media  attached stalled"))
        try program.signal(SIGTERM)
        #expect(try program.finish().exit == .exited(130))
    }

    @Test("an interrupted attach ends its own agent and says nothing") func interrupted() throws {
        let scratch = try Scratch()
        try scratch.writeAgent("echo $$ > \(scratch.path)/new; mv \(scratch.path)/new \(scratch.path)/pid; exec sleep 600")
        let program = try BuiltProgram(
            ["attach", "--control-socket", scratch.socket, "--json"], environment: [("SHAREAGENT_LIBEXEC", scratch.path)])
        let end = MonotonicTime.now() + .seconds(30)
        var idle = pollfd(fd: -1, events: 0, revents: 0)
        while scratch.read("pid") == nil, MonotonicTime.now() < end { poll(&idle, 1, 20) }
        let pid = try #require(scratch.read("pid").flatMap { Int32($0.trimmingSuffix { $0.isNewline }) })
        try program.signal(SIGINT)
        let ended = try program.finish()
        #expect(ended.exit == .exited(130) && ended.out.isEmpty && ended.errors.isEmpty)
        #expect(kill(pid, 0) == -1 && errno == ESRCH)
    }

    @Test("run becomes shareagentd and hands everything over") func run() throws {
        let scratch = try Scratch()
        try scratch.writeAgent("echo \"$@\"; echo $$; exit 7")
        let program = try BuiltProgram(["run", "--channel", "unix:/x", "--json"], environment: [("SHAREAGENT_LIBEXEC", scratch.path)])
        let ended = try program.finish()
        #expect(ended.out.hasPrefix("--channel unix:/x --json\n") && ended.exit == .exited(7))
        let missing = try BuiltProgram(["run"], environment: [("SHAREAGENT_LIBEXEC", scratch.path + "/nowhere")]).finish()
        #expect(missing.exit == .exited(70) && missing.errors.split(separator: "\n").count == 3)
    }

    @Test("a catalog that is none is 64 with file and line, before anybody is asked") func catalog() throws {
        let scratch = try Scratch()
        try scratch.write("shares.yaml", "shares:\n  - name: a\nextra: 1\n")
        let ended = try BuiltProgram(["attach", "--from", scratch.path + "/shares.yaml", "--control-socket", scratch.socket]).finish()
        #expect(ended.exit == .exited(64))
        #expect(ended.errors.contains("shares.yaml:3") && ended.errors.contains("extra"))
    }

    @Test("each shell gets a completion script that names every command", arguments: ["bash", "zsh", "fish"]) func completions(
        shell: String
    ) throws {
        let ended = try BuiltProgram(["--generate-completion-script", shell]).finish()
        #expect(ended.exit == .exited(0))
        for command in ["attach", "detach", "list", "status", "run"] { #expect(ended.out.contains(command)) }
        #expect(ended.out.contains("control-socket"))
    }
}
