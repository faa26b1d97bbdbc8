import ArgumentParser
import ShareModel

/// `shareagent list`: what is offered.
struct List: AgentCommand {
    static let configuration = CommandConfiguration(abstract: "List what the host offers.")

    @Option(help: WaitArgument.help("How long to wait for the host where no agent runs."))
    var wait = WaitArgument(milliseconds: 10_000)

    @OptionGroup var channel: ChannelOption
    @OptionGroup var common: CommonOptions

    var wantsJSON: Bool { common.json }

    func perform(with program: Program) throws(CommandEnd) -> ExitStatus {
        let offered = try program.access(common, channel: channel.channel, waitMs: wait.milliseconds).offered()
        if offered.entries.isEmpty, let complaint = offered.channel?.complaint { throw .complaint(complaint) }
        if common.json {
            program.console.print(offered.value)
        } else {
            program.show(offered.entries, whenEmpty: "nothing is offered")
        }
        return .done
    }
}
