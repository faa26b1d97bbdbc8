import Glibc
import LinuxSystem
import ShareModel
import ShareWire

/// Asks a view whether it is alive, as any program would, after the share below it has answered. It hangs where the view does: the daemon
/// has been told before whom it asks.
struct ViewProbe {
    let share: ShareName
    let view: StandingView

    func run() -> ViewReading {
        WorkerProgram.tell(ViewReading.asking)
        let names = ViewState.read(share)?.names
        do throws(SystemCallError) {
            let root = try TargetWalk.open(view.target.bytes, below: [UInt8(ascii: "/")], creating: nil)
            // Somebody else's mount over it, or none: the mount table says so.
            guard try LinuxSystem.mountID(of: root.rawValue) == UInt64(clamping: view.mountID) else { return ViewReading(names: names) }
            try refreshAttributes(of: root.rawValue)
            _ = try FileSystemUsage.read(root.rawValue)
        } catch {
            // What the source says to others it says to this one, too; only nobody's being there is the view's own fault.
            guard error.errno == ENOTCONN || error.errno == ECONNABORTED else { return ViewReading(names: names) }
            return ViewReading(
                cause: Cause(
                    .viewFailed, "share '\(share)': nobody serves the view of its names at \(view.target) any more", evidence: ["\(error)"],
                    remedy: ["nothing: it is laid again by itself"], errno: error.name), names: names)
        }
        return ViewReading(names: names)
    }
}
