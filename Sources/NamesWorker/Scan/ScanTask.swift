import FileNames
import Glibc
import LinuxSystem
import ShareModel
import ShareWire

/// Scans the names of a tree, and tells how far it is. Reads names and nothing else; writes nothing but the file it is told to go on from.
///
/// It may hang for ever inside a file system; whoever started it has the deadline.
struct ScanTask {
    let order: ScanOrder
    /// Where progress goes: a line each time.
    let tell: (Value) -> Void

    /// How often it is kept how far the scan is, at most.
    private static let keepInterval = Duration.seconds(5)

    func run() throws(Cause) -> Value {
        let started = MonotonicTime.now()
        var assumed: Charset?
        if let name = order.charset { assumed = try TreeRoot.charset(named: name) }
        let mark = try order.resume.map { file throws(Cause) in ScanMark(file: Array(file.utf8), path: order.path) }
        let whole = try TreeRoot(order.path, to: "scan")
        let (root, filesystem) = (whole.directory, whole.filesystem)
        let before = try mark?.read()
        var scan = DirectoryScan(
            report: before?.report ?? ScanReport(), assumed: assumed, losesCharacters: Self.losing.contains(filesystem ?? ""))
        var clock = Clock(started, tell)
        do throws(SystemCallError) {
            var walk: TreeWalk
            if let before {
                walk = try TreeWalk(root: root, behind: before.way)
            } else {
                let subdirectories = try scan.scan(root.number, []) { clock.breathe($0, 0, []) }
                walk = TreeWalk(root: root, subdirectories: subdirectories)
            }
            try visit(&walk, &scan, &clock, mark)
        } catch {
            throw TreeRoot.cause(error, order.path, "scan")
        }
        mark?.remove()
        let proposal = NamesProposal(scan.report, filesystem: filesystem, whole: scan.wholeGuess, assumed: assumed)
        guard case .object(let found) = scan.report.value else { return .null }
        return .object(
            [
                .init("path", .string(order.path)), .init("filesystem", filesystem.map(Value.string) ?? .null),
                .init("unicode", .string(NormalForm.unicodeVersion)),
                .init("tookMs", .integer((MonotonicTime.now() - started).wholeNanoseconds / 1_000_000)),
            ] + found + [.init("proposal", proposal.value)])
    }

    private func visit(_ walk: inout TreeWalk, _ scan: inout DirectoryScan, _ clock: inout Clock, _ mark: ScanMark?) throws(SystemCallError)
    {
        while true {
            let (name, step) = try walk.next()
            switch step {
            case .done: return
            case .leaveOut(let path, let error): try leaveOut(path, error, &scan)
            case .visit(let directory):
                let path = walk.path.isEmpty ? name : walk.path + [UInt8(ascii: "/")] + name
                do throws(SystemCallError) {
                    let directories = scan.report.directories
                    let subdirectories = try scan.scan(directory.number, path) { clock.breathe($0, directories, path) }
                    walk.descend(directory, name, subdirectories)
                } catch {
                    try leaveOut(path, error, &scan)
                }
                clock.breathe(scan.report.names, scan.report.directories, path)
                if let mark, clock.isTimeToKeep() { try mark.write(walk.way, scan.report) }
            }
        }
    }

    /// One directory that cannot be listed is left out; a file system that answers no more ends the scan.
    private func leaveOut(_ path: [UInt8], _ error: SystemCallError, _ scan: inout DirectoryScan) throws(SystemCallError) {
        if error.endsAll { throw error }
        switch error.errno {
        case ENOENT, ENOTDIR, ELOOP: return  // Gone or replaced since it was listed.
        default: scan.leaveOut(path, otherFilesystem: error.errno == EXDEV, reason: "\(error.text) (\(error.name))")
        }
    }

    /// Those that show `?` where they cannot convert.
    private static let losing: Set<String> = [
        "cifs", "smb3", "vfat", "msdos", "ntfs", "ntfs3", "exfat", "iso9660", "udf", "hfs", "hfsplus",
    ]

    /// When the scan was kept last.
    private struct Clock {
        private let progress: ProgressTeller
        private var kept: MonotonicTime

        init(_ now: MonotonicTime, _ tell: @escaping (Value) -> Void) { (progress, kept) = (ProgressTeller(tell), now) }

        func breathe(_ names: Int, _ directories: Int, _ path: [UInt8]) { progress.breathe(names, directories, path) }

        mutating func isTimeToKeep() -> Bool {
            let now = MonotonicTime.now()
            guard now - kept >= ScanTask.keepInterval else { return false }
            kept = now
            return true
        }
    }
}
