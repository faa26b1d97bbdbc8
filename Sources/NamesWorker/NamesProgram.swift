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
        guard arguments.count == 2, let value = try? StrictJSON.parse(Array(arguments[1].utf8)) else {
            try? writeAll(STDERR_FILENO, Array("usage: share-names scan|convert|undo|explain ORDER, as shareagent names does\n".utf8))
            return 64
        }
        do throws(Cause) {
            let found = try task(arguments[0], value)()
            tell(.object(["outcome": found]))
            return 0
        } catch {
            tell(.object(["cause": error.value]))
            return error.code == .optionUnknown ? 64 : 1
        }
    }

    /// What is to be done.
    private static func task(_ name: String, _ order: Value) throws(Cause) -> () throws(Cause) -> Value {
        do throws(FieldProblem) {
            return switch name {
            case "scan": ScanTask(order: try ScanOrder(order), tell: tell).run
            case "convert": ConvertTask(order: try ConvertOrder(order), tell: tell).run
            case "undo": UndoTask(order: try UndoOrder(order), tell: tell).run
            case "explain": NameExplanation(try ExplainOrder(order)).run
            default: throw FieldProblem(path: name, message: "is nothing that can be done with names")
            }
        } catch {
            throw Cause(
                .optionUnknown, "cannot \(name.printable) names as asked", evidence: [error.sentence],
                remedy: ["shareagent names \(name.printable) --help"])
        }
    }

    /// A line. Nobody who reads any more ends this program by SIGPIPE, which is right.
    private static func tell(_ value: Value) {
        try? writeAll(STDOUT_FILENO, StrictJSON.bytes(of: value) + [UInt8(ascii: "\n")])
    }
}
