import Glibc
import LinuxSystem
import ShareModel

/// Ends the waits of programs on an NFS mount whose server does not answer: each call under way returns with an error. Whatever was
/// written and had not yet reached the server is lost.
struct EndWaitingTask {
    let mount: StandingMount

    /// How long requests are ended again and again: a program that reads asks once more after its read-ahead has failed.
    static let duration = Duration.seconds(3)
    /// Between two times.
    static let pause = Duration.milliseconds(50)

    func run() throws(Cause) -> WorkerOutcome {
        let name = mount.share.name
        let table = try AttachTask.table(for: name)
        guard let entry = table.topmost(at: mount.target.bytes), entry.mountID == UInt64(clamping: mount.mountID) else {
            throw Cause(
                .foreignMount, "share '\(name)': what is mounted at \(mount.target) is not its mount any more",
                remedy: ["findmnt \(mount.target.quotedForShell)"])
        }
        // From 6.5 on: every request of this file system ends with EIO, now and later. There is no way back.
        let switchPath = Array("/sys/fs/nfs/\(entry.device)/shutdown".utf8)
        do throws(SystemCallError) {
            try writeSetting(switchPath, Array("1".utf8))
            return .waitingEnded(forGood: true, mountIDs: Self.twins(of: entry, table))
        } catch {
            if error.errno != ENOENT {
                throw Cause(
                    .internalError, "share '\(name)': the waits on \(mount.target) cannot be ended: \(error)",
                    remedy: ["shareagent detach --lazy \(name)"], errno: error.name)
            }
        }
        return try endRequests(entry, table)
    }

    /// Before 6.5: a forced unmount ends the requests under way, and then fails, because this process holds the mount.
    private func endRequests(_ entry: MountEntry, _ table: MountTable) throws(Cause) -> WorkerOutcome {
        let name = mount.share.name
        let directory = try TargetDirectory(walkingTo: mount.target, making: false, for: name)
        let held = try directory.open(for: name)
        do throws(SystemCallError) {
            guard try LinuxSystem.mountID(of: held.rawValue) == entry.mountID else {
                throw SystemCallError(call: "statx", errno: ESTALE)
            }
            let end = MonotonicTime.now() + Self.duration
            while MonotonicTime.now() < end {
                try directory.endRequests()
                letTimePass(Self.pause)
            }
        } catch {
            throw Cause(
                .internalError, "share '\(name)': the waits on \(mount.target) cannot be ended: \(error)",
                remedy: ["shareagent detach --lazy \(name)"], errno: error.name)
        }
        return .waitingEnded(forGood: false, mountIDs: Self.twins(of: entry, table))
    }

    /// All mounts of one file system: the kernel shows two shares of one export as one where their options allow it.
    private static func twins(of entry: MountEntry, _ table: MountTable) -> [Int64] {
        table.entries.filter { $0.device == entry.device }.map { Int64(clamping: $0.mountID) }
    }
}
