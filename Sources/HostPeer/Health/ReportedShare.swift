import ShareModel

/// One share as its guest last told: what this version understands, and all that was said, so that a newer guest's
/// additions reach whoever asks.
struct ReportedShare: Equatable, Sendable {
    /// The understood part.
    private(set) var status: ShareStatus
    /// The ShareStatus as it came but for what is nested too deep, brought up to date by events.
    private(set) var value: Value
    /// The name as people and metrics see it; each share of a VM has one of its own.
    let shownName: String

    /// - Throws: `FieldProblem` that names the key.
    init(_ value: Value, at path: String) throws(FieldProblem) {
        status = try ShareStatus(value, at: path)
        shownName = status.name.printable
        self.value = value.cut(toDepth: MachineHealth.Limits.depth)
        let type = status.type.printable.clipped(toBytes: MachineHealth.Limits.typeBytes)
        guard !type.hasSameBytes(as: status.type) else { return }
        status.type = type
        self.value = self.value.replacing("type", with: .string(type))
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
    /// This value without the lists and mappings that stand inside more than so many others.
    func cut(toDepth levels: Int) -> Value {
        func isKept(_ value: Value) -> Bool {
            switch value {
            case .array, .object: levels > 1
            default: true
            }
        }
        switch self {
        case .array(let elements): return .array(elements.filter(isKept).map { $0.cut(toDepth: levels - 1) })
        case .object(let members):
            return .object(members.filter { isKept($0.value) }.map { Member($0.key, $0.value.cut(toDepth: levels - 1)) })
        default: return self
        }
    }

    /// This mapping with another value for a key, or without it.
    func replacing(_ key: String, with value: Value?) -> Value {
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
