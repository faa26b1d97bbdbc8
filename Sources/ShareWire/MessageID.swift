public import ShareModel

/// What ties an answer to its request: a whole number or a text, given back exactly as it came.
public enum MessageID: Hashable, Sendable {
    case number(Int64)
    case text(String)

    /// The id a value says; nil for what cannot be one (fractions do not get this far; null, lists, long texts do).
    public init?(_ value: Value) {
        switch value {
        case .integer(let number): self = .number(number)
        case .string(let text) where text.utf8.count <= Limits.idBytes: self = .text(text)
        default: return nil
        }
    }

    /// As JSON.
    public var value: Value {
        switch self {
        case .number(let number): .integer(number)
        case .text(let text): .string(text)
        }
    }

    /// Texts are compared by their bytes.
    public static func == (left: MessageID, right: MessageID) -> Bool {
        switch (left, right) {
        case (.number(let a), .number(let b)): a == b
        case (.text(let a), .text(let b)): a.hasSameBytes(as: b)
        default: false
        }
    }

    /// Hashes what `==` compares: where bytes are the same, the text is, and so is its hash.
    public func hash(into hasher: inout Hasher) {
        switch self {
        case .number(let number): hasher.combine(number)
        case .text(let text): hasher.combine(text)
        }
    }
}
