public import ShareModel

/// One transition of one share: the parameters of `share.event`.
public struct ShareEvent: Equatable, Sendable {
    /// State and health together.
    public struct Condition: Equatable, Sendable {
        /// Where the share is in its life.
        public var state: ShareState
        /// How it is while attached.
        public var health: Health

        /// A condition.
        public init(_ state: ShareState, _ health: Health) {
            self.state = state
            self.health = health
        }

        var value: Value {
            .object(["state": .string(state.rawValue), "health": .string(health.rawValue)])
        }

        init(_ held: Fields?, at path: String) throws(FieldProblem) {
            guard var fields = held else { throw FieldProblem(path: path, message: "is missing") }
            guard let state = try fields.word("state", of: ShareState.self), let health = try fields.word("health", of: Health.self) else {
                throw FieldProblem(path: path, message: "lacks state or health")
            }
            self.init(state, health)
        }
    }

    /// Grows from event to event; one that is sent again, because its acknowledgement was lost, keeps its number.
    public var sequence: Int64
    /// The share's name.
    public var share: String
    /// When it happened.
    public var at: Timestamp
    /// How it was.
    public var from: Condition
    /// How it is.
    public var to: Condition
    /// Why it is not as wished.
    public var cause: Cause?

    /// An event.
    public init(sequence: Int64, share: String, at: Timestamp, from: Condition, to: Condition, cause: Cause? = nil) {
        self.sequence = sequence
        self.share = share
        self.at = at
        self.from = from
        self.to = to
        self.cause = cause
    }

    /// The parameters of `share.event`.
    public var params: Value {
        .object([
            "sequence": .integer(sequence), "share": .string(share), "at": .string(at.description), "from": from.value, "to": to.value,
            "cause": cause?.value,
        ])
    }

    /// Reads the parameters of `share.event`. Keys of a later minor version are passed over.
    /// - Throws: `FieldProblem` that names the key.
    public init(_ params: Value) throws(FieldProblem) {
        var fields = try Fields(params, at: "params")
        guard let sequence = try fields.number("sequence", in: 0...Limits.number) else {
            throw FieldProblem(path: "params.sequence", message: "is missing")
        }
        guard let at = try fields.timestamp("at") else { throw FieldProblem(path: "params.at", message: "is missing") }
        self.init(
            sequence: sequence, share: try fields.requiredText("share"), at: at,
            from: try Condition(try fields.fields("from"), at: "params.from"), to: try Condition(try fields.fields("to"), at: "params.to"),
            cause: try fields.take("cause").map { value throws(FieldProblem) in try Cause(value, at: "params.cause") })
    }
}
