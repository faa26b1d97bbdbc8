import ShareModel

/// What is particular to one type of source. A new type is one file with a conformance, and one line in `shareKind(of:)`.
protocol ShareKind {
    /// The options a share or the policy may set by name.
    var natives: [NativeOption] { get }
    /// Options that exist and are not taken, with what to do instead.
    var refusals: [String: String] { get }
    /// Fills in file system, source and tuned options.
    func plan(_ draft: inout PlanDraft) throws(Cause)
    /// What a failure means for this type; nil: as for any file system.
    func reading(of failure: MountFailure, for plan: MountPlan) -> FailureReading?
}

extension ShareKind {
    var refusals: [String: String] { [:] }
    func reading(of failure: MountFailure, for plan: MountPlan) -> FailureReading? { nil }
}

/// The registry.
func shareKind(of source: Source) -> any ShareKind {
    switch source {
    case .virtiofs(let source): VirtiofsKind(source: source)
    case .nfs(let source): NFSKind(source: source)
    case .smb(let source): SMBKind(source: source)
    case .tmpfs(let source): TmpfsKind(source: source)
    case .image(let source): ImageKind(source: source)
    case .other(let type, _): UnsupportedKind(type: type)
    }
}

/// Types of the contract that this version cannot attach yet.
struct UnsupportedKind: ShareKind {
    let type: SourceType
    var natives: [NativeOption] { [] }

    func plan(_ draft: inout PlanDraft) throws(Cause) {
        throw Cause(
            .filesystemUnsupported,
            "share '\(draft.share.name)': sources of type \(type.rawValue) cannot be attached by this version of shareagent",
            remedy: ["offer the data as virtiofs, nfs or smb instead, or install a newer shareagent"])
    }
}
