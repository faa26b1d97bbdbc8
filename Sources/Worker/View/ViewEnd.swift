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
        if let entry = table.entry(id: UInt64(clamping: view.mountID)), entry.target == view.target.bytes {
            guard table.topmost(at: view.target.bytes)?.mountID == entry.mountID else {
                throw Cause(
                    .foreignMount, "share '\(share)': something else is mounted over it at \(view.target)",
                    evidence: table.entries(at: view.target.bytes).map {
                        "mount id \($0.mountID): \(String(printing: $0.fstype)) \(String(printing: $0.source))"
                    },
                    remedy: ["findmnt \(view.target)", "unmount first what was mounted last: umount \(view.target)"])
            }
            let directory = try TargetDirectory(walkingTo: view.target, making: false, for: share)
            // One that nobody serves is of no use to those who hold it.
            let isDead = OtherProcess(view.process.id, started: view.process.started) == nil
            if lazily || isDead { isUsed = lazily && !Holders.of(view.target, mountID: entry.mountID).isEmpty }
            do throws(SystemCallError) {
                try directory.unmount(lazily: lazily || isDead)
            } catch {
                throw busy(error, entry, table)
            }
        }
        if !isUsed { end() }
        return isUsed
    }

    /// Nobody uses it any more. One that was stopped, or hangs, would still hold the share.
    private func end() {
        guard let process = OtherProcess(view.process.id, started: view.process.started) else { return }
        if process.ends(within: Self.patience) { return }
        process.signal(SIGKILL)
        _ = process.ends(within: Self.patience)
    }

    private func busy(_ error: SystemCallError, _ entry: MountEntry, _ table: MountTable) -> Cause {
        let users = Holders.of(view.target, mountID: entry.mountID)
        let who = users.isEmpty ? "" : " by \(users.prefix(3).map(\.who).joined(separator: ", "))"
        return Cause(
            error.errno == EBUSY ? .targetBusy : .ioError,
            "share '\(share)': the view of its names cannot be taken away from \(view.target): "
                + (error.errno == EBUSY ? "it is in use\(who)" : error.text),
            evidence: table.children(of: entry.mountID).map { "mounted inside: \(String(printing: $0.target))" } + users.map(\.line),
            remedy: [
                "end the programs that use it: fuser -vm \(view.target)",
                "or take it away now and let them finish: shareagent detach --lazy \(share)",
            ],
            errno: error.name)
    }
}
