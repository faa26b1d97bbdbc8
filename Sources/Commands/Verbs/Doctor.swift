import ArgumentParser
import ShareModel

/// `shareagent doctor`: what is wrong, and what mends it.
struct Doctor: AgentCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look into shares from the host to a file's bytes, and tell what is wrong.",
        discussion: """
            Goes and looks: it resolves names, connects to servers, asks each share and reads the beginning of a file, as root. It mounts and \
            changes nothing, and a share that hangs holds up neither it nor the others.
            """)

    @Argument(help: ArgumentHelp("Shares to look into; none: all.", valueName: "name"), completion: NameCompletion.kind)
    var names: [NameArgument] = []

    @Option(help: WaitArgument.help("How long all of it may take."))
    var wait = WaitArgument(milliseconds: 60_000)

    @OptionGroup var channel: ChannelOption
    @OptionGroup var common: CommonOptions

    var wantsJSON: Bool { common.json }

    func perform(with program: Program) throws(CommandEnd) -> ExitStatus {
        let access = try program.access(common, channel: channel.channel, waitMs: wait.milliseconds)
        let (document, findings, isWell) = try access.diagnosis(names.map(\.name))
        if common.json {
            program.console.print(document)
        } else {
            program.console.print(
                DiagnosisText.lines(of: findings, isWhole: !names.isEmpty, on: program.console.out, at: program.now()))
        }
        return isWell ? .done : .none
    }
}
