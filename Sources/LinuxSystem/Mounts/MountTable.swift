/// What is mounted where: /proc/self/mountinfo at one moment, in the kernel's order (a mount comes after the one it stands on).
///
/// Reading it touches no file system: it answers at once however many shares hang.
public struct MountTable: Sendable, Equatable {
    /// All mounts, as the kernel lists them.
    public let entries: [MountEntry]
    private let positions: [UInt64: Int]

    /// A table of these mounts, for tests and for what was parsed elsewhere.
    public init(entries: [MountEntry]) {
        self.entries = entries
        var positions: [UInt64: Int] = [:]
        positions.reserveCapacity(entries.count)
        for (position, entry) in entries.enumerated() { positions[entry.mountID] = position }
        self.positions = positions
    }

    /// The mount with this id.
    public func entry(id: UInt64) -> MountEntry? {
        positions[id].map { entries[$0] }
    }

    /// All mounts whose target is exactly `target`, lowest first; more than one where mounts are stacked.
    public func entries(at target: [UInt8]) -> [MountEntry] {
        entries.filter { $0.target == target }
    }

    /// The mount that a path walk to `target` ends on: the one at `target` on which no other one at `target` stands.
    public func topmost(at target: [UInt8]) -> MountEntry? {
        let stack = entries(at: target)
        // The kernel lists in tree order, but a mount that was moved here can come before the one it now stands on.
        return stack.last { candidate in
            !stack.contains { $0.parentID == candidate.mountID && $0.mountID != candidate.mountID }
        }
    }

    /// The mounts that stand directly on the mount with this id.
    public func children(of id: UInt64) -> [MountEntry] {
        entries.filter { $0.parentID == id && $0.mountID != id }
    }

    /// Whether both list the same mounts in the same order.
    public static func == (left: MountTable, right: MountTable) -> Bool {
        left.entries == right.entries
    }
}
