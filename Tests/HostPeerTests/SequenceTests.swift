import ShareModel
import Testing

@testable import HostPeer

@Suite("Reports and events by their sequence")
struct SequenceTests {
    private static func event(_ sequence: Int64, to health: String, at second: Int = 5) -> Value {
        Reports.event(
            "a", "2026-11-23T16:00:0\(second).000Z", from: ("attached", "ok"), to: ("attached", health), sequence: sequence)
    }

    private static func report(_ sequence: Int64, _ health: Health = .ok, pid: Int64 = 4711) -> Value {
        Reports.report([Reports.share("a", health: health)], sequence: sequence, agent: Reports.agent(pid: pid))
    }

    private let now = Timestamp(milliseconds: 1)

    @Test("an event that is older than the report is told and timed, and changes nothing that the report told")
    func older() throws {
        var health = MachineHealth()
        _ = try health.take(report: Self.report(10), at: now)
        let before = health.shares
        let attaching = Reports.event(
            "a", "2026-11-23T16:00:01.000Z", from: ("offered", "unknown"), to: ("attaching", "unknown"), sequence: 7)
        let attached = Reports.event(
            "a", "2026-11-23T16:00:02.500Z", from: ("attaching", "unknown"), to: ("attached", "unknown"), sequence: 8)
        for event in [attaching, attached, Self.event(9, to: "stalled")] { #expect(try health.take(event: event) != nil) }
        #expect(health.shares == before)
        #expect(health.events.map(\.sequence) == [7, 8, 9])
        #expect(health.memories["a"]?.attachMs == 1500)

        try health.take(event: Self.event(11, to: "slow"))
        #expect(health.shares.first?.status.health == .slow)
    }

    @Test("an event that is told again, because its acknowledgement was lost, is taken once")
    func repeated() throws {
        var health = MachineHealth()
        _ = try health.take(report: Self.report(1), at: now)
        try health.take(event: Self.event(2, to: "stalled"))
        health.sessionBegan()
        _ = try health.take(report: Self.report(4, .stalled), at: now)
        #expect(try health.take(event: Self.event(2, to: "stalled")) == nil)
        #expect(try health.take(event: Self.event(3, to: "slow")) != nil)
        #expect(health.events.map(\.sequence) == [2, 3])
        #expect(health.shares.first?.status.health == .stalled)
    }

    @Test("an agent that was restarted counts anew, and is heard")
    func restarted() throws {
        var health = MachineHealth()
        _ = try health.take(report: Self.report(500), at: now)
        try health.take(event: Self.event(501, to: "stalled"))
        health.sessionBegan()
        _ = try health.take(report: Self.report(1, pid: 4712), at: now)
        #expect(health.shares.first?.status.health == .ok)
        #expect(try health.take(event: Self.event(2, to: "slow")) != nil)
        #expect(health.shares.first?.status.health == .slow)
        #expect(health.events.map(\.sequence) == [501, 2])
    }

    @Test("so is the agent of a VM that was put back to an earlier moment: the same process with lower numbers")
    func putBack() throws {
        var health = MachineHealth()
        _ = try health.take(report: Self.report(500), at: now)
        try health.take(event: Self.event(501, to: "stalled"))
        health.sessionBegan()
        _ = try health.take(report: Self.report(100), at: now)
        #expect(try health.take(event: Self.event(101, to: "slow")) != nil)
        #expect(health.shares.first?.status.health == .slow)
    }

    @Test("in a session whose first report could not be read no event is taken for a repetition")
    func withoutReport() throws {
        var health = MachineHealth()
        _ = try health.take(report: Self.report(500), at: now)
        try health.take(event: Self.event(501, to: "stalled"))
        health.sessionBegan()
        #expect(throws: FieldProblem.self) { try health.take(report: .object([]), at: now) }
        #expect(try health.take(event: Self.event(2, to: "slow")) != nil)
        #expect(health.shares.first?.status.health == .slow)
    }

    @Test("a report or an event without a sequence is refused with that key")
    func missing() throws {
        var health = MachineHealth()
        func without(_ value: Value) -> Value {
            guard case .object(let members) = value else { return value }
            return .object(members.filter { $0.key != "sequence" })
        }
        let problem = FieldProblem(path: "params.sequence", message: "is missing")
        #expect(throws: problem) { try health.take(report: without(Self.report(1)), at: now) }
        #expect(throws: problem) { try health.take(event: without(Self.event(1, to: "slow"))) }
    }
}
