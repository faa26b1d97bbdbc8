import ShareKinds
import ShareModel
import Testing

@testable import Worker

@Suite("The bench's arithmetic") struct BenchArithmeticTests {
    @Test(
        "medians and ranks",
        arguments: [
            ([], 0.0, 0, 0), ([7], 7.0, 7, 7), ([1, 3], 2.0, 1, 3), ([9, 1, 5], 5.0, 5, 9), (Array(1...100), 50.5, 50, 99),
            (Array(1...1000), 500.5, 500, 990),
        ] as [([Int64], Double, Int64, Int64)])
    func medians(values: [Int64], median: Double, half: Int64, high: Int64) {
        #expect(Statistics.median(values.map(Double.init)) == median)
        #expect(Statistics.rank(values.sorted(), percent: 50) == half)
        #expect(Statistics.rank(values.sorted(), percent: 99) == high)
    }

    @Test("a rate of no time is finite, and nothing measured is no reading")
    func rates() throws {
        #expect(Reading(.stat, count: 1, nanoseconds: 0).perSecond == 1_000_000)
        #expect(Reading(.stat, []) == nil)
        let reading = try #require(Reading(.latency, [2_000_000, 1_000_000, 3_000_000]))
        #expect(reading.perSecond == 500)
        #expect(reading.medianMicroseconds == 2000 && reading.p99Microseconds == 3000)
        #expect(reading.value["perSecond"]?.number == 500)
        #expect(reading.value["bytesPerSecond"] == nil)
    }

    @Test(
        "a leftover is known by its age, and a time that no clock shows is none; -2^63 from a server ended the worker",
        arguments: [
            (0, 3600, false), (0, 3601, true), (.min, 1_795_449_600, false), (.max, .min, false), (.min, 0, false), (.max, 0, false),
        ] as [(Int64, Int64, Bool)])
    func leftovers(modified: Int64, now: Int64, isLeftover: Bool) {
        #expect(BenchDirectory.isLeftover(modified, now: now) == isLeftover)
    }

    @Test("a ratio is of medians, above 1 for the faster one, and clear where the rounds do not overlap")
    func ratios() throws {
        let clear = try #require(Ratio(.list, own: [100, 110, 90], other: [300, 200, 220]))
        #expect(clear.percent == 220 && clear.isClear)
        let vague = try #require(Ratio(.list, own: [100, 110, 90], other: [150, 95, 120]))
        #expect(vague.percent == 120 && !vague.isClear)
        let slower = try #require(Ratio(.list, own: [100], other: [50]))
        #expect(slower.percent == 50 && slower.isClear)
        #expect(Ratio(.list, own: [], other: [1]) == nil)
    }

    private static func profile(_ profile: Share.Profile, _ ratios: [Ratio]) -> (Share.Profile, [Ratio], String) {
        (profile, ratios, "costs of \(profile.rawValue)")
    }

    @Test("twice as fast in one thing and half as fast in another are level")
    func geometricMean() {
        let level = [Ratio(.list, times: 2, isClear: true), Ratio(.stat, times: 0.5, isClear: true)]
        #expect(abs(Recommendation.overall(level) - 1) < 1e-9)
        #expect(Recommendation.overall([]) == 1)
    }

    @Test("nothing clearly better: keep what there is")
    func keep() {
        let slight = Self.profile(.throughput, [Ratio(.sequentialRead, times: 1.09, isClear: true)])
        let vague = Self.profile(.metadata, [Ratio(.list, times: 1.8, isClear: false)])
        let advice = Recommendation.make(own: .balanced, compared: [slight, vague])
        #expect(advice.profile == .balanced && advice.percent == 100 && advice.cost == nil)
        #expect(advice.sentence == "keep balanced: nothing is more than 10 % better over all")
        #expect(Recommendation.make(own: .coherent, compared: []).profile == .coherent)
    }

    @Test("the best over all is recommended, with its ratio, its greatest gain, its loss and its cost")
    func recommended() {
        let some = Self.profile(.throughput, [Ratio(.sequentialRead, times: 1.3, isClear: true)])
        let best = Self.profile(
            .metadata,
            [
                Ratio(.list, times: 4, isClear: true), Ratio(.stat, times: 2, isClear: true),
                Ratio(.sequentialRead, times: 0.8, isClear: true), Ratio(.latency, times: 0.5, isClear: false),
            ])
        let advice = Recommendation.make(own: .balanced, compared: [some, best])
        #expect(advice.profile == .metadata && advice.percent == 134 && advice.cost == "costs of metadata")
        #expect(
            advice.sentence
                == "metadata is 1.34 times as fast as balanced over all; most in listing: 4.00 times; it loses in sequential reading: 0.80 times"
        )
        #expect(advice.value["ratioPercent"]?.number == 134)
    }

    @Test("scattered places are all different until all were met", arguments: [1, 2, 3, 16, 100, 2048, 16384] as [Int64])
    func scatter(count: Int64) {
        var places = Scatter(count: count)
        var met: Set<Int64> = []
        for _ in 0..<count { met.insert(places.next()) }
        #expect(met == Set(0..<count))
    }

    @Test("each type says how it can be compared, and each profile what it costs", arguments: SourceType.allCases)
    func ways(type: SourceType) {
        if case .none(let why) = PrivateMount.way(to: type) { #expect(!why.isEmpty) }
        for profile in Share.Profile.allCases {
            #expect(!profile.cost(on: type, access: .rw).isEmpty && !profile.cost(on: type, access: .ro).isEmpty)
        }
    }

    @Test("what a profile is said to cost is what its table sets")
    func costs() {
        func actimeo(_ type: SourceType, writing: Bool) -> [String] {
            type.tunings.filter { $0.option == "actimeo" && $0.profiles.contains(.metadata) }.map(\.shownValue)
        }
        #expect(Share.Profile.metadata.cost(on: .nfs, access: .rw).contains("\(actimeo(.nfs, writing: true)[0]) s"))
        for (access, seconds) in zip([Share.Access.ro, .rw], actimeo(.smb, writing: false)) {
            #expect(Share.Profile.metadata.cost(on: .smb, access: access).contains("\(seconds) s"))
        }
    }

    @Test("only names of the right form are a bench's directory")
    func names() {
        #expect(BenchDirectory.isBenchName(Array(".shareagent-bench-0123456789abcdef".utf8)))
        for name in ["", ".shareagent-bench-", ".shareagent-bench-0123456789abcdeF", ".shareagent-bench-0123456789abcdef0", "data"] {
            #expect(!BenchDirectory.isBenchName(Array(name.utf8)))
        }
    }
}
