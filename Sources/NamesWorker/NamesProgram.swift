import Glibc
import LinuxSystem
import ShareModel
import ShareWire

/// The body of `share-names`: one order as an argument, lines of JSON to standard output: progress, then an outcome or a cause.
///
/// It has no right but those of whoever started it, and asks no agent.
public enum NamesProgram {
    /// Runs it.
    /// - Parameter arguments: those of the program, its name left out.
    /// - Returns: the exit status: 0 with an outcome, 1 with a cause, 64 for wrong use.
    public static func run(_ arguments: [String]) -> Int32 {
        guard arguments.count == 2, arguments[0] == "scan", let value = try? StrictJSON.parse(Array(arguments[1].utf8)),
            let order = try? ScanOrder(value)
        else {
            try? writeAll(STDERR_FILENO, Array("usage: share-names scan ORDER, as shareagent names does\n".utf8))
            return 64
        }
        do throws(Cause) {
            let found = try ScanTask(order: order, tell: tell).run()
            tell(.object(["outcome": found]))
            return 0
        } catch {
            tell(.object(["cause": error.value]))
            return 1
        }
    }

    /// A line. Nobody who reads any more ends this program by SIGPIPE, which is right.
    private static func tell(_ value: Value) {
        try? writeAll(STDOUT_FILENO, StrictJSON.bytes(of: value) + [UInt8(ascii: "\n")])
    }
}
