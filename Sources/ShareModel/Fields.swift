/// Why a value does not mean what it should: the place in the text and one sentence.
public struct FieldProblem: Error, Equatable, Sendable {
    /// Where, as keys and indices from the root: `shares[2].source.tag`.
    public let path: String
    /// What is wrong there, without the path, without a full stop.
    public let message: String

    /// A problem at a path.
    public init(path: String, message: String) {
        self.path = path
        self.message = message
    }

    /// Path and message in one line.
    public var sentence: String {
        path.isEmpty ? message : "\(path): \(message)"
    }
}

/// Reads the keys of one object, each once; what nobody asked for is an unknown key, which is an error that names it.
public struct Fields {
    /// Where this object stands.
    public let path: String
    private var unread: [(key: String, value: Value)]

    /// - Throws: `FieldProblem` when the value is no object.
    public init(_ value: Value, at path: String) throws(FieldProblem) {
        guard case .object(let members) = value else {
            throw FieldProblem(path: path, message: "must be a mapping, not \(value.kind)")
        }
        self.path = path
        unread = members.map { ($0.key, $0.value) }
    }

    /// The path of one of this object's keys.
    public func path(of key: String) -> String {
        path.isEmpty ? key : "\(path).\(key)"
    }

    /// Whether a key that is not taken yet has a value.
    public func has(_ key: String) -> Bool {
        unread.contains { $0.key.hasSameBytes(as: key) && $0.value != .null }
    }

    /// Takes a key's value; nil when it is absent. An explicit null counts as absent.
    public mutating func take(_ key: String) -> Value? {
        guard let index = unread.firstIndex(where: { $0.key.hasSameBytes(as: key) }) else { return nil }
        let value = unread.remove(at: index).value
        return value == .null ? nil : value
    }

    /// Takes a text.
    public mutating func text(_ key: String) throws(FieldProblem) -> String? {
        guard let value = take(key) else { return nil }
        guard let text = value.text else { throw wrong(key, value, "a text") }
        return text
    }

    /// Takes a text that must be there and not be empty.
    public mutating func requiredText(_ key: String) throws(FieldProblem) -> String {
        guard let text = try text(key) else { throw FieldProblem(path: path(of: key), message: "is missing") }
        guard !text.isEmpty else { throw FieldProblem(path: path(of: key), message: "must not be empty") }
        return text
    }

    /// Takes a number within a range.
    public mutating func number(_ key: String, in range: ClosedRange<Int64>) throws(FieldProblem) -> Int64? {
        guard let value = take(key) else { return nil }
        guard let number = value.number else { throw wrong(key, value, "a whole number") }
        guard range.contains(number) else {
            throw FieldProblem(path: path(of: key), message: "must be from \(range.lowerBound) to \(range.upperBound), not \(number)")
        }
        return number
    }

    /// Takes a truth value.
    public mutating func truth(_ key: String) throws(FieldProblem) -> Bool? {
        guard let value = take(key) else { return nil }
        guard let truth = value.truth else { throw wrong(key, value, "true or false") }
        return truth
    }

    /// Takes one word of an enumeration; the error lists the words there are.
    public mutating func word<Word>(_ key: String, of type: Word.Type = Word.self) throws(FieldProblem) -> Word?
    where Word: RawRepresentable & CaseIterable, Word.RawValue == String {
        guard let text = try scalarText(key) else { return nil }
        if let word = Word(rawValue: text) { return word }
        let words = Word.allCases.map(\.rawValue).joined(separator: ", ")
        throw FieldProblem(path: path(of: key), message: "'\(text.printable)' is none of: \(words)")
    }

    /// Takes a text, a number or a truth value as the text it was written as: for values such as a version or an option.
    public mutating func scalarText(_ key: String) throws(FieldProblem) -> String? {
        guard let value = take(key) else { return nil }
        guard let text = value.scalarText else { throw wrong(key, value, "a text") }
        return text
    }

    /// Takes a list; an absent one is nil.
    public mutating func list(_ key: String) throws(FieldProblem) -> [Value]? {
        guard let value = take(key) else { return nil }
        guard let elements = value.elements else { throw wrong(key, value, "a list") }
        return elements
    }

    /// Takes a list of texts.
    public mutating func texts(_ key: String) throws(FieldProblem) -> [String]? {
        guard let elements = try list(key) else { return nil }
        var texts: [String] = []
        for (index, element) in elements.enumerated() {
            guard let text = element.text else {
                throw FieldProblem(path: "\(path(of: key))[\(index)]", message: "must be a text, not \(element.kind)")
            }
            texts.append(text)
        }
        return texts
    }

    /// Takes a mapping of texts to texts (numbers and truth values are taken as written).
    public mutating func map(_ key: String) throws(FieldProblem) -> [(key: String, value: String)]? {
        guard let value = take(key) else { return nil }
        guard case .object(let members) = value else { throw wrong(key, value, "a mapping") }
        var map: [(key: String, value: String)] = []
        for member in members {
            guard let text = member.value.scalarText else {
                throw FieldProblem(path: "\(path(of: key)).\(member.key)", message: "must be a text, not \(member.value.kind)")
            }
            map.append((member.key, text))
        }
        return map
    }

    /// Takes a nested object's fields.
    public mutating func fields(_ key: String) throws(FieldProblem) -> Fields? {
        guard let value = take(key) else { return nil }
        return try Fields(value, at: path(of: key))
    }

    /// To be called last: whatever was not taken is unknown.
    public func end() throws(FieldProblem) {
        guard let first = unread.first else { return }
        throw FieldProblem(path: path(of: first.key.printable), message: "is not a known key")
    }

    private func wrong(_ key: String, _ value: Value, _ wanted: String) -> FieldProblem {
        FieldProblem(path: path(of: key), message: "must be \(wanted), not \(value.kind)")
    }
}

extension Value {
    /// A scalar as one would write it; nil for lists, mappings and nothing.
    public var scalarText: String? {
        switch self {
        case .string(let text): text
        case .integer(let number): String(number)
        case .bool(let truth): truth ? "true" : "false"
        case .null, .array, .object: nil
        }
    }
}
