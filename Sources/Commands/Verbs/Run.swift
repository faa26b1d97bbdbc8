import ArgumentParser
import Glibc
import LinuxSystem
import ShareModel

/// `shareagent run`: becomes the daemon.
struct Run: AgentCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the agent (as the service does).",
        discussion: "Everything after 'run' is handed to shareagentd, which takes this program's place.")

    @Argument(parsing: .captureForPassthrough, help: ArgumentHelp("Arguments for shareagentd.", valueName: "argument"))
    var arguments: [String] = []

    var wantsJSON: Bool { false }

    func perform(with program: Program) throws(CommandEnd) -> ExitStatus {
        let path = program.libexec + "/shareagentd"
        var strings = unsafe ([path] + arguments).map { unsafe strdup($0) }
        unsafe strings.append(nil)
        do {
            try systemCall("execv", path: Array(path.utf8)) { unsafe execv(path, strings) }
        } catch {
            throw .complaint(
                Complaint(
                    "cannot run the agent", why: error.description, remedy: "reinstall the package shareagent", exit: .internalError,
                    code: .internalError))
        }
        return .internalError  // not reached: execv returns only to say why it failed
    }
}
