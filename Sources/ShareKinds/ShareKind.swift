public import ShareModel

/// What is particular to one type of source. A new type is one file with a conformance, and one line in `shareKind(of:)`.
protocol ShareKind {
    /// What is tuned, in order.
    static var tunings: [Tuning] { get }
    /// The options a share or the policy may set by name.
    var natives: [NativeOption] { get }
    /// Options that exist and are not taken, with what to do instead.
    var refusals: [String: String] { get }
    /// Fills in file system, source and tuned options.
    func plan(_ draft: inout PlanDraft) throws(Cause)
    /// What a failure means for this type; nil: as for any file system.
    func reading(of failure: MountFailure, for plan: MountPlan) -> FailureReading?
    /// Whether the kernel itself mounts it and can be asked about its options.
    var isOfKernel: Bool { get }
    /// What is in force of an option, where it stands under another name or elsewhere than in the mount table; nil: as for any type.
    func effective(_ option: TunedOption, in readBack: ReadBack) -> String?
    /// Why what is in force is not what was asked for, and what changes that; nil where the type does not know.
    func difference(of option: TunedOption, effective: String, in readBack: ReadBack) -> String?
    /// What kernel and server agreed upon, beside the options.
    func negotiated(_ readBack: ReadBack, for share: Share) -> [Explanation.Fact]
    /// What an option means that is in force and nobody asked for.
    func kernelReason(for name: String) -> String?
    /// Options that the kernel shows and that need no explanation.
    var shownBesides: [String] { get }
}

extension ShareKind {
    var refusals: [String: String] { [:] }
    var isOfKernel: Bool { true }
    func reading(of failure: MountFailure, for plan: MountPlan) -> FailureReading? { nil }
}

/// A path's steps without those that lead nowhere, `//` and `/./`, as kernels and servers repeat it. `..` stays: past a symbolic link only
/// the server knows where it leads.
func withoutIdleSteps(_ path: String) -> [UInt8] {
    let slash = UInt8(ascii: "/")
    return Array(path.utf8.split(separator: slash).filter { !$0.elementsEqual(".".utf8) }.joined(separator: [slash]))
}

/// The registry.
func shareKind(of source: Source) -> any ShareKind {
    switch source {
    case .virtiofs(let source): VirtiofsKind(source: source)
    case .nfs(let source): NFSKind(source: source)
    case .smb(let source): SMBKind(source: source)
    case .tmpfs(let source): TmpfsKind(source: source)
    case .image(let source): ImageKind(source: source)
    case .ninep(let source): NinePKind(source: source)
    case .cephfs(let source): CephFSKind(source: source)
    case .glusterfs(let source): GlusterFSKind(source: source)
    }
}

extension SourceType {
    /// The type's tuning table: what a plan sets of its own accord, in order, later rows over earlier ones.
    public var tunings: [Tuning] {
        switch self {
        case .virtiofs: VirtiofsKind.tunings
        case .nfs: NFSKind.tunings
        case .smb: SMBKind.tunings
        case .tmpfs: TmpfsKind.tunings
        case .image: ImageKind.tunings
        case .ninep: NinePKind.tunings
        case .cephfs: CephFSKind.tunings
        case .glusterfs: GlusterFSKind.tunings
        }
    }
}
