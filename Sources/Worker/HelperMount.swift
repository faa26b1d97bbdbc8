import Glibc
import LibMount
import LinuxSystem
import ShareKinds
import ShareModel

/// Mounts by a type's mount helper, in two steps: the helper mounts in a directory that only root can reach, and what it has made is
/// then put onto the open target. So no helper walks a path that others may change, a helper that is late leaves nothing at the target,
/// and the protection holds before anybody can use the mount (docs/decisions/0011-mount-helpers.md).
struct HelperMount {
    let share: ShareName
    let plan: MountPlan
    let helper: MountPlan.HelperProgram

    /// What a helper has. It starts the file system's program, which takes a slow machine longer than a mount in the kernel; the daemon's
    /// deadline for an attach is shorter, so it is told meanwhile that the helper is waited for.
    static let patience = Duration.seconds(45)
    private static let evidenceBytes = 16 << 10
    private static let folder = "/run/shareagent/attaching"

    /// Runs the helper and puts its mount in place.
    func mount(_ source: [UInt8], on directory: borrowing TargetDirectory) throws(Cause) -> AttachTask.Made {
        guard isExecutable(Array(helper.path.utf8)) else { throw plan.helperMissing(helper) }
        let attempt = plan.attempts[0]
        let stage = try Stage(share)
        defer { stage.clear() }
        let words = FileTail(stage.words)
        let log = Array("\(helper.logDirectory)/shareagent-\(share).log".utf8)
        let logged = FileTail(log)
        let options = try arguments(attempt, log: log)
        let run = HelperRun(
            unit: "shareagent-\(share)-\(getpid()).service", description: "share \(share): \(plan.type.rawValue)",
            command: [Array(helper.path.utf8), source, stage.path, Array("-o".utf8), options], words: stage.words,
            patience: Self.patience)
        let end: HelperRun.End
        do throws(SystemCallError) {
            end = try run.run { WorkerProgram.tell("waiting for \(helper.path)") }
        } catch {
            throw Cause(
                .internalError, "share '\(share)': \(helper.path) cannot be started: \(error)", remedy: ["ls -l \(helper.path)"],
                errno: error.name)
        }
        // Only errors: at its usual level the program writes hundreds of lines.
        let lines =
            Self.lines(of: words.read(limit: Self.evidenceBytes))
            + Self.lines(of: logged.read(limit: Self.evidenceBytes)).filter { $0.mentions("] E [") || $0.mentions("] C [") }
        guard end.isSuccess, let mounted = try stage.mounted(plan) else {
            throw plan.cause(of: HelperFailure(end: end.words, tookTooLong: end.tookTooLong, words: lines))
        }
        return AttachTask.Made(attempt: attempt, before: try put(mounted, on: directory))
    }

    /// - Returns: the mount table right before.
    private func put(_ mounted: borrowing OwnedDescriptor, on directory: borrowing TargetDirectory) throws(Cause) -> MountTable {
        let target = try directory.open(for: share)
        let before = try AttachTask.tableBeforeMounting(at: directory.target, for: share)
        do throws(SystemCallError) {
            let copy = try DetachedMount(copyOf: mounted.rawValue)
            try copy.restrict(restrictions)
            try copy.attach(to: target.rawValue)
            return before
        } catch {
            throw Cause(
                .internalError, "share '\(share)': what \(helper.path) mounted cannot be put onto \(plan.target): \(error)",
                remedy: ["report this with the kernel's version: uname -r"], errno: error.name)
        }
    }

    private var restrictions: DetachedMount.Restrictions {
        var all: DetachedMount.Restrictions = []
        let pairs: [(MountFlags, DetachedMount.Restrictions)] = [
            (.readOnly, .readOnly), (.noSetUserID, .noSetUserID), (.noDevices, .noDevices), (.noExecution, .noExecution),
            (.noSymbolicLinks, .noSymbolicLinks), (.noAccessTime, .noAccessTime), (.noDirectoryAccessTime, .noDirectoryAccessTime),
            (.strictAccessTime, .strictAccessTime),
        ]
        for (flag, restriction) in pairs where plan.flags.contains(flag) { all.insert(restriction) }
        return all
    }

    /// The helper's one `-o` argument. A share's secret is never among them: everybody can read arguments.
    private func arguments(_ attempt: MountPlan.Attempt, log: [UInt8]) throws(Cause) -> [UInt8] {
        let data = try plan.data(for: attempt)
        var bytes = unsafe data.withBytes { unsafe Array($0) }
        guard !bytes.contains(where: { "\" \t\n".utf8.contains($0) }) else {
            throw Cause(
                .optionRefused, "share '\(share)': an option has a character that \(helper.path) would take apart",
                remedy: ["leave selinux.context out of this share"])
        }
        if let option = helper.logOption {
            if !bytes.isEmpty { bytes.append(UInt8(ascii: ",")) }
            bytes += Array("\(option)=".utf8) + log
        }
        return bytes
    }

    private static func lines(of bytes: [UInt8]) -> [String] {
        bytes.split(separator: UInt8(ascii: "\n")).map { String(printing: $0) }.filter { !$0.isEmpty }
    }
}

/// Where a helper mounts: a directory of root's own.
private struct Stage {
    let path: [UInt8]
    /// What the helper writes to its standard error.
    let words: [UInt8]
    private let share: ShareName

    init(_ share: ShareName) throws(Cause) {
        self.share = share
        path = Array("/run/shareagent/attaching/\(share)".utf8)
        words = Array("/run/shareagent/attaching/.\(share).words".utf8)
        // What a helper mounted after its worker had been given up.
        clear()
        do throws(SystemCallError) {
            _ = try TargetWalk.open(path, below: Array("/run".utf8), creating: 0o700)
        } catch {
            throw Cause(
                .internalError, "share '\(share)': no directory can be made to mount in: \(error)", remedy: ["ls -ld /run/shareagent"],
                errno: error.name)
        }
    }

    /// What stands there now, if it is what was asked for.
    func mounted(_ plan: MountPlan) throws(Cause) -> OwnedDescriptor? {
        let table = try AttachTask.table(for: share)
        guard let entry = table.topmost(at: path), plan.recognizes(fstype: entry.fstype, source: entry.source) else { return nil }
        return try? TargetWalk.open(path, below: Array("/run".utf8), creating: nil)
    }

    /// Lazily: a file system whose servers are gone would hold up the worker.
    func clear() {
        for _ in 0..<8 {
            do throws(SystemCallError) {
                try unmount(path, [.noFollow, .detach])
            } catch {
                break
            }
        }
        removeEmptyDirectory(path)
        removeFile(words)
    }
}
