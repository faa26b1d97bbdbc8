import Glibc
import LinuxSystem
import ShareKinds
import ShareModel

/// Measures an attached share within a bounded time and space, in a directory of its own, and where asked compares its profile with
/// others on mounts that only this process sees.
struct BenchTask {
    let order: BenchOrder
    let credential: Credential?
    let policy: Policy

    private var share: ShareName { order.share.name }
    private let listener = BenchListener()

    init(order: BenchOrder, credential: Credential?, policy: Policy) {
        self.order = order
        self.credential = credential
        self.policy = policy
    }

    func run() throws(Cause) -> WorkerOutcome {
        let root = try Self.openRoot(share, order.target, order.mountID)
        var report = BenchReport(order: order)
        let table = try AttachTask.table(for: share)
        let entry = table.entries.first { $0.mountID == UInt64(clamping: order.mountID) }
        let mayWrite = entry.map { !$0.hasOption("ro") && !$0.superOptions.starts(with: Array("ro".utf8)) } ?? false
        let began = MonotonicTime.now()
        let pass = try measure(root.rawValue, mayWrite: mayWrite, milliseconds: order.timeMs, heading: "", readAhead: nil, &report)
        report.readings = pass
        report.notes += Self.coldness(order.share.source.type, pass)
        if !order.profiles.isEmpty {
            let comparison = BenchComparison(task: self, device: entry?.device, root: root.rawValue)
            try comparison.run(&report)
        }
        report.milliseconds = (MonotonicTime.now() - began).wholeNanoseconds / 1_000_000
        return .benched(report.value)
    }

    /// The share's root, which is open without asking the file system anything.
    static func openRoot(_ share: ShareName, _ target: Target, _ mountID: Int64) throws(Cause) -> OwnedDescriptor {
        try ProbeTask(share: share, target: target, mountID: mountID, readAheadKiB: nil).open()
    }

    /// One pass over a mount; falls back to reading where nothing can be written.
    func measure(
        _ root: CInt, mayWrite: Bool, milliseconds: Int64, heading: String, readAhead: ReadAheadSetting?, _ report: inout BenchReport
    ) throws(Cause) -> Readings {
        do throws(SystemCallError) {
            let space = mayWrite ? try room(root) : order.spaceBytes
            var pass = BenchPass(root: root, timeMs: milliseconds, spaceBytes: space, listener: listener)
            pass.heading = heading
            pass.readAhead = readAhead
            if mayWrite {
                let directory: BenchDirectory
                do throws(SystemCallError) {
                    directory = try BenchDirectory(in: root, mark: order.mark)
                } catch {
                    guard [EACCES, EPERM, EROFS].contains(error.errno) else { throw error }
                    report.note("nothing can be written here (\(error)), so only reading was measured")
                    report.isWritten = false
                    report.note(try pass.runReading())
                    return pass.readings
                }
                report.isWritten = true
                let removed = directory.removeLeftovers()
                if removed > 0 { report.note("\(removed) directories that killed benches had left behind long ago were removed") }
                let failure: SystemCallError?
                do throws(SystemCallError) {
                    try pass.runWriting(in: directory)
                    failure = nil
                } catch {
                    failure = error
                }
                let left = directory.remove()
                if let failure { throw failure }
                if let left { report.note("the directory .shareagent-bench-\(order.mark) could not be removed: \(left)") }
            } else {
                report.isWritten = false
                report.note("the share is attached for reading only: files that are there were read")
                report.note(try pass.runReading())
            }
            return pass.readings
        } catch {
            throw cause(of: error)
        }
    }

    /// How much may be written: never more than a tenth of what is free.
    private func room(_ root: CInt) throws(SystemCallError) -> Int64 {
        let usage = try FileSystemUsage.read(root)
        // One that knows no size has nothing to say about its room.
        guard usage.sizeBytes > 0 else { return order.spaceBytes }
        let tenth = Int64(min(usage.availableBytes / 10, UInt64(Int64.max)))
        guard tenth >= BenchPass.mebibyte else { throw SystemCallError(call: Self.tooFull, errno: ENOSPC) }
        return min(order.spaceBytes, tenth)
    }

    private static let tooFull = "statfs"

    /// What no guest can make cold.
    private static func coldness(_ type: SourceType, _ readings: Readings) -> [String] {
        var notes: [String] = []
        switch type {
        case .tmpfs: notes.append("a tmpfs is memory: there is nothing cold about it")
        case .virtiofs, .ninep: notes.append("reads were cold in this guest; the host's own cache stays warm")
        case .nfs, .smb, .cephfs, .glusterfs: notes.append("reads were cold in this guest; the server's own cache stays warm")
        case .image: notes.append("reads were cold in this guest; the cache of whatever keeps the image stays warm")
        }
        let reading = readings[.sequentialRead]
        if reading != nil, reading?.cachedPercent == nil {
            notes.append(
                "how much of the file stayed in this guest's memory cannot be seen here, so reading may be shown faster than it is")
        } else if let cached = reading?.cachedPercent, cached > 2, type != .tmpfs {
            notes.append("\(cached) % of the file stayed in this guest's memory, so reading is shown faster than it is")
        }
        notes.append("names and attributes may come from this guest's cache: it cannot be emptied for one share alone")
        return notes
    }

    func cause(of error: SystemCallError) -> Cause {
        let what = "share '\(share)': measuring it failed"
        switch error.errno {
        case ENOSPC where error.call == Self.tooFull:
            return Cause(
                .outOfSpace, "share '\(share)': less than 10 MiB are free, and a bench takes a tenth of that at most", evidence: [],
                remedy: ["df \(order.target.quotedForShell)", "make room, or measure another share"])
        case ENOSPC:
            return Cause(
                .outOfSpace, "\(what): the file system is full", evidence: ["\(error)"], remedy: ["df \(order.target.quotedForShell)"],
                errno: error.name)
        case EDQUOT:
            return Cause(
                .quotaExceeded, "\(what): the quota is used up", evidence: ["\(error)"],
                remedy: ["say a smaller --space", "raise the quota on the server"], errno: error.name)
        case ECANCELED where error == BenchListener.abandoned:
            return Cause(.internalError, "\(what): nobody waits for it any more")
        default: return ProbeTask(share: share, target: order.target, mountID: order.mountID, readAheadKiB: nil).cause(of: error)
        }
    }
}

/// Removes what a bench worker that was killed has left.
struct SweepTask {
    let share: ShareName
    let target: Target
    let mountID: Int64
    let mark: String

    func run() throws(Cause) -> WorkerOutcome {
        let root = try BenchTask.openRoot(share, target, mountID)
        guard let left = BenchDirectory.sweep(in: root.rawValue, mark: mark) else { return .swept }
        throw Cause(
            .ioError, "share '\(share)': the bench's directory .shareagent-bench-\(mark) could not be removed", evidence: ["\(left)"],
            remedy: ["rm -r \("\(target)/.shareagent-bench-\(mark)".quotedForShell)"], errno: left.name)
    }
}
