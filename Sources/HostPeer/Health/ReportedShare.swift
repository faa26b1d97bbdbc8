import ShareModel

/// One share as its guest last told: what this version understands, and all that was said, so that a newer guest's
/// additions reach whoever asks.
struct ReportedShare: Equatable, Sendable {
    /// The understood part.
    private(set) var status: ShareStatus
    /// The ShareStatus as it came, brought up to date by events.
    private(set) var value: Value

    /// - Throws: `FieldProblem` that names the key.
    init(_ value: Value, at path: String) throws(FieldProblem) {
        status = try ShareStatus(value, at: path)
        self.value = value
    }

    /// Takes over what an event tells, which is newer than the report.
    mutating func take(_ transition: ShareTransition) {
        status.state = transition.to.state
        status.health = transition.to.health
        status.since = transition.at
        status.cause = transition.cause
        value = value.replacing("state", with: .string(transition.to.state.rawValue))
            .replacing("health", with: .string(transition.to.health.rawValue))
            .replacing("since", with: .string(transition.at.description))
            .replacing("cause", with: transition.cause?.value)
    }

    /// A counter of `io`; nil where the guest told none. Not part of what this version's ShareStatus reads.
    func counter(_ key: String) -> Int64? {
        guard let number = value["io"]?[key]?.number, number >= 0 else { return nil }
        return number
    }
}

extension Value {
    /// This mapping with another value for a key, or without it.
    fileprivate func replacing(_ key: String, with value: Value?) -> Value {
        guard case .object(var members) = self else { return self }
        let index = members.firstIndex { $0.key == key }
        switch (index, value) {
        case (let index?, let value?): members[index] = Member(key, value)
        case (let index?, nil): members.remove(at: index)
        case (nil, let value?): members.append(Member(key, value))
        case (nil, nil): break
        }
        return .object(members)
    }
}
