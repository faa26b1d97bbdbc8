import ShareModel

/// What a guest's agent would send.
enum Reports {
    static let agent = AgentStatus(
        version: "0.1.0", protocol: "1.0", pid: 4711, startedAt: Timestamp(milliseconds: 1_763_900_000_000), uptimeMs: 60_000,
        residentBytes: 8 << 20, workers: 1, stuckWorkers: 2, droppedEvents: 0, mode: .daemon
    ).value

    static func report(_ shares: [Value]) -> Value {
        .object(["sequence": 1, "agent": agent, "shares": .array(shares)])
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

    static func event(_ share: String, _ at: String, from: (String, String), to: (String, String), cause: Cause? = nil) -> Value {
        .object([
            "sequence": 1, "share": .string(share), "at": .string(at),
            "from": .object(["state": .string(from.0), "health": .string(from.1)]),
            "to": .object(["state": .string(to.0), "health": .string(to.1)]), "cause": cause?.value,
        ])
    }
}
