import Glibc
import LinuxSystem
import ShareKinds
import ShareModel

/// Asks an attached share whether it is alive. It hangs when the share does: that is the answer, and the parent has the deadline.
struct ProbeTask {
    let share: ShareName
    let target: Target
    let mountID: Int64
    /// The read-ahead that was asked for; nil: nobody minds.
    let readAheadKiB: Int64?
    /// The view over it; nil: none that could answer.
    var view: StandingView?

    func run() throws(Cause) -> WorkerOutcome {
        let root = try open()
        // Before the share is touched, so that a share that hangs keeps its read-ahead, too.
        let readAheadWas = restoreReadAhead()
        let begin = MonotonicTime.now()
        let usage: FileSystemUsage
        do throws(SystemCallError) {
            // Both go to the server: the attributes because they are asked for anew, the numbers because nobody keeps them.
            try refreshAttributes(of: root.rawValue)
            usage = try FileSystemUsage.read(root.rawValue)
        } catch {
            throw refusal(after: error) ?? cause(of: error)
        }
        let latency = (MonotonicTime.now() - begin).wholeNanoseconds / 1000
        return .probed(
            latencyMicroseconds: latency,
            ShareStatus.Capacity(
                sizeBytes: number(usage.sizeBytes), usedBytes: number(usage.usedBytes), availableBytes: number(usage.availableBytes),
                inodes: number(usage.inodes), inodesUsed: number(usage.inodesUsed)),
            readAheadWas: readAheadWas, view: view.map { ViewProbe(share: share, view: $0).run() })
    }

    /// An SMB server that does not let the user log on again: the kernel calls it a host that is down.
    private func refusal(after error: SystemCallError) -> Cause? {
        guard let entry = try? MountTable.read().entry(id: UInt64(clamping: mountID)), entry.fstype.elementsEqual("cifs".utf8),
            let connection = try? SMBConnection.read(share: entry.source), connection.isWithoutSession,
            let records = try? KernelLog.recent(seconds: 30)
        else { return nil }
        let lines = records.map { String(printing: MountEvidence.plain($0.message)) }
        guard let refusal = SMBRefusal.read(lines, source: entry.source, share: share) else { return nil }
        return Cause(
            refusal.code, "share '\(share)': \(target) cannot be asked: \(refusal.why)",
            evidence: ["\(error)", "the kernel logs on in vain: journalctl -k | tail"], remedy: refusal.remedy, errno: error.name)
    }

    private func restoreReadAhead() -> Int64? {
        guard let readAheadKiB, let entry = try? MountTable.read().entry(id: UInt64(clamping: mountID)) else { return nil }
        return ReadAhead(of: entry).restore(readAheadKiB)
    }

    /// What a frame may carry: 2^53; a file system that claims more is shown at that.
    private func number(_ count: UInt64) -> Int64 {
        Int64(min(count, 1 << 53))
    }

    /// The root of the mount, which is open without asking the file system anything.
    func open() throws(Cause) -> OwnedDescriptor {
        do throws(SystemCallError) {
            let root = try TargetWalk.open(target.bytes, below: [UInt8(ascii: "/")], creating: nil)
            if try LinuxSystem.mountID(of: root.rawValue) == UInt64(clamping: mountID) { return root }
        } catch {
            throw cause(of: error)
        }
        let table = try AttachTask.table(for: share)
        if let entry = table.topmost(at: target.bytes) {
            throw Cause(
                .foreignMount, "share '\(share)': something else is mounted at \(target)",
                evidence: ["mount id \(entry.mountID): \(String(printing: entry.fstype)) \(String(printing: entry.source))"],
                remedy: ["findmnt \(target.quotedForShell)"])
        }
        throw Cause(
            .targetMissing, "share '\(share)': nothing is mounted at \(target) any more", remedy: ["shareagent attach \(share)"])
    }

    func cause(of error: SystemCallError) -> Cause {
        let (code, why, remedy): (CauseCode, String, [String]) =
            switch error.errno {
            case ESTALE:
                (
                    .staleHandle, "the server no longer knows the directory",
                    ["shareagent detach --lazy \(share) && shareagent attach \(share)"]
                )
            case ENOTCONN, ECONNABORTED:
                (
                    .hostServiceDead, "its device was taken away, or the process that serves it has ended",
                    ["on the host: give the VM the device again, or restart the service; the share is then mounted anew"]
                )
            // 512 is ERESTARTSYS: what NFS 4.x tells whose requests were ended by MNT_FORCE (seen on 6.1), on any mount of that file system.
            case ETIMEDOUT, EHOSTDOWN, ECONNRESET, EAGAIN, 512:
                (.serverStoppedAnswering, "the server does not answer any more", ["check that the server is up and reachable"])
            case EHOSTUNREACH, ENETUNREACH, ENETDOWN:
                (.serverUnreachable, "no way to the server", ["ip route", "check the guest's network"])
            case ECONNREFUSED: (.connectionRefused, "the server refuses connections", ["start the file service on the server"])
            case EACCES, EPERM: (.accessDenied, "access was denied", ["see the server's export or share settings"])
            case ENOENT: (.targetMissing, "the directory is gone", ["ls -ld \(target.quotedForShell)"])
            case EKEYEXPIRED, EKEYREVOKED, EKEYREJECTED:
                (.credentialRejected, "the credential is no longer accepted", ["give a new one on the host"])
            default: (.ioError, error.text, ["dmesg | tail", "see the server's log"])
            }
        return Cause(code, "share '\(share)': \(target) cannot be asked: \(why)", evidence: ["\(error)"], remedy: remedy, errno: error.name)
    }
}
