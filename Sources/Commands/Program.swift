import ArgumentParser
import Glibc
import LinuxSystem
import ShareModel

/// A command of this program: what ArgumentParser reads, and the doing.
protocol AgentCommand: ParsableCommand {
    /// Whether results, and complaints too, are to be printed for programs.
    var wantsJSON: Bool { get }
    func perform(with program: Program) throws(CommandEnd) -> ExitStatus
}

/// One run of the command line: what it was started with, and where its words go.
public final class Program {
    let console: Console
    let environment: [String: String]
    /// The wall clock, for ages; tests set it.
    let now: () -> Timestamp

    /// Where the package puts the programs that are not for typing.
    static let standardLibexec = "/usr/libexec/shareagent"

    /// A run.
    init(console: Console, environment: [String: String], now: @escaping () -> Timestamp) {
        self.console = console
        self.environment = environment
        self.now = now
    }

    /// The directory of `shareagentd`; SHAREAGENT_LIBEXEC names another one, for running from a build directory.
    var libexec: String {
        environment["SHAREAGENT_LIBEXEC"].flatMap { $0.isEmpty ? nil : $0 } ?? Self.standardLibexec
    }

    /// Reads the arguments (the program's name left out), does what they say, and tells the exit status. Results that cannot be written, for a
    /// full disk or a closed output, are no success.
    public func run(_ arguments: [String]) -> Int32 {
        let status = runWhole(arguments)
        guard let lost = console.lostResults else { return status }
        let complaint = Complaint(
            "the results cannot be written", why: "standard output: \(lost.text)", remedy: "give them another place",
            exit: .none, code: lost.errno == ENOSPC ? .outOfSpace : .ioError)
        console.complain(complaint.lines(on: console.errors))
        return status == ExitStatus.done.rawValue ? ExitStatus.none.rawValue : status
    }

    private func runWhole(_ arguments: [String]) -> Int32 {
        // The commonest question of scripts is answered before the parser builds its tables.
        if arguments == ["--version"] {
            console.print(["shareagent \(Version.program)"])
            return ExitStatus.done.rawValue
        }
        var command: any ParsableCommand
        do {
            command = try ShareAgent.parseAsRoot(Bench.spelledOut(arguments))
        } catch {
            return tell(error)
        }
        guard let verb = command as? any AgentCommand else {
            // `help` and the like, which ArgumentParser brings along.
            do {
                try command.run()
                return ExitStatus.done.rawValue
            } catch {
                return tell(error)
            }
        }
        do throws(CommandEnd) {
            return try verb.perform(with: self).rawValue
        } catch {
            switch error {
            case .interrupted:
                console.clearProgress()
                return ExitStatus.interrupted.rawValue
            case .complaint(let complaint):
                console.complain(complaint.lines(on: console.errors))
                if verb.wantsJSON { console.print(complaint.value) }
                return complaint.exit.rawValue
            }
        }
    }

    /// Help goes to the results, wrong use to the complaints.
    private func tell(_ error: any Error) -> Int32 {
        let status = ShareAgent.exitCode(for: error).rawValue
        let text = ShareAgent.fullMessage(for: error)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if status == ExitStatus.done.rawValue { console.print(lines) } else { console.complain(lines.map(\.printable)) }
        return status
    }

    /// Prints a table with its problems.
    func show<Entry: ListDisplayable>(_ entries: [Entry], whenEmpty: String) {
        console.print(Listing.lines(of: entries, on: console.out, at: now(), whenEmpty: whenEmpty))
    }

    /// The way to the agent.
    func access(_ common: CommonOptions, channel: String?, waitMs: Int64) throws(CommandEnd) -> AgentAccess {
        try AgentAccess(console: console, socket: common.controlSocket, libexec: libexec, channel: channel, waitMs: waitMs)
    }
}

/// The command line's root.
struct ShareAgent: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shareagent",
        abstract: "Attach and watch the shares that the host offers to this virtual machine.",
        discussion: "See shareagent(1) for exit statuses and files, shareagent.yaml(5) for the configuration.",
        version: "shareagent \(Version.program)",
        subcommands: [Attach.self, Detach.self, List.self, Status.self, Explain.self, Doctor.self, Bench.self, Names.self, Run.self])
}
