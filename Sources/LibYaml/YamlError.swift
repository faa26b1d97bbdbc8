/// Why a text is no YAML that this project reads, and where.
public struct YamlError: Error, Equatable, Sendable {
    /// Counted from 1.
    public let line: Int
    /// Counted from 1.
    public let column: Int
    /// One clause, without a full stop.
    public let message: String

    /// A mistake at a place.
    public init(line: Int, column: Int, message: String) {
        self.line = line
        self.column = column
        self.message = message
    }

    /// `line 3, column 5: …`
    public var sentence: String { "line \(line), column \(column): \(message)" }
}
