/// What a JSON or YAML text says, before anybody has asked what it means: the one value type behind the
/// channel, the control socket, the catalog files and the state files. Numbers are whole (contract section 3).
public enum Value: Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    case string(String)
    case array([Value])
    case object([Member])

    /// One key with its value; members keep the order in which they were written.
    public struct Member: Sendable, Equatable {
        /// The key, as written.
        public let key: String
        /// What the key holds.
        public let value: Value

        /// A member of an object.
        public init(_ key: String, _ value: Value) {
            self.key = key
            self.value = value
        }

        /// Keys are compared by their bytes.
        public static func == (left: Member, right: Member) -> Bool {
            left.key.hasSameBytes(as: right.key) && left.value == right.value
        }
    }
}

// String's == calls composed and decomposed spellings equal; two names that differ in bytes are two names here.
extension Value: Equatable {
    /// Whether both say the same, strings compared by their bytes.
    public static func == (left: Value, right: Value) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let a), .bool(let b)): a == b
        case (.integer(let a), .integer(let b)): a == b
        case (.string(let a), .string(let b)): a.hasSameBytes(as: b)
        case (.array(let a), .array(let b)): a == b
        case (.object(let a), .object(let b)): a == b
        default: false
        }
    }
}

extension String {
    /// Whether two texts are spelt with the same bytes (`==` also calls different normalizations equal).
    public func hasSameBytes(as other: String) -> Bool {
        utf8.elementsEqual(other.utf8)
    }
}

extension Value {
    /// The value of an object's key; nil where there is no such key or this is no object.
    public subscript(_ key: String) -> Value? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.key.hasSameBytes(as: key) }?.value
    }

    /// The text, where this is a string.
    public var text: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// The number, where this is one.
    public var number: Int64? {
        if case .integer(let number) = self { number } else { nil }
    }

    /// The elements, where this is an array.
    public var elements: [Value]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    /// The truth value, where this is one.
    public var truth: Bool? {
        if case .bool(let truth) = self { truth } else { nil }
    }

    /// What kind of value this is, in words for an error message.
    public var kind: String {
        switch self {
        case .null: "nothing"
        case .bool: "true or false"
        case .integer: "a number"
        case .string: "a text"
        case .array: "a list"
        case .object: "a mapping"
        }
    }

    /// An object of the members that are there: those with a nil value are left out.
    public static func object(_ members: KeyValuePairs<String, Value?>) -> Value {
        .object(members.compactMap { key, value in value.map { Member(key, $0) } })
    }

    /// An optional text.
    public static func text(_ text: String?) -> Value? {
        text.map(Value.string)
    }

    /// An optional number, of any width that fits 63 bits; larger ones are held at the largest a frame may carry.
    public static func number(_ number: (some BinaryInteger)?) -> Value? {
        number.map { .integer(Int64(clamping: $0)) }
    }
}

extension Value: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
    /// A text.
    public init(stringLiteral value: String) { self = .string(value) }
    /// A number.
    public init(integerLiteral value: Int64) { self = .integer(value) }
    /// A truth value.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
}
