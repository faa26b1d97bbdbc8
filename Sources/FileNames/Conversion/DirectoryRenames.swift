/// Which names of one directory can become what they are wished to be. Depends on the set of names alone, not on their order.
public struct DirectoryRenames {
    /// A name and what it becomes.
    public struct Rename: Hashable, Sendable {
        /// The name now.
        public let from: [UInt8]
        /// The name then.
        public let to: [UInt8]
        /// Why.
        public let reason: NameConversion.Reason

        /// From its parts.
        public init(from: [UInt8], to: [UInt8], reason: NameConversion.Reason) {
            (self.from, self.to, self.reason) = (from, to, reason)
        }
    }

    /// A name that cannot have the one it is wished to have.
    public struct Collision: Hashable, Sendable {
        /// The name, which stays.
        public let from: [UInt8]
        /// What it would have become.
        public let to: [UInt8]
        /// Whose name that is, or which other one would become it, too.
        public let with: [UInt8]
    }

    /// What can be done, in the order of the names now. No two become the same, and none becomes a name that stays.
    public private(set) var renames: [Rename] = []
    /// What cannot, in the order of the names now.
    public private(set) var collisions: [Collision] = []

    /// Resolves the wishes of a directory.
    /// - Parameters:
    ///   - wishes: each `from` once.
    ///   - taken: names of the directory that are somebody's `to`; those that are a `from` themselves do not matter.
    ///   - suffixes: whether of several that would be alike all but one get `stem~hash.ext`, as in a view; else all of them stay.
    ///   - longest: the longest name, in bytes.
    public init(_ wishes: [Rename], taken: Set<[UInt8]>, suffixes: Bool = false, longest: Int = NamesPolicy.usualLongest) {
        var going = Dictionary(wishes.map { ($0.from, $0) }, uniquingKeysWith: { first, _ in first })
        var staying = taken.subtracting(going.keys)
        var open = Array(going.values)
        // A name that stays after all may stand in the way of another one.
        while !open.isEmpty {
            var stopped: [Collision] = []
            for (to, group) in Dictionary(grouping: going.values, by: \.to) where group.count > 1 || staying.contains(to) {
                let group = group.sorted { $0.from.lexicographicallyPrecedes($1.from) }
                let isTaken = staying.contains(to)
                for (place, rename) in group.enumerated() where !suffixes || isTaken || place > 0 {
                    let other = isTaken ? to : group[place == 0 ? 1 : 0].from
                    stopped.append(Collision(from: rename.from, to: to, with: other))
                }
            }
            for collision in stopped { going[collision.from] = nil }
            if suffixes {
                place(stopped, among: &going, &staying, wishes, longest)
            } else {
                collisions += stopped
                for collision in stopped { staying.insert(collision.from) }
            }
            open = stopped.isEmpty ? [] : Array(going.values)
        }
        renames = going.values.sorted { $0.from.lexicographicallyPrecedes($1.from) }
        collisions.sort { $0.from.lexicographicallyPrecedes($1.from) }
    }

    /// Gives each of them a name with a suffix.
    private mutating func place(
        _ stopped: [Collision], among going: inout [[UInt8]: Rename], _ staying: inout Set<[UInt8]>, _ wishes: [Rename], _ longest: Int
    ) {
        guard !stopped.isEmpty else { return }
        let reasons = Dictionary(wishes.map { ($0.from, $0.reason) }, uniquingKeysWith: { first, _ in first })
        // Names that go away count as taken, too: a suffix is seldom worth waiting for one.
        var used = staying.union(going.values.map(\.to)).union(wishes.map(\.from))
        for collision in stopped.sorted(by: { $0.from.lexicographicallyPrecedes($1.from) }) {
            let name = SuffixedName.candidates(of: collision.to, source: collision.from, longest: longest).first { !used.contains($0) }
            if let name {
                used.insert(name)
                going[collision.from] = Rename(from: collision.from, to: name, reason: reasons[collision.from] ?? .charset)
            } else {
                collisions.append(collision)
                staying.insert(collision.from)
            }
        }
    }
}
