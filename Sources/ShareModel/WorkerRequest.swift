/// What the daemon asks one worker to do; the worker does it once, answers with a `WorkerOutcome`, and ends. It travels over an
/// inherited descriptor, so a secret in it is in nobody's argv or environment.
public indirect enum WorkerRequest: Sendable {
    /// Mount a share. `images` tells where the shares are attached that image files are in.
    case attach(Share, Credential?, attachedTargets: [ShareName: Target])
    /// Unmount what stands at a target under this mount id; lazily where asked. A view over it goes first.
    case detach(ShareName, Target, mountID: Int64, lazy: Bool, view: StandingView? = nil)
    /// Ask the file system at a target, under this mount id, for its capacity, and time the answer. Before, see that its backing device
    /// still has the read-ahead that was asked for; afterwards, ask the view over it, as any program would.
    case probe(ShareName, Target, mountID: Int64, readAheadKiB: Int64? = nil, view: StandingView? = nil)
    /// Give the kernel another credential for the share that is mounted at a target, under this mount id, for its next logon.
    case renew(Share, Credential, Target, mountID: Int64)
    /// Explain a share's options, those of its mount where it has one. Touches neither share nor server.
    case explain(Share, mountID: Int64?, attachedTargets: [ShareName: Target])
    /// Look into a share from the policy to a file's bytes, and tell what each check finds.
    case examine(Examination)
    /// Change a mount that stands.
    case change(StandingMount, MountChange)
    /// Measure an attached share; the credential is for private mounts of it with other profiles.
    case bench(BenchOrder, Credential?)
    /// Remove what a bench worker that was killed left at a target's root: the directory with this mark.
    case sweep(ShareName, Target, mountID: Int64, mark: String)
}

/// What a worker answers.
public indirect enum WorkerOutcome: Equatable, Sendable {
    /// Mounted: the new mount id, what was asked for, and the view that was laid over it.
    case attached(mountID: Int64, requestedOptions: [String: String], warnings: [String], view: StandingView? = nil)
    /// Unmounted, or was not there any more. `stillInUse` where a lazy detach left it to its users.
    case detached(stillInUse: Bool)
    /// The file system answered. `readAheadWas`: what somebody had made of its read-ahead, which was put right.
    case probed(latencyMicroseconds: Int64, ShareStatus.Capacity, readAheadWas: Int64? = nil, view: ViewReading? = nil)
    /// The kernel has the other credential.
    case renewed
    /// What there is to say about a share.
    case explained(Explanation)
    /// Looked into as far as it goes; what was found was told on the way.
    case examined
    /// The view was laid.
    case laid(StandingView)
    /// Remounted with other options.
    case remounted(requestedOptions: [String: String], warnings: [String])
    /// Programs that waited were given an error; `forGood` where the mount is of no more use, else new waits begin. `mountIDs`: all
    /// mounts of the same file system, which were all struck.
    case waitingEnded(forGood: Bool, mountIDs: [Int64])
    /// Measured: the report, as `share.bench` answers it.
    case benched(Value)
    /// Nothing of a killed bench is left.
    case swept
    /// It could not be done.
    case failed(Cause)
}
