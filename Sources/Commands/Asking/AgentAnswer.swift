import ShareModel

/// What an agent answered, be it the daemon or one started for the job. The JSON is kept as it came: `--json` prints it unchanged.
struct AgentAnswer {
    let value: Value
    /// How the shares are.
    let shares: [ShareStatus]
    /// The agent; only a status and a job of its own tell.
    let agent: AgentStatus?
    /// The channel; as `agent`.
    let channel: ToldChannel?
    /// Whether everything asked for was dealt with in time.
    let isComplete: Bool
    /// The shares that the catalog calls required.
    let required: Set<String>

    /// - Throws: `FieldProblem` where it is not what an agent answers.
    init(_ value: Value) throws(FieldProblem) {
        self.value = value
        var fields = try Fields(value, at: "")
        agent = try fields.take("agent").map { value throws(FieldProblem) in try AgentStatus(value, at: "agent") }
        channel = try fields.take("channel").map { value throws(FieldProblem) in try ToldChannel(value) }
        var shares: [ShareStatus] = []
        for (index, share) in (try fields.list("shares") ?? []).enumerated() {
            shares.append(try ShareStatus(share, at: "shares[\(index)]"))
        }
        self.shares = shares
        isComplete = try fields.truth("complete") ?? true
        required = Set(try fields.texts("required") ?? [])
    }

}

/// The channel, with why it is not connected where the agent tells.
struct ToldChannel {
    let status: ChannelStatus
    private let cause: Cause?

    /// - Throws: `FieldProblem` where it is not what an agent answers.
    init(_ value: Value) throws(FieldProblem) {
        status = try ChannelStatus(value, at: "channel")
        cause = try value["cause"].map { value throws(FieldProblem) in try Cause(value, at: "channel.cause") }
    }

    /// Why the host cannot be reached; nil while it is.
    var complaint: Complaint? {
        guard status.state != .connected else { return nil }
        return cause.map { Complaint($0, exit: .unreachable) } ?? status.complaint
    }

    /// The same as a block under a table.
    func problem(at now: Timestamp) -> Problem? {
        guard let complaint else { return nil }
        return Problem(
            title: "channel: \(status.state.rawValue) for \(Amounts.span(milliseconds: now.milliseconds - status.since.milliseconds))",
            what: complaint.what, why: [complaint.why], remedy: [complaint.remedy])
    }
}

/// What the host offers, as `list` shows it.
struct OfferedShares {
    let value: Value
    let revision: Int64
    let entries: [Entry]
    let channel: ToldChannel?

    /// One entry of the catalog.
    struct Entry {
        /// The share; nil where the entry is no valid one.
        let share: Share?
        /// Its name, or what stood there.
        let name: String
        /// `host`, or the file it comes from.
        let offeredBy: String
        /// Where it would be attached, where the agent tells.
        let target: String?
        /// Why it would not be attached.
        let cause: Cause?
    }

    /// - Throws: `FieldProblem` where it is not what an agent answers.
    init(_ value: Value) throws(FieldProblem) {
        self.value = value
        var fields = try Fields(value, at: "")
        revision = try fields.count("revision")
        channel = try fields.take("channel").map { value throws(FieldProblem) in try ToldChannel(value) }
        var entries: [Entry] = []
        for (index, value) in (try fields.list("shares") ?? []).enumerated() {
            entries.append(try Entry(value, at: "shares[\(index)]"))
        }
        self.entries = entries
    }
}

extension OfferedShares.Entry {
    fileprivate init(_ value: Value, at path: String) throws(FieldProblem) {
        var fields = try Fields(value, at: path)
        let shareValue = fields.take("share")
        // An entry that is no valid share comes with a cause that says so.
        share = shareValue.flatMap { try? Share($0, at: path) }
        name = try fields.text("name") ?? shareValue?["name"]?.text ?? path
        offeredBy = try fields.text("offeredBy") ?? ""
        target = try fields.text("target")
        cause = try fields.take("cause").map { value throws(FieldProblem) in try Cause(value, at: "\(path).cause") }
    }
}
