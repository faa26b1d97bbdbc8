import Testing

@testable import HostPeer

@Suite("What one guest may cause")
struct AllowanceTests {
    @Test("a burst is free, a debt has to be waited off, and waiting pays it")
    func debt() {
        var allowance = Allowance(capacity: 1000, perSecond: 100, now: 0)
        allowance.pay(1000, now: 0)
        #expect(allowance.wait(now: 0) == 0)
        allowance.pay(50, now: 0)
        let wait = allowance.wait(now: 0)
        #expect((500...501).contains(wait))
        #expect(allowance.wait(now: wait) == 0)
    }

    @Test("what is saved up has a limit, and a clock that stands still or is asked twice adds nothing")
    func capacity() {
        var allowance = Allowance(capacity: 1000, perSecond: 100, now: 0)
        allowance.pay(1500, now: 3_600_000)
        #expect(allowance.wait(now: 3_600_000) == 5_001)
        #expect(allowance.wait(now: 3_600_000) == 5_001)
    }

    @Test("a guest writes a burst of log lines, then one an interval, and is told how many were left out")
    func lines() {
        var budget = LineBudget()
        let first = (0..<LineBudget.burst).map { _ in budget.take(now: 0).allowed }
        #expect(first.allSatisfy { $0 })
        #expect(budget.take(now: 0) == (false, 0))
        #expect(budget.take(now: LineBudget.intervalMs - 1) == (false, 0))
        #expect(budget.take(now: LineBudget.intervalMs) == (true, 2))
        #expect(budget.take(now: LineBudget.intervalMs) == (false, 0))
        #expect(budget.take(now: 2 * LineBudget.intervalMs) == (true, 1))
    }
}
