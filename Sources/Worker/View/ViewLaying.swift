import Glibc
import LinuxSystem
import ShareModel
import ShareWire

/// Lays the view of a share's names over the share, which is mounted where only root may go.
struct ViewLaying {
    let share: Share
    /// Where the share itself is mounted.
    let place: Target
    /// Where programs are to see it.
    let target: Target
    let policy: Policy

    /// How long a view may take to stand. It asks the share once what it is.
    private static let patience = Duration.seconds(10)

    /// A target that cannot be used is told before anything is done. One that is missing will be made.
    func requireSoundTarget() throws(Cause) {
        do throws(Cause) {
            try requireFreeTarget(try TargetDirectory(walkingTo: target, making: false, for: share.name))
        } catch {
            if error.code != .targetMissing { throw error }
        }
    }

    /// - Parameters:
    ///   - mountID: of the share itself.
    ///   - force: end a view that stands, too: it does not answer, or shows a mount that was replaced.
    func lay(over mountID: Int64, force: Bool) throws(Cause) -> StandingView {
        let rules = String(decoding: StrictJSON.bytes(of: Value(texts: share.viewRules ?? [:]) ?? .object([])), as: UTF8.self)
        let directory = try TargetDirectory(walkingTo: target, making: true, for: share.name)
        let old = try standing()
        if let old {
            // An agent that does not remember it finds what it would have laid.
            if !force, let process = ViewState.read(share.name), process.rules == rules, process.view == old, isServed(old) { return old }
            if force, let process = old.process.id > 1 ? OtherProcess(old.process.id, started: old.process.started) : nil {
                process.signal(SIGKILL)
                _ = process.ends(within: .seconds(2))
            }
        } else {
            try requireFreeTarget(directory)
        }
        let isGentle = old.map { !force && isServed($0) } ?? true
        do throws(Cause) {
            try ViewStart(share: share.name, place: place, target: target, rules: rules, patience: Self.patience).run(
                replacing: isGentle ? "gently" : "now")
        } catch {
            if old == nil { directory.removeIfMade() }
            guard error.code == .targetBusy, let old else { throw error }
            let users = Holders.of(target, mountID: UInt64(clamping: old.mountID), mapped: true)
            throw Cause(
                .targetBusy, "share '\(share.name)': the view of its names at \(target) is in use and cannot become another one",
                evidence: users.map(\.line), remedy: ["end the programs that use it: fuser -vm \(target.quotedForShell)"],
                errno: error.errno)
        }
        return try proved()
    }

    /// The view that is on top at the target; its process may be gone, and is 0 where nobody knows it.
    func standing() throws(Cause) -> StandingView? {
        guard let top = try AttachTask.table(for: share.name).topmost(at: target.bytes), isOurs(top) else { return nil }
        if let state = ViewState.read(share.name), state.view.mountID == Int64(clamping: top.mountID), state.view.target == target {
            return state.view
        }
        return StandingView(at: target, mountID: Int64(clamping: top.mountID), process: ProcessMark(id: 0, started: 0))
    }

    private func isOurs(_ entry: MountEntry) -> Bool {
        entry.fstype.elementsEqual(StandingView.fstype.utf8) && entry.source == place.bytes
    }

    private func isServed(_ view: StandingView) -> Bool {
        OtherProcess(view.process.id, started: view.process.started) != nil
    }

    /// What the mount table says counts.
    private func proved() throws(Cause) -> StandingView {
        guard let top = try AttachTask.table(for: share.name).topmost(at: target.bytes), isOurs(top),
            top.hasOption("nosuid"), top.hasOption("nodev"), let state = ViewState.read(share.name),
            state.view.mountID == Int64(clamping: top.mountID)
        else {
            throw Cause(
                .viewFailed, "share '\(share.name)': its view was laid, but the mount table does not show it at \(target)",
                remedy: ["findmnt \(target.quotedForShell)"])
        }
        return state.view
    }

    private func requireFreeTarget(_ directory: borrowing TargetDirectory) throws(Cause) {
        let table = try AttachTask.table(for: share.name)
        if let top = table.topmost(at: target.bytes) {
            if isOurs(top) { return }
            throw AttachTask.foreign(top, at: target, for: share.name)
        }
        try AttachTask.requireEmpty(directory, policy, share.name)
    }
}
