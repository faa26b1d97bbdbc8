public import ShareModel

/// One line of the kernel's mount table.
public struct ObservedMount: Equatable, Sendable {
    /// mountinfo[1]: unique while mounted, reused afterwards.
    public let mountID: Int64
    /// mountinfo[5]
    public let target: [UInt8]
    /// mountinfo[9]
    public let fstype: String
    /// mountinfo[10]
    public let source: [UInt8]
    /// mountinfo[6] and [11]
    public let options: ObservedOptions

    /// A line.
    public init(mountID: Int64, target: [UInt8], fstype: String, source: [UInt8], options: ObservedOptions) {
        self.mountID = mountID
        self.target = target
        self.fstype = fstype
        self.source = source
        self.options = options
    }
}

/// What the kernel says is true: the mount table, in its own order. Never merged with what is desired.
public struct ObservedState: Equatable, Sendable {
    private let byID: [Int64: ObservedMount]
    private let topByTarget: [[UInt8]: Int64]

    /// A table; of several mounts on one target the last one listed is on top.
    public init(_ mounts: [ObservedMount]) {
        byID = Dictionary(mounts.map { ($0.mountID, $0) }, uniquingKeysWith: { $1 })
        topByTarget = Dictionary(mounts.map { ($0.target, $0.mountID) }, uniquingKeysWith: { $1 })
    }

    /// The mount of an id.
    public subscript(mountID: Int64) -> ObservedMount? { byID[mountID] }

    /// What a program that walks to a target finds there.
    public func top(at target: Target) -> ObservedMount? {
        topByTarget[target.bytes].flatMap { byID[$0] }
    }
}
