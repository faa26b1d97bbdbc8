import Reconciler
import ShareModel
import Testing

@Suite("Health from probes")
struct HealthTests {
    private func record() -> HealthRecord { HealthRecord(now: clock(0).moment) }

    @Test("the first probe is due at once, the next an interval after its answer")
    func rhythm() {
        var record = record()
        #expect(record.nextProbe == clock(0).moment)
        record.answered(latencyMicroseconds: 300, capacity, now: clock(1), limits: limits)
        #expect(record.health == .ok)
        #expect(record.nextProbe == clock(16).moment)
    }

    @Test("an answer at the slow limit is slow, one just below it is not")
    func slow() {
        var record = record()
        record.answered(latencyMicroseconds: 999_999, capacity, now: clock(1), limits: limits)
        #expect(record.health == .ok)
        record.answered(latencyMicroseconds: 1_000_000, capacity, now: clock(2), limits: limits)
        #expect(record.health == .slow)
    }

    @Test("a probe that does not come back makes it stalled; two answers in a row, the second asked for at once, end that")
    func stalledAndBack() {
        var record = record()
        record.missed(Cause(.transportStalled, "silent"), now: clock(5).moment, limits: limits)
        #expect(record.health == .stalled)
        record.answered(latencyMicroseconds: 300, capacity, now: clock(30), limits: limits)
        #expect(record.health == .stalled)
        #expect(record.nextProbe == clock(30).moment)
        record.answered(latencyMicroseconds: 300, capacity, now: clock(30.1), limits: limits)
        #expect(record.health == .ok)
        #expect(record.cause == nil)
    }

    @Test("one stale handle is not believed, a second one ten seconds later is")
    func stale() {
        var record = record()
        let cause = Cause(.staleHandle, "stale")
        record.answered(latencyMicroseconds: 300, capacity, now: clock(0), limits: limits)
        record.failed(cause, now: clock(10).moment, limits: limits)
        #expect(record.health == .ok)
        record.failed(cause, now: clock(19.9).moment, limits: limits)
        #expect(record.health == .ok)
        record.failed(cause, now: clock(20).moment, limits: limits)
        #expect(record.health == .stale)
    }

    @Test("an answer between two stale handles starts the count anew")
    func staleInterrupted() {
        var record = record()
        let cause = Cause(.staleHandle, "stale")
        record.failed(cause, now: clock(10).moment, limits: limits)
        record.answered(latencyMicroseconds: 300, capacity, now: clock(12), limits: limits)
        record.failed(cause, now: clock(21).moment, limits: limits)
        #expect(record.health == .ok)
    }

    @Test("an error that says the other end is gone is unreachable")
    func unreachable() {
        var record = record()
        record.failed(Cause(.connectionLost, "host is down"), now: clock(3).moment, limits: limits)
        #expect(record.health == .unreachable)
        #expect(record.cause?.code == .connectionLost)
    }

    @Test("median and 99th percentile are of the newest 128 answers")
    func percentiles() throws {
        var record = record()
        for latency in 1...200 {
            record.answered(latencyMicroseconds: Int64(latency), capacity, now: clock(Double(latency)), limits: limits)
        }
        let readings = try #require(record.readings)
        #expect(readings.latencyMicroseconds == 200)
        #expect(readings.median == 137)  // of 73…200
        #expect(readings.p99 == 199)
    }
}
