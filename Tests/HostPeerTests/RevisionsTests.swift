import ShareModel
import Testing

@testable import HostPeer

@Suite("Revisions")
struct RevisionsTests {
    @Test("each VM's revision only grows, whatever the clock does and its guest tells")
    func monotonic() {
        var random = SystemRandomNumberGenerator()
        let seed = UInt64.random(in: .min ... .max, using: &random)
        var generator = Generator(state: seed)
        var revisions = Revisions()
        var last: [Int64] = [0, 0, 0]
        for _ in 0..<2_000 {
            let clock = Timestamp(milliseconds: Int64.random(in: 0...1 << 41, using: &generator))
            let machine = Int.random(in: last.indices, using: &generator)
            let told = Bool.random(using: &generator) ? Int64.random(in: 0...1 << 41, using: &generator) : 0
            let next = revisions.next(now: clock, above: max(last[machine], told))
            #expect(next > last[machine] && next > told, "seed \(seed)")
            last[machine] = next
        }
    }

    @Test("a later start gives higher revisions than an earlier one, without a file")
    func overRestarts() {
        var before = Revisions()
        let known = (0..<50).map { _ in before.next(now: Timestamp(milliseconds: 1_000_000)) }.max() ?? 0
        var after = Revisions()
        #expect(after.next(now: Timestamp(milliseconds: 1_000_100)) > known)
    }

    @Test("what a guest knows raises the revision of its own VM, and of no other")
    func aboveGuest() {
        var revisions = Revisions()
        #expect(revisions.next(now: Timestamp(milliseconds: 10), above: 1 << 52) == 1 << 52 + 1)
        #expect(revisions.next(now: Timestamp(milliseconds: 10)) == 11)
        #expect(revisions.next(now: Timestamp(milliseconds: 1_000)) == 1_000)
    }

    @Test("a guest is believed a century ahead of the wall clock: a clock that begins at 1970 is no trouble, and 2^52 is no host's")
    func believable() throws {
        let now = try #require(Timestamp("2026-11-23T16:00:00Z"))
        #expect(Revisions.isBelievable(now.milliseconds, now: Timestamp(milliseconds: 0)))
        #expect(Revisions.isBelievable(now.milliseconds + Revisions.horizonMs, now: now))
        #expect(!Revisions.isBelievable(now.milliseconds + Revisions.horizonMs + 1, now: now))
        #expect(!Revisions.isBelievable(1 << 52, now: now))
        #expect(!Revisions.isBelievable(.max, now: now))
    }

    @Test("an offer that is passed over without a word leaps ahead twice as far each time, past any clock of ours, and not for ever")
    func leaps() throws {
        let epoch = Timestamp(milliseconds: 0)
        let today = try #require(Timestamp("2026-11-23T16:00:00Z"))
        var offers: [Int64] = [0]
        while let next = Revisions.leap(from: offers[offers.count - 1], now: epoch) { offers.append(next) }
        #expect(offers.prefix(4) == [0, 86_400_000, 172_800_000, 345_600_000])
        #expect(offers.count == 17)
        #expect(offers.contains { $0 > today.milliseconds })
        #expect(offers.allSatisfy { Revisions.isBelievable($0, now: epoch) })
        // One that was made long ago begins at the clock.
        #expect(Revisions.leap(from: 1_000, now: today) == today.milliseconds + Revisions.firstLeapMs)
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
