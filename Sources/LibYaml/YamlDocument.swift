public import ShareModel

/// One YAML document as the one value type of this project, with the lines its values stand on.
///
/// A small, predictable part of YAML 1.2 is taken. Unquoted `null`, `~`, nothing, `true`, `false` and decimal whole numbers mean what they
/// say, everything else is text: `yes`, `on`, `1.0`, `0644`, `0x1f`, `1e3`, dates, and numbers beyond ±2^53. What is quoted is always text.
/// Refused: duplicate keys, keys that are no scalars, anchors, aliases and tags (a small file could mean a huge one), NUL in a text,
/// anything but UTF-8, several documents, and whatever passes a limit.
public struct YamlDocument: Sendable {
    /// Limits, each tested at the limit and one past it.
    public enum Limits {
        /// The longest text, in bytes.
        public static let bytes = 1 << 20
        /// How many lists and mappings may stand inside each other.
        public static let depth = 16
        /// How many values there may be, lists and mappings counted too, keys not.
        public static let values = 65_536
        /// The longest scalar, in bytes.
        public static let scalarBytes = 64 << 10
        /// Numbers lie from minus this to plus this, as in the protocol; what is longer is an identifier rather than a number.
        static let number: Int64 = 1 << 53
        /// The longest path of which the line is kept: keys of a hostile size must not be kept once for each of their children.
        static let pathBytes = 1024
    }

    /// What the document says; `.null` where it holds nothing but comments.
    public let value: Value
    private let lines: [String: Int]

    init(value: Value, lines: [String: Int]) {
        self.value = value
        self.lines = lines
    }

    /// Parses a whole file.
    /// - Throws: `YamlError`, the first mistake.
    public static func parse(_ bytes: [UInt8]) throws(YamlError) -> YamlDocument {
        guard bytes.count <= Limits.bytes else {
            throw YamlError(line: 1, column: 1, message: "the text is longer than \(Limits.bytes) bytes")
        }
        if String(validating: bytes, as: UTF8.self) == nil { throw notText(bytes) }
        var builder = DocumentBuilder(bytes)
        return try builder.build()
    }

    /// The line, from 1, of a key or an element, such as `shares[2].source.tag`; the empty path is the document itself. For a path that is
    /// not in the document, such as that of a missing key, the line of the nearest mapping or list around it.
    public func line(of path: String) -> Int? {
        var path = path[...]
        while true {
            if let line = lines[String(path)] { return line }
            if path.isEmpty { return nil }
            let end = path.utf8.lastIndex { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "[") }
            path = path[..<(end ?? path.startIndex)]
        }
    }

    private static func notText(_ bytes: [UInt8]) -> YamlError {
        var line = 1
        for piece in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            if String(validating: piece, as: UTF8.self) == nil { break }
            line += 1
        }
        return YamlError(line: line, column: 1, message: "the line is not UTF-8")
    }
}
