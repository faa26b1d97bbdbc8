import CLinux
import Glibc

/// What is behind a descriptor that output goes to.
public enum Terminal {
    /// Whether people look at it directly.
    public static func isTerminal(_ descriptor: CInt) -> Bool {
        isatty(descriptor) == 1
    }

    /// How many columns and rows it has; nil where it is no terminal, 0 where it does not know.
    public static func size(_ descriptor: CInt) -> (columns: Int, rows: Int)? {
        var (columns, rows): (CInt, CInt) = (0, 0)
        guard unsafe shareagent_terminal_size(descriptor, &columns, &rows) == 0 else { return nil }
        return (Int(columns), Int(rows))
    }
}
