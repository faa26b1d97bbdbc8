import Glibc
import LibMount
import LinuxSystem
import ShareModel

/// Detaches one share: exactly the mount with the given id, and nothing that happens to stand in its place.
struct DetachTask {
    let share: ShareName
    let target: Target
    let mountID: Int64
    let lazy: Bool
    /// It is to be attached again in another way: what lives in the mount alone must not be lost by that.
    var losesNothing = false

    func run() throws(Cause) -> WorkerOutcome {
        let table = try AttachTask.table(for: share)
        guard let entry = table.entry(id: UInt64(clamping: mountID)), entry.target == target.bytes else {
            try forgetMark(table)
            return .detached(stillInUse: false)
        }
        guard let topmost = table.topmost(at: target.bytes), topmost.mountID == entry.mountID else {
            throw AttachTask.covered(target, table, for: share)
        }
        // The kernel gives an id anew; a lost mark says nothing.
        if let mark = AttachTask.mark(of: entry), mark != share.text {
            throw AttachTask.foreign(entry, at: target, for: share, markedAs: mark)
        }
        let directory = try TargetDirectory(walkingTo: target, making: false, for: share)
        try requireSameMount(directory)
        if losesNothing { try requireNothingToLose(directory, entry) }
        if lazy { return try detachLazily(directory) }
        do throws(SystemCallError) {
            try directory.unmount()
        } catch {
            throw cause(of: error, table, entry)
        }
        try forgetMark(try AttachTask.table(for: share))
        return .detached(stillInUse: false)
    }

    /// A tmpfs ends with its mount.
    private func requireNothingToLose(_ directory: borrowing TargetDirectory, _ entry: MountEntry) throws(Cause) {
        guard entry.fstype.elementsEqual("tmpfs".utf8) else { return }
        let root = try directory.open(for: share)
        if (try? isEmptyDirectory(root.rawValue)) == true { return }
        throw Cause(
            .targetBusy, "share '\(share)': changing it would lose the files in it, which are in memory alone",
            remedy: ["shareagent detach \(share) && shareagent attach \(share)   # loses them"])
    }

    private func requireSameMount(_ directory: borrowing TargetDirectory) throws(Cause) {
        let open = try directory.open(for: share)
        do throws(SystemCallError) {
            if try LinuxSystem.mountID(of: open.rawValue) == UInt64(clamping: mountID) { return }
        } catch {
            throw Cause(.internalError, "share '\(share)': the mount at \(target) cannot be identified: \(error)", errno: error.name)
        }
        throw Cause(
            .foreignMount, "share '\(share)': what is mounted at \(target) is not the mount with id \(mountID)",
            remedy: ["findmnt \(target.quotedForShell)"])
    }

    /// An open descriptor on the mount makes umount2 return at once: the end of the file system, which may wait for a dead
    /// server, then happens when this process ends, after the outcome was written.
    private func detachLazily(_ directory: borrowing TargetDirectory) throws(Cause) -> WorkerOutcome {
        let users = Holders.of(target, mountID: UInt64(clamping: mountID), mapped: false)
        _ = try directory.open(for: share).release()
        do throws(SystemCallError) {
            try directory.unmount(lazily: true)
        } catch {
            throw Cause(
                .internalError, "share '\(share)': cannot be detached from \(target): \(error)",
                remedy: ["findmnt \(target.quotedForShell)"],
                errno: error.name)
        }
        try forgetMark(try AttachTask.table(for: share))
        return .detached(stillInUse: !users.isEmpty)
    }

    private func cause(of error: SystemCallError, _ table: MountTable, _ entry: MountEntry) -> Cause {
        switch error.errno {
        case EBUSY:
            let users = Holders.of(target, mountID: entry.mountID, mapped: true)
            let mounts = table.children(of: entry.mountID).map { "mounted inside: \(String(printing: $0.target))" }
            let loops = Holders.loopDevices(over: target)
            let images = loops.map { "\($0.device) shows \($0.file): findmnt \($0.device)" }
            let who =
                users.isEmpty ? loops.first.map { " by \($0.device)" } ?? "" : " by \(users.prefix(3).map(\.who).joined(separator: ", "))"
            return Cause(
                .targetBusy, "share '\(share)': cannot be detached from \(target): it is in use\(who)",
                evidence: mounts + images + users.map(\.line),
                remedy: [
                    "end the programs that use it: fuser -vm \(target.quotedForShell)",
                    "or take it away now and let them finish: shareagent detach --lazy \(share)",
                ],
                errno: error.name)
        case EPERM:
            return Cause(
                .permissionDenied, "share '\(share)': the kernel does not let this process unmount", remedy: ["run shareagent as root"],
                errno: error.name)
        default:
            return Cause(
                .ioError, "share '\(share)': cannot be detached from \(target): \(error.text)",
                remedy: ["shareagent detach --lazy \(share)"],
                errno: error.name)
        }
    }

    /// Only when nothing stands at the target any more: the line could be another mount's.
    private func forgetMark(_ table: MountTable) throws(Cause) {
        guard table.entries(at: target.bytes).isEmpty else { return }
        // A line that stays is harmless: readers match it with mounts that are there.
        try? MountMark.remove(target: target.bytes)
    }
}
