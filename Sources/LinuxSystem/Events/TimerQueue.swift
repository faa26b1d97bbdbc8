/// What is to be done when: a binary heap of deadlines beside the actions, which a cancellation removes at once.
///
/// Two timers of one deadline run in the order in which they were set.
struct TimerQueue {
    private struct Due {
        let deadline: MonotonicTime
        let number: UInt64

        func isBefore(_ other: Due) -> Bool {
            deadline != other.deadline ? deadline < other.deadline : number < other.number
        }
    }

    private var heap: [Due] = []
    private var actions: [UInt64: () -> Void] = [:]
    private var last: UInt64 = 0

    /// How many timers are set.
    var count: Int { actions.count }

    /// How many places the heap takes, cancelled ones that are not yet swept included. For tests.
    var heapCount: Int { heap.count }

    /// The number that the newest timer got. Timers set later have a higher one.
    var newest: UInt64 { last }

    mutating func insert(_ deadline: MonotonicTime, _ action: @escaping () -> Void) -> UInt64 {
        last += 1
        actions[last] = action
        heap.append(Due(deadline: deadline, number: last))
        rise(from: heap.count - 1)
        return last
    }

    mutating func cancel(_ number: UInt64) {
        guard actions.removeValue(forKey: number) != nil else { return }
        // A deadline that is pushed back again and again (a session's watchdog) must not grow the heap without bound.
        if heap.count > 2 * actions.count + 16 {
            heap.removeAll { actions[$0.number] == nil }
            heap.sort { $0.isBefore($1) }
        }
    }

    /// The earliest deadline that is still wanted.
    mutating func earliest() -> MonotonicTime? {
        while let top = heap.first {
            if actions[top.number] != nil { return top.deadline }
            removeTop()
        }
        return nil
    }

    /// Takes out the earliest action that is due at `now` and was set no later than the timer `limit`.
    mutating func takeDue(at now: MonotonicTime, upTo limit: UInt64) -> (() -> Void)? {
        guard let deadline = earliest(), deadline <= now, let top = heap.first, top.number <= limit else { return nil }
        removeTop()
        return actions.removeValue(forKey: top.number)
    }

    private mutating func removeTop() {
        let end = heap.removeLast()
        guard !heap.isEmpty else { return }
        heap[0] = end
        sink(from: 0)
    }

    private mutating func rise(from start: Int) {
        var index = start
        while index > 0 {
            let parent = (index - 1) / 2
            guard heap[index].isBefore(heap[parent]) else { return }
            heap.swapAt(index, parent)
            index = parent
        }
    }

    private mutating func sink(from start: Int) {
        var index = start
        while true {
            var least = index
            for child in [2 * index + 1, 2 * index + 2] where child < heap.count && heap[child].isBefore(heap[least]) {
                least = child
            }
            guard least != index else { return }
            heap.swapAt(index, least)
            index = least
        }
    }
}
