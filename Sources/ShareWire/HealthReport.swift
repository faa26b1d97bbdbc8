public import ShareModel

/// How the agent and all its shares are at one moment: the parameters of `health.report` and the result of `health.get`.
public struct HealthReport: Equatable, Sendable {
    /// Grows from report to report.
    public var sequence: Int64
    /// How the agent is.
    public var agent: AgentStatus
    /// How each share is.
    public var shares: [ShareStatus]
    /// Shares left out because not even their names found room.
    public var omittedShares: Int64

    /// A report of everything.
    public init(sequence: Int64, agent: AgentStatus, shares: [ShareStatus]) {
        self.sequence = sequence
        self.agent = agent
        self.shares = shares
        omittedShares = 0
    }

    /// As JSON, whole, however large.
    public var value: Value {
        .object([
            "sequence": .integer(sequence), "agent": agent.value, "shares": .array(shares.map(\.value)),
            "omittedShares": omittedShares == 0 ? nil : .integer(omittedShares),
        ])
    }

    /// As JSON of at most `limit` bytes that no limit of a frame refuses. Where the whole does not fit, first the options and
    /// evidence of all shares are left out, then all but what and how they are, at last shares, those that are well first.
    public func value(within limit: Int = Limits.queueBytes) -> Value {
        for report in [self, withoutOptions, bare] where report.fits(limit) { return report.value }
        var kept = bare
        let wellLast = kept.shares.filter { !$0.isWell } + kept.shares.filter(\.isWell)
        // What one share takes is at most this; the search halves the number until the report fits.
        var count = wellLast.count
        repeat {
            count /= 2
            kept.shares = Array(wellLast.prefix(count))
            kept.omittedShares = Int64(shares.count - count)
        } while count > 0 && !kept.fits(limit)
        return kept.value
    }

    /// Reads the parameters of `health.report`. Keys of a later minor version are passed over; a share that cannot be
    /// read is left out and counted, for the others are worth knowing.
    /// - Throws: `FieldProblem` that names the key.
    public init(_ params: Value) throws(FieldProblem) {
        var fields = try Fields(params, at: "params")
        guard let sequence = try fields.number("sequence", in: 0...Limits.number) else {
            throw FieldProblem(path: "params.sequence", message: "is missing")
        }
        guard let agent = fields.take("agent") else { throw FieldProblem(path: "params.agent", message: "is missing") }
        let list = try fields.list("shares") ?? []
        let shares = list.enumerated().compactMap { try? ShareStatus($1, at: "params.shares[\($0)]") }
        self.init(sequence: sequence, agent: try AgentStatus(agent, at: "params.agent"), shares: shares)
        omittedShares = (try fields.number("omittedShares", in: 0...Limits.number) ?? 0) + Int64(list.count - shares.count)
    }

    private var withoutOptions: HealthReport {
        var report = self
        report.shares = shares.map { share in
            var share = share
            share.requestedOptions = [:]
            share.effectiveOptions = [:]
            share.cause = share.cause.map { Cause($0.code, $0.message, errno: $0.errno) }
            return share
        }
        return report
    }

    private var bare: HealthReport {
        var report = self
        report.shares = shares.map { share in
            var bare = ShareStatus(
                name: share.name, type: share.type, source: "", target: "", state: share.state, since: share.since,
                revision: share.revision,
                access: share.access)
            bare.health = share.health
            bare.attempts = share.attempts
            bare.cause = share.cause.map { Cause($0.code, "", errno: $0.errno) }
            return bare
        }
        return report
    }

    private func fits(_ limit: Int) -> Bool {
        guard let bytes = StrictJSON.bytesWithinLimits(of: value) else { return false }
        return bytes.count <= limit
    }
}

extension ShareStatus {
    /// Whether nobody needs to look after it.
    fileprivate var isWell: Bool {
        cause == nil && (health == .ok || health == .unknown)
    }
}
