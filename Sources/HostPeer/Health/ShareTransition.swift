import ShareModel
import ShareWire

/// What `share.event` tells: one share went from one state and health to another.
struct ShareTransition: Equatable, Sendable {
    /// State and health together.
    struct Condition: Equatable, Sendable {
        let state: ShareState
        let health: Health
    }

    /// Grows with each event and report of an agent; an event that is told again has the same.
    let sequence: Int64
    /// The share's name as the guest says it.
    let share: String
    /// When, by the guest's clock.
    let at: Timestamp
    let from: Condition
    let to: Condition
    /// Why, where it is not as wished.
    let cause: Cause?

    /// Reads the parameters of `share.event`. Unknown keys are passed over: the guest may be newer.
    /// - Throws: `FieldProblem` that names the key.
    init(_ params: Value) throws(FieldProblem) {
        var fields = try Fields(params, at: "params")
        share = try fields.requiredText("share")
        sequence = try fields.sequence()
        guard let at = try fields.timestamp("at") else { throw FieldProblem(path: "params.at", message: "is missing") }
        self.at = at
        from = try fields.condition("from")
        to = try fields.condition("to")
        cause = try fields.take("cause").map { (value) throws(FieldProblem) in try Cause(value, at: "params.cause") }
    }

    /// As JSON, the way it came.
    var value: Value {
        .object([
            "sequence": .integer(sequence), "share": .string(share), "at": .string(at.description), "from": from.value, "to": to.value,
            "cause": cause?.value,
        ])
    }
}

extension ShareTransition.Condition {
    fileprivate var value: Value { .object(["state": .string(state.rawValue), "health": .string(health.rawValue)]) }
}

extension Fields {
    /// Takes the number of a report or an event.
    mutating func sequence() throws(FieldProblem) -> Int64 {
        guard let sequence = try number("sequence", in: 0...Limits.number) else {
            throw FieldProblem(path: path(of: "sequence"), message: "is missing")
        }
        return sequence
    }

    fileprivate mutating func condition(_ key: String) throws(FieldProblem) -> ShareTransition.Condition {
        guard var fields = try fields(key) else { throw FieldProblem(path: path(of: key), message: "is missing") }
        guard let state = try fields.word("state", of: ShareState.self) else {
            throw FieldProblem(path: fields.path(of: "state"), message: "is missing")
        }
        return ShareTransition.Condition(state: state, health: try fields.word("health") ?? .unknown)
    }
}
