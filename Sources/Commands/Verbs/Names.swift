import ArgumentParser
import ShareModel

/// `shareagent names`: file names of all charsets and forms.
struct Names: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look at the file names of a tree, convert them, or show them translated.",
        subcommands: [NamesScan.self, NamesConvert.self, NamesUndo.self, NamesExplain.self, NamesView.self])
}

/// `shareagent names scan`: what is in the names of a tree, and what could be done.
struct NamesScan: AgentCommand {
    static let configuration = CommandConfiguration(
        commandName: "scan",
        abstract: "Find names of older charsets, other forms and other systems in a tree.",
        discussion: """
            Reads names only and changes nothing. Tells what directories with names that are not UTF-8 are most likely written in, and proposes \
            a names: policy and mount options. Runs with the rights of whoever asks, and needs no agent.
            """)

    @Argument(help: ArgumentHelp("The directory.", valueName: "path"), completion: .directory)
    var path: String

    @Option(help: ArgumentHelp("Take names that are not UTF-8 for this charset.", valueName: "charset"))
    var assume: String?

    @Option(
        help: ArgumentHelp("Keep in this file how far the scan is, and go on from there; it is removed at the end.", valueName: "file"),
        completion: .file())
    var resume: String?

    @Option(
        name: .customLong("give-up"), help: ArgumentHelp("End when the file system gives no answer for so long.", valueName: "duration"))
    var giveUp = WaitArgument(milliseconds: 30_000)

    @Flag(name: .long, help: "Print one JSON document instead of a table.")
    var json = false

    var wantsJSON: Bool { json }

    func validate() throws {
        guard giveUp.milliseconds >= 1000 else { throw ValidationError("--give-up is at least 1s.") }
        // Swift's arguments are text: bytes that are not UTF-8 were replaced before anybody could see them.
        for text in [path, resume ?? ""] where text.unicodeScalars.contains("\u{FFFD}") {
            throw ValidationError("A path that is not UTF-8 cannot be given as an argument; cd there and scan '.'.")
        }
    }

    func perform(with program: Program) throws(CommandEnd) -> ExitStatus {
        let order = Value.object(["path": .string(path), "charset": .text(assume), "resume": .text(resume)])
        let run = try NamesRun.start("scan", order, program: program, giveUp: giveUp)
        let report = try run.outcome(of: "cannot scan the names of '\(path)'") {
            "once the share answers, "
                + (resume != nil ? "the same command goes on where it was" : "scan again, with --resume FILE if it is large")
        }
        if json {
            program.console.print(report)
        } else {
            program.console.print(NamesText.lines(report, on: program.console.out))
        }
        return (report["unread"]?["count"]?.number ?? 0) > 0 ? .part : .done
    }
}
