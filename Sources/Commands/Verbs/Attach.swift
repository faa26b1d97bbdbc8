import ArgumentParser
import ShareModel

/// `shareagent attach`: makes shares usable.
struct Attach: AgentCommand {
    static let configuration = CommandConfiguration(
        abstract: "Attach shares: the named ones, or all that attach by themselves.",
        discussion: """
            Asks the running agent; without one, does the whole job itself and ends. Attaching what is attached already changes nothing.
            """)

    @Argument(help: ArgumentHelp("Shares to attach; none: all with attach: auto.", valueName: "name"), completion: NameCompletion.kind)
    var names: [NameArgument] = []

    @Option(
        name: .customLong("from"),
        help: ArgumentHelp("Take the shares of this YAML catalog (- is standard input) instead of the host's.", valueName: "file"),
        completion: .file())
    var file: String?

    @Option(help: WaitArgument.help("How long all of it may take, waiting for host and network included."))
    var wait = WaitArgument(milliseconds: 60_000)

    @OptionGroup var channel: ChannelOption
    @OptionGroup var common: CommonOptions

    var wantsJSON: Bool { common.json }

    func perform(with program: Program) throws(CommandEnd) -> ExitStatus {
        let catalog = try file.map { path throws(CommandEnd) in try LocalCatalog(path: path) }
        let request = AgentRequest.attach(names: names.map(\.name), catalog: catalog)
        let access = try program.access(common, channel: channel.channel, waitMs: wait.milliseconds)
        let answer = try access.shares(request)
        // Nobody can say what the host offers before it has spoken.
        if catalog == nil, answer.shares.allSatisfy({ $0.cause?.code == .shareUnknown }), let complaint = access.channelComplaint(answer) {
            throw .complaint(complaint)
        }

        let failed = answer.shares.filter { !$0.isUsable }
        let status = ExitStatus.of(
            done: answer.shares.count - failed.count, failed: failed,
            missingRequired: names.isEmpty && !failed.isEmpty && !access.required(answer).isDisjoint(with: failed.map(\.name)))
        if common.json {
            program.console.print(answer.value)
        } else {
            let entries = answer.shares.map { Outcome(status: $0, isDone: $0.isUsable, verb: "attached", waitMs: wait.milliseconds) }
            program.show(entries, whenEmpty: catalog == nil ? "nothing is offered" : "the catalog holds no shares")
        }
        return status
    }
}
