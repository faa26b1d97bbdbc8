import Glibc

/// How a process ended.
public enum ChildExit: Hashable, Sendable, CustomStringConvertible {
    /// By itself, with this status.
    case exited(CInt)
    /// By a signal.
    case signaled(CInt)

    /// Whether it ended with status 0.
    public var isSuccess: Bool { self == .exited(0) }

    /// Whether SIGKILL ended it.
    public var wasKilled: Bool { self == .signaled(SIGKILL) }

    /// `exit status 1` or `signal 9 (SIGKILL)`.
    public var description: String {
        switch self {
        case .exited(let status): "exit status \(status)"
        case .signaled(let signal): "signal \(signal)" + (Self.names[signal].map { " (\($0))" } ?? "")
        }
    }

    private static let names: [CInt: String] = [
        SIGHUP: "SIGHUP", SIGINT: "SIGINT", SIGQUIT: "SIGQUIT", SIGILL: "SIGILL", SIGTRAP: "SIGTRAP", SIGABRT: "SIGABRT",
        SIGBUS: "SIGBUS", SIGFPE: "SIGFPE", SIGKILL: "SIGKILL", SIGSEGV: "SIGSEGV", SIGPIPE: "SIGPIPE", SIGALRM: "SIGALRM",
        SIGTERM: "SIGTERM", SIGXCPU: "SIGXCPU", SIGXFSZ: "SIGXFSZ", SIGSYS: "SIGSYS",
    ]
}
