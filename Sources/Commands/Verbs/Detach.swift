import ArgumentParser
import ShareModel

/// `shareagent detach`: takes shares away.
struct Detach: AgentCommand {
    static let configuration = CommandConfiguration(
        abstract: "Detach shares.",
        discussion: """
            A share that programs still use stays attached, unless --lazy takes it out of the tree now and leaves it to them until they end.
            """)

    @Argument(help: ArgumentHelp("Shares to detach.", valueName: "name"), completion: NameCompletion.kind)
    var names: [NameArgument] = []

    @Flag(help: "Detach everything that the agent has attached.")
    var all = false

    @Flag(help: "Detach also what is in use.")
    var lazy = false

    @Option(help: WaitArgument.help("How long all of it may take."))
    var wait = WaitArgument(milliseconds: 60_000)

    @OptionGroup var common: CommonOptions

    var wantsJSON: Bool { common.json }

    func validate() throws {
        guard names.isEmpty == all else { throw ValidationError("Name the shares to detach, or say --all.") }
    }

    func perform(with program: Program) throws(CommandEnd) -> ExitStatus {
        let request = all ? AgentRequest.detachAll(lazy: lazy) : .detach(names: names.map(\.name), lazy: lazy)
        let answer = try program.access(common, channel: nil, waitMs: wait.milliseconds).shares(request)
        let failed = answer.shares.filter { !$0.isAway }
        if common.json {
            program.console.print(answer.value)
        } else {
            let entries = answer.shares.map { Outcome(status: $0, isDone: $0.isAway, verb: "detached", waitMs: wait.milliseconds) }
            program.show(entries, whenEmpty: "nothing is attached")
        }
        return ExitStatus.of(done: answer.shares.count - failed.count, failed: failed)
    }
}
