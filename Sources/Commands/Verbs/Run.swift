import ArgumentParser

/// `shareagent run`: becomes the daemon.
struct Run: AgentCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the agent (as the service does).",
        discussion: "Everything after 'run' is handed to shareagentd, which takes this program's place.")

    @Argument(parsing: .captureForPassthrough, help: ArgumentHelp("Arguments for shareagentd.", valueName: "argument"))
    var arguments: [String] = []

    var wantsJSON: Bool { false }

    func perform(with program: Program) throws(CommandEnd) -> ExitStatus {
        throw program.become("shareagentd", arguments, doing: "run the agent")
    }
}
