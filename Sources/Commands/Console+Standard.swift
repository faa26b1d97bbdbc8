import Glibc
import LinuxSystem
import ShareModel

extension Program {
    /// A run on this process's own stdout and stderr, with its environment and the wall clock.
    public static func standard() -> Program {
        let environment = standardEnvironment()
        let console = Console(
            out: screen(STDOUT_FILENO, environment), errors: screen(STDERR_FILENO, environment),
            writeOut: { write($0, to: STDOUT_FILENO) }, writeError: { write($0, to: STDERR_FILENO) })
        return Program(console: console, environment: environment) { Timestamp(milliseconds: WallTime.now().milliseconds) }
    }

    private static func screen(_ descriptor: CInt, _ environment: [String: String]) -> Screen {
        let columns = environment["COLUMNS"].flatMap(Int.init) ?? Terminal.width(descriptor)
        return Screen(isTerminal: Terminal.isTerminal(descriptor), width: columns, environment: environment)
    }

    /// The variables this program looks at, and no others.
    private static func standardEnvironment() -> [String: String] {
        var environment: [String: String] = [:]
        for name in ["NO_COLOR", "TERM", "COLUMNS", "SHAREAGENT_LIBEXEC"] {
            if let value = unsafe getenv(name) { environment[name] = unsafe String(cString: value) }
        }
        return environment
    }

    /// Writes all of it; where the reader is gone or the disk is full there is nobody left to tell.
    private static func write(_ text: String, to descriptor: CInt) {
        var left = Array(text.utf8)[...]
        while !left.isEmpty {
            guard
                let count = try? systemCall(
                    "write", { unsafe left.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) } })
            else { return }
            left = left.dropFirst(count)
        }
    }
}
