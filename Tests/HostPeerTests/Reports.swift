import ShareModel
import Synchronization

/// What a guest's agent would send. Where a test names no sequence, it is higher than any before, as with one agent.
enum Reports {
    static let agent = agent(pid: 4711)
    private static let sequence = Atomic<Int64>(1_000)

    static func agent(pid: Int64, version: String = "0.1.0") -> Value {
        AgentStatus(
            version: version, protocol: "1.0", pid: pid, startedAt: Timestamp(milliseconds: 1_763_900_000_000), uptimeMs: 60_000,
            residentBytes: 8 << 20, workers: 1, stuckWorkers: 2, droppedEvents: 0, mode: .daemon
        ).value
    }

    private static func next() -> Int64 { sequence.add(1, ordering: .relaxed).newValue }

    static func report(_ shares: [Value], sequence: Int64? = nil, agent: Value = agent) -> Value {
        .object(["sequence": .integer(sequence ?? next()), "agent": agent, "shares": .array(shares)])
    }

    static func share(_ name: String, state: ShareState = .attached, health: Health = .ok, revision: Int64 = 1, more: [Value.Member] = [])
        -> Value
    {
        var status = ShareStatus(
            name: name, type: "nfs", source: "10.77.0.1:/\(name)", target: "/mnt/\(name)", state: state,
            since: Timestamp("2026-11-23T15:42:01.250Z") ?? Timestamp(milliseconds: 0), revision: revision)
        status.health = health
        guard case .object(let members) = status.value else { return .null }
        return .object(members + more)
    }

    static func event(
        _ share: String, _ at: String, from: (String, String), to: (String, String), cause: Cause? = nil, sequence: Int64? = nil
    ) -> Value {
        .object([
            "sequence": .integer(sequence ?? next()), "share": .string(share), "at": .string(at),
            "from": .object(["state": .string(from.0), "health": .string(from.1)]),
            "to": .object(["state": .string(to.0), "health": .string(to.1)]), "cause": cause?.value,
        ])
    }
}
