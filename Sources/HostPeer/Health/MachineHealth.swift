import ShareModel

/// What one guest has told of itself and its shares: the newest report, the newest events, and what metrics add up.
/// Everything is bounded, whatever the guest sends.
struct MachineHealth: Equatable, Sendable {
    /// What is kept of one VM at most.
    enum Limits {
        /// Shares of a report.
        static let shares = Catalog.maximumShares
        /// Events, the newest ones.
        static let events = 64
        /// Bytes of a share's name as a guest may tell it. An entry that is no share is named by what stood in its place.
        static let nameBytes = 512
    }

    /// What metrics remember of a share from report to report.
    struct Memory: Equatable, Sendable {
        var probes = ProbeHistogram()
        /// When an attach began that has not ended.
        var attachingSince: Timestamp?
        /// How long the last attach took, in milliseconds.
        var attachMs: Int64?
    }

    /// When the newest report came, by the host's clock; nil when none ever did.
    private(set) var lastReportAt: Timestamp?
    /// How the agent is.
    private(set) var agent: AgentStatus?
    /// The agent's status as it came.
    private(set) var agentValue: Value?
    /// The shares in the order reported, each name once.
    private(set) var shares: [ReportedShare] = []
    /// The newest events, oldest first.
    private(set) var events: [ShareTransition] = []
    /// By share name.
    private(set) var memories: [String: Memory] = [:]

    /// Takes a report. Shares that cannot be read are left out.
    /// - Returns: what is wrong with the shares left out.
    /// - Throws: `FieldProblem` when the report as a whole cannot be used; then everything stays as it was.
    mutating func take(report params: Value, at now: Timestamp) throws(FieldProblem) -> [FieldProblem] {
        var fields = try Fields(params, at: "params")
        guard let agentValue = fields.take("agent") else { throw FieldProblem(path: "params.agent", message: "is missing") }
        let agent = try AgentStatus(agentValue, at: "params.agent")
        guard let list = try fields.list("shares") else { throw FieldProblem(path: "params.shares", message: "is missing") }
        guard list.count <= Limits.shares else {
            throw FieldProblem(path: "params.shares", message: "has at most \(Limits.shares) entries, not \(list.count)")
        }
        var problems: [FieldProblem] = []
        var shares: [ReportedShare] = []
        var kept: [String: Memory] = [:]
        for (index, value) in list.enumerated() {
            let path = "params.shares[\(index)]"
            do throws(FieldProblem) {
                let share = try ReportedShare(value, at: path)
                let name = share.status.name
                guard name.utf8.count <= Limits.nameBytes else { throw FieldProblem(path: "\(path).name", message: "is too long") }
                guard kept[name] == nil else { throw FieldProblem(path: "\(path).name", message: "'\(name.printable)' is told twice") }
                var memory = memories[name] ?? Memory()
                if let probe = share.status.probe { memory.probes.take(probe) }
                kept[name] = memory
                shares.append(share)
            } catch {
                problems.append(error)
            }
        }
        self.agent = agent
        self.agentValue = agentValue
        self.shares = shares
        memories = kept
        lastReportAt = now
        return problems
    }

    /// Takes an event, and brings the share it is about up to date.
    /// - Throws: `FieldProblem` when it cannot be read.
    @discardableResult
    mutating func take(event params: Value) throws(FieldProblem) -> ShareTransition {
        let transition = try ShareTransition(params)
        guard transition.share.utf8.count <= Limits.nameBytes else { throw FieldProblem(path: "params.share", message: "is too long") }
        events.append(transition)
        if events.count > Limits.events { events.removeFirst(events.count - Limits.events) }
        guard let index = shares.firstIndex(where: { $0.status.name.hasSameBytes(as: transition.share) }) else { return transition }
        shares[index].take(transition)
        var memory = memories[transition.share] ?? Memory()
        switch transition.to.state {
        case .attaching: memory.attachingSince = transition.at
        case .attached:
            if let begun = memory.attachingSince { memory.attachMs = max(0, transition.at.milliseconds - begun.milliseconds) }
            memory.attachingSince = nil
        default: memory.attachingSince = nil
        }
        memories[transition.share] = memory
        return transition
    }

    /// The highest catalog revision that any share is said to follow; 0 without shares.
    var highestRevision: Int64 { shares.map(\.status.revision).max() ?? 0 }
}
