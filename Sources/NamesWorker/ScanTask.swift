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

    /// How often progress is told, and how far the scan is kept, at most.
    private static let progressInterval = Duration.milliseconds(250)
    private static let keepInterval = Duration.seconds(5)

    func run() throws(Cause) -> Value {
        let started = MonotonicTime.now()
        var assumed: Charset?
        if let name = order.charset {
            guard let charset = Charset(named: name) else {
                throw Cause(
                    .charsetUnavailable, "cannot read names as '\(name)'", evidence: ["no charset of that name is known"],
                    remedy: ["name one of: \(Charset.allCases.map(\.rawValue).joined(separator: " "))"])
            }
            assumed = charset
        }
        let mark = try order.resume.map { file throws(Cause) in ScanMark(file: Array(file.utf8), path: order.path) }
        let (root, filesystem) = try openRoot()
        let before = try mark?.read()
        var scan = DirectoryScan(
            report: before?.report ?? ScanReport(), assumed: assumed, losesCharacters: Self.losing.contains(filesystem ?? ""))
        var clock = Clock(started)
        do throws(SystemCallError) {
            var walk: TreeWalk
            if let before {
                walk = try TreeWalk(root: root, behind: before.way)
            } else {
                let subdirectories = try scan.scan(root.number, []) { clock.breathe($0, 0, [], tell) }
                walk = TreeWalk(root: root, subdirectories: subdirectories)
            }
            try visit(&walk, &scan, &clock, mark)
        } catch {
            throw Self.cause(error, order.path)
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
                    let subdirectories = try scan.scan(directory.number, path) { clock.breathe($0, directories, path, tell) }
                    walk.descend(directory, name, subdirectories)
                } catch {
                    try leaveOut(path, error, &scan)
                }
                clock.breathe(scan.report.names, scan.report.directories, path, tell)
                if let mark, clock.isTimeToKeep() { try mark.write(walk.way, scan.report) }
            }
        }
    }

    /// One directory that cannot be listed is left out; a file system that answers no more ends the scan.
    private func leaveOut(_ path: [UInt8], _ error: SystemCallError, _ scan: inout DirectoryScan) throws(SystemCallError) {
        switch error.errno {
        case ENOENT, ENOTDIR, ELOOP: return  // Gone or replaced since it was listed.
        case ENOTCONN, ESTALE, ETIMEDOUT, EHOSTDOWN, EHOSTUNREACH, ENETUNREACH, ECONNABORTED, ENOLINK, ESHUTDOWN, EMFILE, ENFILE, ENOMEM:
            throw error
        default: scan.leaveOut(path, otherFilesystem: error.errno == EXDEV, reason: "\(error.text) (\(error.name))")
        }
    }

    /// Those that show `?` where they cannot convert.
    private static let losing: Set<String> = [
        "cifs", "smb3", "vfat", "msdos", "ntfs", "ntfs3", "exfat", "iso9660", "udf", "hfs", "hfsplus",
    ]

    private func openRoot() throws(Cause) -> (OpenDirectory, filesystem: String?) {
        do throws(SystemCallError) {
            let root = OpenDirectory(try openDirectory(Array(order.path.utf8)))
            let id = try? mountID(of: root.number)
            let entry = id.flatMap { id in (try? MountTable.read())?.entry(id: id) }
            return (root, entry.map { String(printing: $0.fstype) })
        } catch {
            throw Self.cause(error, order.path)
        }
    }

    /// Why the scan ended early.
    static func cause(_ error: SystemCallError, _ path: String) -> Cause {
        let (code, remedy): (CauseCode, String) =
            switch error.errno {
            case ENOENT: (.targetMissing, "name a directory that is there")
            case ENOTDIR: (.targetNotDirectory, "name the directory, not a file in it")
            case EACCES, EPERM: (.permissionDenied, "scan as a user who may list it, such as with sudo")
            case ENOTCONN: (.hostServiceDead, "attach the share anew, then go on with --resume if you gave a file")
            case ESTALE: (.staleHandle, "attach the share anew, then go on with --resume if you gave a file")
            case ETIMEDOUT, EHOSTDOWN, EHOSTUNREACH, ENETUNREACH, ECONNABORTED, ENOLINK, ESHUTDOWN:
                (.serverStoppedAnswering, "see shareagent status; go on with --resume FILE once the share answers")
            case ENOMEM, EMFILE, ENFILE: (.memoryExhausted, "free memory or descriptors and scan again")
            default: (.ioError, "see the kernel's log; scan again once the file system answers")
            }
        return Cause(
            code, "cannot scan the names of '\(path)'", evidence: ["\(error.call): \(error.text)"], remedy: [remedy], errno: error.name)
    }

    /// When progress was told last, and when the scan was kept last.
    private struct Clock {
        private var told: MonotonicTime
        private var kept: MonotonicTime

        init(_ now: MonotonicTime) { (told, kept) = (now, now) }

        mutating func breathe(_ names: Int, _ directories: Int, _ path: [UInt8], _ tell: (Value) -> Void) {
            let now = MonotonicTime.now()
            guard now - told >= ScanTask.progressInterval else { return }
            told = now
            tell(
                .object([
                    "progress": .object([
                        "names": .number(names), "directories": .number(directories),
                        "at": .string(FileName.display(path.isEmpty ? [UInt8(ascii: ".")] : path)),
                    ])
                ]))
        }

        mutating func isTimeToKeep() -> Bool {
            let now = MonotonicTime.now()
            guard now - kept >= ScanTask.keepInterval else { return false }
            kept = now
            return true
        }
    }
}
