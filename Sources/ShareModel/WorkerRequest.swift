/// What the daemon asks one worker to do; the worker does it once, answers with a `WorkerOutcome`, and ends. It travels over an
/// inherited descriptor, so a secret in it is in nobody's argv or environment.
public enum WorkerRequest: Sendable {
    /// Mount a share. `images` tells where the shares are attached that image files are in.
    case attach(Share, Credential?, attachedTargets: [ShareName: Target])
    /// Unmount what stands at a target under this mount id; lazily where asked.
    case detach(ShareName, Target, mountID: Int64, lazy: Bool)
    /// Ask the file system at a target, under this mount id, for its capacity, and time the answer.
    case probe(ShareName, Target, mountID: Int64)
}

/// What a worker answers.
public enum WorkerOutcome: Equatable, Sendable {
    /// Mounted: the new mount id, what was asked for; already a mount of ours from before when `adopted`.
    case attached(mountID: Int64, requestedOptions: [String: String], warnings: [String])
    /// Unmounted, or was not there any more. `stillInUse` where a lazy detach left it to its users.
    case detached(stillInUse: Bool)
    /// The file system answered.
    case probed(latencyMicroseconds: Int64, ShareStatus.Capacity)
    /// It could not be done.
    case failed(Cause)
}
