import Glibc
import LinuxSystem
import ShareModel

/// Takes a view away from its target, and sees that its process lets go of the share.
struct ViewEnd {
    let share: ShareName
    let view: StandingView

    /// What a view whose last user is gone needs to end: nothing but time of the CPU.
    private static let patience = Duration.seconds(2)

    /// - Returns: whether programs use it still, after a lazy one.
    func takeDown(lazily: Bool) throws(Cause) -> Bool {
        let table = try AttachTask.table(for: share)
        var isUsed = false
        var connection: String?
        if let entry = table.entry(id: UInt64(clamping: view.mountID)), entry.target == view.target.bytes {
            // The kernel gives an id anew.
            guard entry.fstype.elementsEqual(StandingView.fstype.utf8) else {
                throw AttachTask.foreign(entry, at: view.target, for: share)
            }
            guard table.topmost(at: view.target.bytes)?.mountID == entry.mountID else {
                throw AttachTask.covered(view.target, table, for: share)
            }
            let directory = try TargetDirectory(walkingTo: view.target, making: false, for: share)
            // One that nobody serves is of no use to those who hold it.
            let isDead = OtherProcess(view.process.id, started: view.process.started) == nil
            if lazily {
                isUsed = !Holders.of(view.target, mountID: entry.mountID, mapped: false).isEmpty
                connection = "/sys/fs/fuse/connections/\(entry.device.minor)/waiting"
            }
            do throws(SystemCallError) {
                try directory.unmount(lazily: lazily || isDead)
            } catch {
                throw busy(error, entry, table)
            }
        }
        return isUsed || end(connection)
    }

    /// Nobody is known to use it any more. One that was stopped, or hangs, would still hold the share.
    /// - Parameter connection: of a view that was taken away lazily, the kernel's file that counts the requests under way. It stays for as
    ///   long as somebody uses the view, who may only have a file of it mapped (see `Holders`).
    /// - Returns: whether it goes on for somebody.
    private func end(_ connection: String?) -> Bool {
        guard let process = OtherProcess(view.process.id, started: view.process.started) else { return false }
        if process.ends(within: Self.patience) { return false }
        if let connection, (try? readFile(Array(connection.utf8), limit: 16)) == Array("0\n".utf8) { return true }
        process.signal(SIGKILL)
        _ = process.ends(within: Self.patience)
        return false
    }

    private func busy(_ error: SystemCallError, _ entry: MountEntry, _ table: MountTable) -> Cause {
        let users = Holders.of(view.target, mountID: entry.mountID, mapped: error.errno == EBUSY)
        let who = users.isEmpty ? "" : " by \(users.prefix(3).map(\.who).joined(separator: ", "))"
        return Cause(
            error.errno == EBUSY ? .targetBusy : .ioError,
            "share '\(share)': the view of its names cannot be taken away from \(view.target): "
                + (error.errno == EBUSY ? "it is in use\(who)" : error.text),
            evidence: table.children(of: entry.mountID).map { "mounted inside: \(String(printing: $0.target))" } + users.map(\.line),
            remedy: [
                "end the programs that use it: fuser -vm \(view.target.quotedForShell)",
                "or take it away now and let them finish: shareagent detach --lazy \(share)",
            ],
            errno: error.name)
    }
}
