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
    public func value(within limit: Int = Limits.reportBytes) -> Value {
        for value in [value, withoutOptions.value, bare(shares)] where value.fits(limit) { return value }
        let wellLast = shares.filter { !$0.isWell } + shares.filter(\.isWell)
        // The most shares that fit, by halving the range in which that number lies.
        var fitting = 0
        var tooMany = shares.count
        while tooMany - fitting > 1 {
            let count = (fitting + tooMany) / 2
            if bare(wellLast.prefix(count)).fits(limit) { fitting = count } else { tooMany = count }
        }
        return bare(wellLast.prefix(fitting))
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
        report.shares = shares.map(\.withoutOptions)
        return report
    }

    /// What and how some of the shares are, and no more.
    private func bare(_ some: some Collection<ShareStatus>) -> Value {
        let omitted = omittedShares + Int64(shares.count - some.count)
        return .object([
            "sequence": .integer(sequence), "agent": agent.value, "shares": .array(some.map(\.bareValue)),
            "omittedShares": omitted == 0 ? nil : .integer(omitted),
        ])
    }
}

extension [ShareStatus] {
    /// A document of these statuses that goes into one frame: as they are where they fit, else without options and evidence, else no
    /// more than what and how each one is. A catalog's shares always fit that way.
    /// - Parameter document: what the list of statuses stands in.
    public func fitting(within limit: Int = Limits.answerBytes, in document: ([Value]) -> Value) -> Value {
        for list in [{ map(\.value) }, { map(\.withoutOptions.value) }] {
            let whole = document(list())
            if whole.fits(limit) { return whole }
        }
        return document(map(\.bareValue))
    }
}

extension Value {
    /// Whether it is at most so many bytes as JSON, and no limit of a frame refuses it.
    public func fits(_ limit: Int) -> Bool {
        StrictJSON.bytesWithinLimits(of: self).map { $0.count <= limit } ?? false
    }
}

extension ShareStatus {
    /// Whether nobody needs to look after it.
    fileprivate var isWell: Bool {
        cause == nil && (health == .ok || health == .unknown)
    }

    fileprivate var withoutOptions: ShareStatus {
        var share = self
        share.requestedOptions = [:]
        share.effectiveOptions = [:]
        share.cause = cause.map { Cause($0.code, $0.message, errno: $0.errno) }
        return share
    }

    fileprivate var bareValue: Value {
        .object([
            "name": .string(name), "type": .string(type), "state": .string(state.rawValue), "health": .string(health.rawValue),
            "since": .string(since.description), "revision": .integer(revision), "access": .string(access.rawValue),
            "attempts": .integer(attempts), "cause": cause.map { .object(["code": .string($0.code.rawValue), "errno": .text($0.errno)]) },
        ])
    }
}
