import FileNames
import Glibc
import LinuxSystem
import ShareModel

/// Puts back what a conversion renamed, however far it came. Hangs with the file system as `ConvertTask` does.
struct UndoTask {
    let order: UndoOrder
    /// Where progress goes: a line each time.
    let tell: (Value) -> Void
    /// A test ends a run through it.
    var calls = ChangeCalls()

    func run() throws(Cause) -> Value {
        let started = MonotonicTime.now()
        let journal = try JournalFile(order.journal, mayBeNew: false, calls)
        guard let header = journal.progress.header else { return .null }
        let path = order.path.map { Array($0.utf8) } ?? header.path
        let name = order.path ?? FileName.display(path)
        let root: OpenDirectory
        var report = ConversionReport()
        do throws(SystemCallError) {
            root = OpenDirectory(try openDirectory(path))
            guard try EntryMark.read(in: root.number).inode == header.inode else {
                throw SystemCallError(call: "statx", errno: ENOENT)
            }
            report.renames = journal.progress.entries
            var run = JournalRun(journal, root: root.number, .undo, calls, ProgressTeller(tell), report)
            _ = try run.run()
            report = run.report
        } catch {
            if error.call == "statx", error.errno == ENOENT {
                throw Cause(
                    .targetMissing, "cannot undo: '\(name)' is not the directory whose names were converted",
                    evidence: ["it has another number than the journal says"], remedy: ["say where the tree is now with --path PATH"])
            }
            throw TreeRoot.cause(error, name, "undo")
        }
        return .object(
            [
                .init("path", .string(name)), .init("journal", .string(order.journal)),
                .init("tookMs", .integer((MonotonicTime.now() - started).wholeNanoseconds / 1_000_000)),
            ] + report.value)
    }
}
