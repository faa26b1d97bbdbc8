/// In which order names of one directory are changed so that each is free when it is wanted: chains from their end, circles by way of a
/// name that nobody has.
public struct RenameOrder {
    /// One change.
    public enum Step: Hashable, Sendable {
        /// This entry gets the name it is to have.
        case settle(Int)
        /// This entry gives way first: it gets a name of its own that nobody else has.
        case park(Int)
    }

    /// What to do, in this order.
    public private(set) var steps: [Step] = []
    /// Entries whose name is taken by somebody who does not go away.
    public private(set) var blocked: [Int] = []

    /// - Parameters:
    ///   - places: the names that entries have, each once.
    ///   - goals: those that they are to have, each once; some have them already.
    ///   - taken: other names in the directory.
    public init(places: [[UInt8]], goals: [[UInt8]], taken: Set<[UInt8]>) {
        var holders = Dictionary(zip(places, places.indices), uniquingKeysWith: { first, _ in first })
        var isOpen = places.indices.map { places[$0] != goals[$0] }
        let wanted = Dictionary(zip(goals, goals.indices), uniquingKeysWith: { first, _ in first })
        // Whoever wants a name that will not be free stays, and so does whoever wants theirs.
        var stuck = places.indices.filter { isOpen[$0] && taken.contains(goals[$0]) && holders[goals[$0]] == nil }
        while let index = stuck.popLast() {
            isOpen[index] = false
            blocked.append(index)
            if let next = wanted[places[index]], isOpen[next] { stuck.append(next) }
        }
        var ready = places.indices.filter { isOpen[$0] && holders[goals[$0]] == nil }.reversed() as [Int]
        var parked = Set<Int>()
        var search = places.startIndex
        while true {
            while let index = ready.popLast() {
                steps.append(.settle(index))
                isOpen[index] = false
                guard !parked.contains(index) else { continue }
                holders[places[index]] = nil
                if let next = wanted[places[index]], isOpen[next] { ready.append(next) }
            }
            while search < places.endIndex, !isOpen[search] { search += 1 }
            guard search < places.endIndex else { break }
            // What is left are circles.
            steps.append(.park(search))
            parked.insert(search)
            holders[places[search]] = nil
            if let next = wanted[places[search]], isOpen[next] { ready.append(next) }
            if ready.isEmpty { break }
        }
        blocked.sort()
    }
}
