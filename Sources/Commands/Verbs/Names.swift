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

    @OptionGroup
    var run: NamesRunOptions

    var wantsJSON: Bool { run.json }

    func validate() throws {
        try NamesRunOptions.requireText([path, resume], orElse: "scan")
    }

    func perform(with program: Program) throws(CommandEnd) -> ExitStatus {
        let order = Value.object(["path": .string(path), "charset": .text(assume), "resume": .text(resume)])
        let names = try NamesRun.start("scan", order, program: program, giveUp: run.giveUp)
        let report = try names.outcome(of: "cannot scan the names of '\(path)'") {
            "once the share answers, "
                + (resume != nil ? "the same command goes on where it was" : "scan again, with --resume FILE if it is large")
        }
        if run.json {
            program.console.print(report)
        } else {
            program.console.print(NamesText.lines(report, on: program.console.out))
        }
        return (report["unread"]?["count"]?.number ?? 0) > 0 ? .part : .done
    }
}
