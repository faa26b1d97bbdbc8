import Testing

@testable import LinuxSystem

@Suite struct TimerQueueTests {
    @Test("whatever is set and cancelled, what remains comes out in the order of deadlines")
    func property() {
        for round in UInt64(0)..<20 {
            let seed = 0xA5_0000 + round
            var random = SeededGenerator(seed: seed)
            var queue = TimerQueue()
            var wanted: [UInt64: Int64] = [:]
            var came: [(deadline: Int64, number: UInt64)] = []
            for _ in 0..<400 {
                if random.next() % 3 == 0, let victim = wanted.keys.sorted().randomElement(using: &random) {
                    queue.cancel(victim)
                    wanted[victim] = nil
                } else {
                    let deadline = Int64(random.next() % 50)
                    let number = queue.newest + 1
                    let given = queue.insert(MonotonicTime(nanoseconds: deadline)) { came.append((deadline, number)) }
                    #expect(given == number)
                    wanted[number] = deadline
                }
            }
            #expect(queue.count == wanted.count, "seed \(seed)")
            while let action = queue.takeDue(at: MonotonicTime(nanoseconds: 49), upTo: queue.newest) { action() }
            let expected = wanted.sorted { ($0.value, $0.key) < ($1.value, $1.key) }.map(\.key)
            #expect(came.map(\.number) == expected, "seed \(seed)")
            #expect(queue.earliest() == nil)
        }
    }

    @Test("a deadline that is pushed back a thousand times does not make the heap grow")
    func sweep() {
        var queue = TimerQueue()
        var token = queue.insert(MonotonicTime(nanoseconds: 1)) {}
        for round in 2...1000 {
            queue.cancel(token)
            token = queue.insert(MonotonicTime(nanoseconds: Int64(round))) {}
        }
        #expect(queue.count == 1)
        #expect(queue.heapCount <= 18)
        #expect(queue.earliest() == MonotonicTime(nanoseconds: 1000))
    }

    @Test("what is not due, or was set after the limit, stays")
    func limits() {
        var queue = TimerQueue()
        let first = queue.insert(MonotonicTime(nanoseconds: 10)) {}
        #expect(queue.takeDue(at: MonotonicTime(nanoseconds: 9), upTo: first) == nil)
        #expect(queue.takeDue(at: MonotonicTime(nanoseconds: 10), upTo: first - 1) == nil)
        #expect(queue.takeDue(at: MonotonicTime(nanoseconds: 10), upTo: first) != nil)
    }
}

@Suite struct MonotonicTimeTests {
    @Test("adding and subtracting durations")
    func arithmetic() {
        let time = MonotonicTime(nanoseconds: 5_000_000_000)
        #expect(time + .milliseconds(1500) == MonotonicTime(nanoseconds: 6_500_000_000))
        #expect(time + .milliseconds(-1500) == MonotonicTime(nanoseconds: 3_500_000_000))
        #expect(time - MonotonicTime(nanoseconds: 7_000_000_000) == .seconds(-2))
    }

    @Test("beyond the range it saturates instead of trapping")
    func saturates() {
        #expect(MonotonicTime.now() + .seconds(Int64.max) == .distantFuture)
        #expect(MonotonicTime.distantFuture + .seconds(1) == .distantFuture)
        #expect(MonotonicTime(nanoseconds: .min) + .seconds(-1) == MonotonicTime(nanoseconds: .min))
        #expect(Duration.seconds(Int64.min).wholeNanoseconds == .min)
    }

    @Test("the clocks go forward, and the wall clock says a year of this century")
    func clocks() {
        let first = MonotonicTime.now()
        #expect(MonotonicTime.now() >= first)
        #expect((1_500_000_000_000..<4_102_444_800_000).contains(WallTime.now().milliseconds))
    }
}
