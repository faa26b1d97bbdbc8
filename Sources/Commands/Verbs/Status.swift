import ArgumentParser
import LinuxSystem
import ShareModel

/// `shareagent status`: how the shares are.
struct Status: AgentCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what is attached, where and how well.",
        discussion: """
            Tells what the agent knows and never touches a share, so it answers at once however many shares hang.
            """)

    @Argument(help: ArgumentHelp("Shares to show; none: all.", valueName: "name"), completion: NameCompletion.kind)
    var names: [NameArgument] = []

    @Flag(help: "Go on showing, until interrupted: redrawn on a terminal, changed lines elsewhere.")
    var watch = false

    @OptionGroup var common: CommonOptions

    var wantsJSON: Bool { common.json }

    /// How long the agent has for an answer. It never waits for a share, so one that takes longer is stuck itself.
    static let patienceMs: Int64 = 3_000

    func perform(with program: Program) throws(CommandEnd) -> ExitStatus {
        let access = try program.access(common, channel: nil, waitMs: Self.patienceMs)
        let request = AgentRequest.status(names: names.map(\.name))
        if watch { return try StatusWatch(program: program, access: access, request: request, isJSON: common.json).run() }
        let answer = try access.shares(request)
        if common.json {
            program.console.print(answer.value)
        } else {
            program.console.print(StatusView.lines(of: answer, on: program.console.out, at: program.now()))
        }
        let unknown = answer.shares.filter { $0.cause?.code == .shareUnknown }
        return ExitStatus.of(done: answer.shares.count - unknown.count, failed: unknown)
    }
}

/// A status as text: the table, what is not as wished, and one line about agent and channel.
enum StatusView {
    static func lines(of answer: AgentAnswer, on screen: Screen, at now: Timestamp) -> [String] {
        var lines = Listing.lines(of: answer.shares, on: screen, at: now, whenEmpty: "no shares are attached or offered")
        let named = answer.shares.filter { $0.state == .attached && $0.names != nil }
        if !named.isEmpty { lines += [""] + named.flatMap { Self.names(of: $0, on: screen) } }
        if let problem = answer.channel?.problem(at: now) { lines += [""] + problem.lines(on: screen) }
        return lines + ["", Summary.line(agent: answer.agent, channel: answer.channel?.status, shares: answer.shares, on: screen)]
    }

    private static func names(of share: ShareStatus, on screen: Screen) -> [String] {
        guard let names = share.names else { return [] }
        return "names of \(share.name.printable): \(ShareStatus.sentence(ofNames: names))".wrapped(to: screen.width)
    }
}
