import ShareModel
import Testing

@testable import HostPeer

@Suite("Revisions")
struct RevisionsTests {
    @Test("a revision only grows, whatever the clock does")
    func monotonic() {
        var random = SystemRandomNumberGenerator()
        let seed = UInt64.random(in: .min ... .max, using: &random)
        var generator = Generator(state: seed)
        var revisions = Revisions()
        var last: Int64 = 0
        for _ in 0..<2_000 {
            let clock = Timestamp(milliseconds: Int64.random(in: 0...1 << 41, using: &generator))
            let next = revisions.next(now: clock, above: Int64.random(in: 0...1 << 41, using: &generator))
            #expect(next > last, "seed \(seed)")
            last = next
        }
    }

    @Test("a later start gives higher revisions than an earlier one, without a file")
    func overRestarts() {
        var before = Revisions()
        let known = (0..<50).map { _ in before.next(now: Timestamp(milliseconds: 1_000_000)) }.max() ?? 0
        var after = Revisions()
        #expect(after.next(now: Timestamp(milliseconds: 1_000_100)) > known)
    }

    @Test("what a guest knows is passed, as long as it can be believed")
    func aboveGuest() {
        var revisions = Revisions()
        #expect(revisions.next(now: Timestamp(milliseconds: 10), above: Revisions.believable) == Revisions.believable + 1)
        var others = Revisions()
        #expect(others.next(now: Timestamp(milliseconds: 10), above: Revisions.believable + 1) == 10)
        #expect(others.next(now: Timestamp(milliseconds: 10), above: .max) == 11)
    }
}

/// SplitMix64: the same numbers for the same seed, everywhere.
struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
