/// The next directories of a directory in the order of their names, however many it has: those behind a name, at most so many.
struct SubdirectoryBatch {
    private let after: [UInt8]?
    private let limit: Int
    private var names: [[UInt8]] = []
    private var ceiling: [UInt8]?

    /// Names that are held at a time: some megabytes.
    static let standardLimit = 32_768

    init(after: [UInt8]?, limit: Int = Self.standardLimit) {
        (self.after, self.limit) = (after, limit)
    }

    mutating func add(_ name: [UInt8]) {
        if let after, !after.lexicographicallyPrecedes(name) { return }
        if let ceiling, !name.lexicographicallyPrecedes(ceiling) { return }
        names.append(name)
        if names.count >= limit * 2 { shorten() }
    }

    private mutating func shorten() {
        names.sort { $0.lexicographicallyPrecedes($1) }
        guard names.count > limit else { return }
        ceiling = names[limit]
        names.removeLast(names.count - limit)
    }

    /// The batch, last name first, and whether more come behind it.
    consuming func taken() -> (reversed: [[UInt8]], hasMore: Bool) {
        shorten()
        return (names.reversed(), ceiling != nil)
    }
}
