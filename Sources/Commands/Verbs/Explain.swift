import ArgumentParser
import LinuxSystem
import ShareModel

/// `shareagent explain`: every option of one share, who chose it and why.
struct Explain: AgentCommand {
    static let configuration = CommandConfiguration(
        abstract: "Explain a share's options: who chose each, why, and what became of it.",
        discussion: """
            Shows the mount command that would do the same by hand, too. It asks the kernel alone, never the share or its server.
            """)

    @Argument(help: ArgumentHelp("The share.", valueName: "name"), completion: NameCompletion.kind)
    var name: NameArgument

    @Option(
        name: .customLong("from"), help: ArgumentHelp("Explain the share of this YAML catalog, attached or not.", valueName: "file"),
        completion: .file())
    var file: String?

    @Option(help: WaitArgument.help("How long to wait for the host where no agent runs."))
    var wait = WaitArgument(milliseconds: 15_000)

    @OptionGroup var channel: ChannelOption
    @OptionGroup var common: CommonOptions

    var wantsJSON: Bool { common.json }

    func perform(with program: Program) throws(CommandEnd) -> ExitStatus {
        let catalog = try file.map { path throws(CommandEnd) in try LocalCatalog(path: path) }
        let access = try program.access(common, channel: channel.channel, waitMs: wait.milliseconds)
        let (document, told) = try access.explanation(.explain(name: name.name, catalog: catalog))
        if common.json {
            program.console.print(document)
        } else {
            program.console.print(told.lines(on: program.console.out))
        }
        // What would never be attached is told in full and is no success.
        guard let cause = told.cause, cause.code.isRefusal || told.type.isEmpty else { return .done }
        return ExitStatus.of(cause)
    }
}
