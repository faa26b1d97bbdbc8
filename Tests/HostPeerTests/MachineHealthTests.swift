import ShareModel
import Testing

@testable import HostPeer

@Suite("What a guest tells")
struct MachineHealthTests {
    @Test("the newest report stands, with everything that was said")
    func newestStands() throws {
        var health = MachineHealth()
        _ = try health.take(report: Reports.report([Reports.share("a")]), at: Timestamp(milliseconds: 1))
        let problems = try health.take(
            report: Reports.report([Reports.share("b", more: [.init("novelty", 7)])]), at: Timestamp(milliseconds: 2))
        #expect(problems.isEmpty)
        #expect(health.shares.map(\.status.name) == ["b"])
        #expect(health.shares.first?.value["novelty"] == 7)
        #expect(health.lastReportAt == Timestamp(milliseconds: 2))
        #expect(health.agent?.pid == 4711)
    }

    @Test("a share that cannot be read is left out and told; the others are kept")
    func partly() throws {
        var health = MachineHealth()
        let broken = Value.object([.init("name", "x"), .init("state", "levitating"), .init("health", "ok")])
        let problems = try health.take(
            report: Reports.report([Reports.share("a"), broken, Reports.share("a"), Reports.share("c"), 5]), at: Timestamp(milliseconds: 1))
        #expect(health.shares.map(\.status.name) == ["a", "c"])
        #expect(problems.map(\.path) == ["params.shares[1].state", "params.shares[2].name", "params.shares[4]"])
    }

    @Test("a report that cannot be used as a whole changes nothing")
    func unusable() throws {
        var health = MachineHealth()
        _ = try health.take(report: Reports.report([Reports.share("a")]), at: Timestamp(milliseconds: 1))
        let before = health
        let bad: [Value] = [.object([]), .object(["agent": Reports.agent]), .object(["agent": 1, "shares": .array([])]), "x"]
        for params in bad {
            #expect(throws: FieldProblem.self) { try health.take(report: params, at: Timestamp(milliseconds: 2)) }
            #expect(health == before)
        }
    }

    @Test("a report holds as many shares as a catalog, and no more")
    func shareLimit() throws {
        let most = (0..<MachineHealth.Limits.shares).map { Reports.share("s\($0)") }
        var health = MachineHealth()
        _ = try health.take(report: Reports.report(most), at: Timestamp(milliseconds: 1))
        #expect(health.shares.count == 1024)
        #expect(throws: FieldProblem(path: "params.shares", message: "has at most 1024 entries, not 1025")) {
            try health.take(report: Reports.report(most + [Reports.share("one-more")]), at: Timestamp(milliseconds: 2))
        }
    }

    @Test("a name may be as long as the limit")
    func nameLimit() throws {
        var health = MachineHealth()
        let longest = String(repeating: "n", count: MachineHealth.Limits.nameBytes)
        // Sixteen characters that are shown by eight each fill it too.
        let hidden = String(repeating: "\u{200B}", count: MachineHealth.Limits.nameBytes / 8)
        let shares = [longest, longest + "n", hidden, hidden + "n"].map { Reports.share($0) }
        let problems = try health.take(report: Reports.report(shares), at: Timestamp(milliseconds: 1))
        #expect(health.shares.map(\.status.name) == [longest, hidden])
        #expect(problems.map(\.message) == ["is too long", "is too long"])
    }

    @Test("two names that are shown alike are one name told twice, in events too")
    func namesShownAlike() throws {
        var health = MachineHealth()
        let problems = try health.take(
            report: Reports.report([Reports.share("a\u{200B}"), Reports.share("a\\u{200b}"), Reports.share("a")]),
            at: Timestamp(milliseconds: 1))
        #expect(health.shares.map(\.shownName) == ["a\\u{200b}", "a"])
        #expect(problems == [FieldProblem(path: "params.shares[1].name", message: "'a\\u{200b}' is told twice")])
        try health.take(event: Reports.event("a\\u{200b}", "2026-11-23T16:00:05Z", from: ("attached", "ok"), to: ("attached", "slow")))
        #expect(health.shares.map(\.status.health) == [.slow, .ok])
    }

    @Test("a type and a version are no longer than labels bear, whatever was said")
    func clipped() throws {
        var health = MachineHealth()
        let long = Value.string("nfs\u{1B}" + String(repeating: "x", count: 60_000))
        guard case .object(let members) = Reports.share("a") else { return }
        let share = Value.object(members.map { $0.key == "type" ? .init("type", long) : $0 })
        let agent = Reports.agent(pid: 1, version: String(repeating: "1", count: 60_000))
        let problems = try health.take(report: Reports.report([share], agent: agent), at: Timestamp(milliseconds: 1))
        #expect(problems.isEmpty)
        #expect(health.shares.first?.status.type == "nfs\\u{1b}xxxx…")
        #expect(health.shares.first?.value["type"] == "nfs\\u{1b}xxxx…")
        #expect(health.agent?.version == String(repeating: "1", count: 61) + "…")
        #expect(health.agentValue?["version"]?.text == health.agent?.version)
    }

    @Test("what a newer agent says of itself is handed on while it is short, and of a share what is not nested deep")
    func additions() throws {
        var health = MachineHealth()
        guard case .object(let known) = Reports.agent else { return }
        func deep(_ levels: Int) -> Value { (0..<levels).reduce(Value.integer(7)) { held, _ in .array([held]) } }
        let share = Reports.share("a", more: [.init("novelty", deep(7)), .init("burrow", deep(8))])
        let agent = Value.object(known + [.init("novelty", 7), .init("burrow", deep(8))])
        _ = try health.take(report: Reports.report([share], agent: agent), at: Timestamp(milliseconds: 1))
        #expect(health.shares.first?.value["novelty"] == deep(7))
        #expect(health.shares.first?.value["burrow"] != deep(8))
        #expect(health.shares.first?.value["options"]?["effective"] == .object([]))
        #expect(health.agentValue?["novelty"] == 7)
        #expect(health.agentValue?["burrow"] != deep(8))
        let talkative = Value.object(known + [.init("novelty", .string(String(repeating: "x", count: 2_000)))])
        _ = try health.take(report: Reports.report([share], agent: talkative), at: Timestamp(milliseconds: 1))
        #expect(health.agentValue == Reports.agent)
    }

    @Test("an event brings its share up to date, also in what is handed on")
    func events() throws {
        var health = MachineHealth()
        _ = try health.take(report: Reports.report([Reports.share("a"), Reports.share("b")]), at: Timestamp(milliseconds: 1))
        let cause = Cause(.transportStalled, "no answer for 5 s")
        try health.take(
            event: Reports.event("a", "2026-11-23T16:00:05.000Z", from: ("attached", "ok"), to: ("attached", "stalled"), cause: cause))
        let share = try #require(health.shares.first)
        #expect(share.status.health == .stalled)
        #expect(share.status.cause == cause)
        #expect(share.value["health"] == "stalled")
        #expect(share.value["since"] == "2026-11-23T16:00:05.000Z")
        #expect(share.value["cause"]?["code"] == "transport-stalled")
        #expect(health.shares.last?.status.health == .ok)

        try health.take(event: Reports.event("a", "2026-11-23T16:00:09.000Z", from: ("attached", "stalled"), to: ("attached", "ok")))
        #expect(health.shares.first?.value["cause"] == nil)
        #expect(health.shares.first?.status.cause == nil)
    }

    @Test("the newest 64 events are kept, those of unknown shares too")
    func eventLimit() throws {
        var health = MachineHealth()
        for index in 0..<(MachineHealth.Limits.events + 6) {
            try health.take(
                event: Reports.event("s\(index)", "2026-11-23T16:00:05Z", from: ("offered", "unknown"), to: ("failed", "unknown")))
        }
        #expect(health.events.count == 64)
        #expect(health.events.first?.share == "s6")
        #expect(health.events.last?.share == "s69")
        #expect(health.shares.isEmpty)
    }

    @Test("how long an attach took is learned from its two events, by the guest's clock")
    func attachTime() throws {
        var health = MachineHealth()
        _ = try health.take(report: Reports.report([Reports.share("a")]), at: Timestamp(milliseconds: 1))
        try health.take(event: Reports.event("a", "2026-11-23T16:00:05.000Z", from: ("offered", "unknown"), to: ("attaching", "unknown")))
        #expect(health.memories["a"]?.attachMs == nil)
        try health.take(event: Reports.event("a", "2026-11-23T16:00:06.250Z", from: ("attaching", "unknown"), to: ("attached", "ok")))
        #expect(health.memories["a"]?.attachMs == 1250)
        try health.take(event: Reports.event("a", "2026-11-23T17:00:00Z", from: ("attached", "ok"), to: ("attached", "stalled")))
        #expect(health.memories["a"]?.attachMs == 1250)
    }

    @Test("the first attach of a share is timed although no report has the share when it begins")
    func firstAttachTime() throws {
        var health = MachineHealth()
        _ = try health.take(report: Reports.report([]), at: Timestamp(milliseconds: 1))
        try health.take(event: Reports.event("a", "2026-11-23T16:00:05.000Z", from: ("offered", "unknown"), to: ("attaching", "unknown")))
        _ = try health.take(report: Reports.report([Reports.share("a", state: .attaching)]), at: Timestamp(milliseconds: 2))
        try health.take(event: Reports.event("a", "2026-11-23T16:00:06.250Z", from: ("attaching", "unknown"), to: ("attached", "ok")))
        #expect(health.memories["a"]?.attachMs == 1250)
    }

    @Test("so is one that is over before any report has the share, and names that no report takes up are forgotten")
    func unreportedNames() throws {
        var health = MachineHealth()
        _ = try health.take(report: Reports.report([]), at: Timestamp(milliseconds: 1))
        for index in 0..<(MachineHealth.Limits.memories + 6) {
            let name = "s\(index)"
            try health.take(event: Reports.event(name, "2026-11-23T16:00:05Z", from: ("offered", "unknown"), to: ("attaching", "unknown")))
            try health.take(event: Reports.event(name, "2026-11-23T16:00:06Z", from: ("attaching", "unknown"), to: ("attached", "ok")))
        }
        #expect(health.memories.count == MachineHealth.Limits.memories)
        _ = try health.take(report: Reports.report([Reports.share("s3")]), at: Timestamp(milliseconds: 2))
        #expect(health.memories.keys.sorted() == ["s3"])
        #expect(health.memories["s3"]?.attachMs == 1000)
    }

    @Test("an attach that an agent before this one began has no end")
    func interruptedAttach() throws {
        var health = MachineHealth()
        _ = try health.take(report: Reports.report([Reports.share("a")]), at: Timestamp(milliseconds: 1))
        try health.take(event: Reports.event("a", "2026-11-23T16:00:05Z", from: ("offered", "unknown"), to: ("attaching", "unknown")))
        _ = try health.take(
            report: Reports.report([Reports.share("a")], agent: Reports.agent(pid: 4712)), at: Timestamp(milliseconds: 2))
        try health.take(event: Reports.event("a", "2026-11-23T17:00:00Z", from: ("detached", "unknown"), to: ("attached", "ok")))
        #expect(health.memories["a"]?.attachMs == nil)
    }

    @Test("a probe is counted once, however often it is reported, and forgotten with its share")
    func probes() throws {
        var health = MachineHealth()
        for (at, latency) in [
            ("2026-11-23T16:00:00Z", 100), ("2026-11-23T16:00:00Z", 100), ("2026-11-23T16:00:15Z", 101),
            ("2026-11-23T16:00:30Z", 9_000_000),
        ] {
            let probe = Value.object(["at": .string(at), "latencyMicroseconds": .integer(Int64(latency)), "median": 1, "p99": 2])
            _ = try health.take(report: Reports.report([Reports.share("a", more: [.init("probe", probe)])]), at: Timestamp(milliseconds: 1))
        }
        let histogram = try #require(health.memories["a"]).probes
        #expect(histogram.count == 3)
        #expect(histogram.counts == [1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1])
        #expect(histogram.sum == 9_000_201)
        _ = try health.take(report: Reports.report([]), at: Timestamp(milliseconds: 1))
        #expect(health.memories.isEmpty)
    }
}
