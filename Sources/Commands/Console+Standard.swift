import Glibc
import LinuxSystem
import ShareModel

extension Program {
    /// A run on this process's own stdout and stderr, with its environment and the wall clock.
    public static func standard() -> Program {
        let environment = standardEnvironment()
        let console = Console(
            out: screen(STDOUT_FILENO, environment), errors: screen(STDERR_FILENO, environment),
            writeOut: { text throws(SystemCallError) in try write(text, to: STDOUT_FILENO) },
            // Where nobody hears complaints there is nobody left to tell.
            writeError: { try? write($0, to: STDERR_FILENO) })
        return Program(console: console, environment: environment) { Timestamp(milliseconds: WallTime.now().milliseconds) }
    }

    private static func screen(_ descriptor: CInt, _ environment: [String: String]) -> Screen {
        let size = Terminal.size(descriptor)
        let columns = environment["COLUMNS"].flatMap(Int.init) ?? size?.columns
        return Screen(isTerminal: Terminal.isTerminal(descriptor), width: columns, height: size?.rows, environment: environment)
    }

    /// The variables this program looks at, and no others.
    static let variables = ["NO_COLOR", "TERM", "COLUMNS", "SHAREAGENT_LIBEXEC", "HOME", "XDG_STATE_HOME"]

    private static func standardEnvironment() -> [String: String] {
        var environment: [String: String] = [:]
        for name in variables {
            if let value = unsafe getenv(name) { environment[name] = unsafe String(cString: value) }
        }
        return environment
    }

    private static func write(_ text: String, to descriptor: CInt) throws(SystemCallError) {
        try writeAll(descriptor, Array(text.utf8))
    }
}
