/// A share's name: `[A-Za-z0-9][A-Za-z0-9._-]{0,63}`. ASCII, so comparing it as text compares its bytes.
public struct ShareName: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The longest name, in bytes.
    public static let maximumLength = 64

    /// The name.
    public let text: String

    /// - Throws: `FieldProblem` (with an empty path) when the text is no share name.
    public init(validating text: String) throws(FieldProblem) {
        let bytes = text.utf8
        guard let first = bytes.first else { throw FieldProblem(path: "", message: "a share's name must not be empty") }
        guard bytes.count <= Self.maximumLength else {
            throw FieldProblem(path: "", message: "a share's name has at most \(Self.maximumLength) characters")
        }
        guard first.isASCIILetterOrDigit, bytes.allSatisfy({ $0.isASCIILetterOrDigit || "._-".utf8.contains($0) }) else {
            throw FieldProblem(
                path: "", message: "'\(text.printable)' is no share name: letters, digits, '.', '_' and '-', the first a letter or digit")
        }
        self.text = text
    }

    /// The name.
    public var description: String { text }

    /// By bytes.
    public static func < (left: ShareName, right: ShareName) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }
}

extension UInt8 {
    /// Whether this byte is one of `A-Z`, `a-z`, `0-9`.
    public var isASCIILetterOrDigit: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
        default: false
        }
    }
}
