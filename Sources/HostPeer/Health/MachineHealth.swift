import ShareModel
import ShareWire

/// What one guest has told of itself and its shares: the newest report, the newest events, and what metrics add up.
/// Everything is bounded, whatever the guest sends.
struct MachineHealth: Equatable, Sendable {
    /// What is kept of one VM at most.
    enum Limits {
        /// Shares of a report.
        static let shares = Catalog.maximumShares
        /// Shares that metrics remember something of: those of a report, and as many that no report has had yet.
        static let memories = 2 * shares
        /// Events, the newest ones.
        static let events = 64
        /// Bytes of a share's name in its printable form. An entry that is no share is named by what stood in its place.
        static let nameBytes = 128
        /// Bytes of a share's type. One that this version does not know may come from a newer guest.
        static let typeBytes = 16
        /// Bytes of the agent's version, and of the protocol's.
        static let versionBytes = 64
        /// Bytes of the agent's status as JSON; of a larger one only what this version knows is kept.
        static let agentBytes = 1_024
        /// Lists and mappings inside each other, in the agent's status and in a share's. In an answer they stand further in.
        static let depth = 8
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
    /// The agent's status as it came, but for what passes the limits.
    private(set) var agentValue: Value?
    /// The shares in the order reported, each name once.
    private(set) var shares: [ReportedShare] = []
    /// The newest events, oldest first.
    private(set) var events: [ShareTransition] = []
    /// By a share's shown name.
    private(set) var memories: [String: Memory] = [:]
    /// The number of this session's newest report; nil until one has told whose numbers these are.
    private var reportSequence: Int64?
    /// The highest number of an event of this agent.
    private var eventSequence: Int64?

    /// A session begins. The agent may be another one, with numbers of its own: its first report tells.
    mutating func sessionBegan() { reportSequence = nil }

    /// Takes a report. Shares that cannot be read are left out.
    /// - Returns: what is wrong with the shares left out.
    /// - Throws: `FieldProblem` when the report as a whole cannot be used; then everything stays as it was.
    mutating func take(report params: Value, at now: Timestamp) throws(FieldProblem) -> [FieldProblem] {
        var fields = try Fields(params, at: "params")
        guard let agentValue = fields.take("agent") else { throw FieldProblem(path: "params.agent", message: "is missing") }
        let agent = try AgentStatus(clipping: agentValue, at: "params.agent")
        guard let list = try fields.list("shares") else { throw FieldProblem(path: "params.shares", message: "is missing") }
        guard list.count <= Limits.shares else {
            throw FieldProblem(path: "params.shares", message: "has at most \(Limits.shares) entries, not \(list.count)")
        }
        let sequence = try fields.sequence()
        let isAnotherAgent = !continues(agent, sequence)
        var problems: [FieldProblem] = []
        var shares: [ReportedShare] = []
        var kept: [String: Memory] = [:]
        for (index, value) in list.enumerated() {
            let path = "params.shares[\(index)]"
            do throws(FieldProblem) {
                let share = try ReportedShare(value, at: path)
                let name = share.shownName
                guard name.utf8.count <= Limits.nameBytes else { throw FieldProblem(path: "\(path).name", message: "is too long") }
                guard kept[name] == nil else { throw FieldProblem(path: "\(path).name", message: "'\(name)' is told twice") }
                var memory = memories[name] ?? Memory()
                // What another agent had begun did not end, and this one's beginnings come after its first report.
                if isAnotherAgent { memory.attachingSince = nil }
                if let probe = share.status.probe { memory.probes.take(probe) }
                kept[name] = memory
                shares.append(share)
            } catch {
                problems.append(error)
            }
        }
        self.agent = agent
        self.agentValue = agent.value(asCame: agentValue)
        self.shares = shares
        memories = kept
        lastReportAt = now
        reportSequence = sequence
        if isAnotherAgent { eventSequence = nil }
        return problems
    }

    /// Whether a report goes on with the numbers of those before it. An agent that was restarted counts anew, and one whose VM was
    /// put back to an earlier moment is the same process and counts from there.
    private func continues(_ agent: AgentStatus, _ sequence: Int64) -> Bool {
        guard let known = self.agent, known.pid == agent.pid, known.startedAt == agent.startedAt else { return false }
        return sequence > eventSequence ?? -1
    }

    /// Takes an event, and brings the share it is about up to date where no report has told what came after it.
    /// - Returns: the event; nil where it was taken before, and is told again because its acknowledgement was lost.
    /// - Throws: `FieldProblem` when it cannot be read.
    @discardableResult
    mutating func take(event params: Value) throws(FieldProblem) -> ShareTransition? {
        let transition = try ShareTransition(params)
        let name = transition.share.printable
        guard name.utf8.count <= Limits.nameBytes else { throw FieldProblem(path: "params.share", message: "is too long") }
        if reportSequence != nil, let eventSequence, transition.sequence <= eventSequence { return nil }
        eventSequence = max(eventSequence ?? 0, transition.sequence)
        events.append(transition)
        if events.count > Limits.events { events.removeFirst(events.count - Limits.events) }
        time(transition, of: name)
        if transition.sequence > reportSequence ?? -1, let index = shares.firstIndex(where: { $0.shownName.hasSameBytes(as: name) }) {
            shares[index].take(transition)
        }
        return transition
    }

    /// Learns how long an attach takes. The first one of a share begins before any report has the share.
    private mutating func time(_ transition: ShareTransition, of name: String) {
        let state = transition.to.state
        guard memories[name] != nil || (state == .attaching && memories.count < Limits.memories) else { return }
        var memory = memories[name] ?? Memory()
        switch state {
        case .attaching: memory.attachingSince = transition.at
        case .attached:
            if let begun = memory.attachingSince { memory.attachMs = max(0, transition.at.milliseconds - begun.milliseconds) }
            memory.attachingSince = nil
        default: memory.attachingSince = nil
        }
        memories[name] = memory
    }

    /// Whether the guest has told anything of one of these shares.
    func hasAny(of offered: [Share]) -> Bool {
        let names = Set(offered.map(\.name.text))
        return shares.contains { names.contains($0.shownName) }
    }
}

extension AgentStatus {
    /// Reads a status, with texts that fit a label and a column.
    fileprivate init(clipping value: Value, at path: String) throws(FieldProblem) {
        try self.init(value, at: path)
        version = version.printable.clipped(toBytes: MachineHealth.Limits.versionBytes)
        `protocol` = `protocol`.printable.clipped(toBytes: MachineHealth.Limits.versionBytes)
    }

    /// The JSON to hand on: as it came, but for what passes the limits.
    fileprivate func value(asCame whole: Value) -> Value {
        let whole = whole.cut(toDepth: MachineHealth.Limits.depth).replacing("version", with: .string(version))
        return whole.fits(MachineHealth.Limits.agentBytes) ? whole : value
    }
}
