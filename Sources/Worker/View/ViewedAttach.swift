import LinuxSystem
import ShareModel

/// Attaches a share, with a view over it where its `names:` want one: then the share is mounted where only root may go, and the view at its
/// target (docs/decisions/0017-where-the-raw-tree-lies.md).
struct ViewedAttach {
    let share: Share
    let credential: Credential?
    let attachedTargets: [ShareName: Target]
    let policy: Policy
    var replacing: StandingMount?

    func run() throws(Cause) -> WorkerOutcome {
        guard share.namesMeans == .view else {
            return try AttachTask(
                share: share, credential: credential, attachedTargets: attachedTargets, policy: policy, replacing: replacing
            ).run()
        }
        if let refusal = policy.refusal(of: share) { throw refusal }
        let laying = ViewLaying(share: share, place: share.rawPlace, target: policy.target(of: share), policy: policy)
        // A target that cannot be used costs no question to a server.
        try laying.requireSoundTarget()
        try RawPlaces.make(for: share.name)
        let outcome = try AttachTask(
            share: share.placed(at: share.rawPlace), credential: credential, attachedTargets: attachedTargets,
            policy: policy.admittingRawPlaces, replacing: replacing
        ).run()
        guard case .attached(let mountID, let options, let warnings, _) = outcome else { return outcome }
        do throws(Cause) {
            // In place of a mount that was replaced, the old view still shows the old one.
            let view = try laying.lay(over: mountID, force: replacing != nil)
            return .attached(mountID: mountID, requestedOptions: options, warnings: warnings, view: view)
        } catch {
            // A view that stands and cannot become another one has users, and they use the share.
            if (try? laying.standing()) != nil { throw error }
            // A share whose names cannot be shown as wished is not shown otherwise.
            _ = try? DetachTask(share: share.name, target: share.rawPlace, mountID: mountID, lazy: true).run()
            removeEmptyDirectory(share.rawPlace.bytes)
            throw error
        }
    }
}

/// The directories below /run/shareagent that shares with views need.
enum RawPlaces {
    static func make(for share: ShareName) throws(Cause) {
        do throws(SystemCallError) {
            try makeDirectory(Array("/run/shareagent".utf8), mode: 0o755)
            try makeDirectory(Array("/run/shareagent/views".utf8), mode: 0o755)
            // A name of a source can be a secret that its translation is not; and what was unmounted at the target is still mounted here.
            try makeDirectory(Share.rawRoot.bytes, mode: 0o700)
        } catch {
            throw Cause(
                .internalError, "share '\(share)': there is no place for what lies under its view: \(error)",
                remedy: ["ls -ld /run/shareagent /run/shareagent/raw"], errno: error.name)
        }
    }
}

/// Detaches a share: first the view over it, then the share.
struct ViewedDetach {
    let share: ShareName
    /// Where the share itself is mounted.
    let place: Target
    let mountID: Int64
    let lazy: Bool
    var losesNothing = false
    let view: StandingView?

    func run() throws(Cause) -> WorkerOutcome {
        let below = DetachTask(share: share, target: place, mountID: mountID, lazy: lazy, losesNothing: losesNothing)
        guard let view else { return try below.run() }
        let stays = try ViewEnd(share: share, view: view).takeDown(lazily: lazy)
        let outcome = try below.run()
        removeEmptyDirectory(place.bytes)
        removeFile(ViewState.path(share))
        if case .detached(let inUse) = outcome { return .detached(stillInUse: inUse || stays) }
        return outcome
    }
}
