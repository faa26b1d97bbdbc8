import CLinux
import Glibc

/// What is behind a descriptor that output goes to.
public enum Terminal {
    /// Whether people look at it directly.
    public static func isTerminal(_ descriptor: CInt) -> Bool {
        isatty(descriptor) == 1
    }

    /// How many columns it has; nil where it is no terminal or does not know.
    public static func width(_ descriptor: CInt) -> Int? {
        let columns = shareagent_terminal_width(descriptor)
        return columns > 0 ? Int(columns) : nil
    }
}
