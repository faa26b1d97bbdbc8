public import ShareModel

/// A YAML document as the one value type of this project, with the lines its values stand on.
///
/// A narrow YAML: mappings with plain text keys, lists, and scalars. Plain scalars are null, true, false and decimal whole numbers as
/// the core schema of YAML 1.2 has them, everything else is a text: `yes`, `on`, `1.0` and `0644` stay what they look like. Refused are
/// duplicate keys, anchors, aliases and tags (a small file could mean a huge one), several documents, and whatever passes a limit.
public struct YamlDocument: Sendable {
    /// Limits, each tested at the limit and one past it.
    public enum Limits {
        /// The longest text, in bytes.
        public static let bytes = 1 << 20
        /// How many lists and mappings may stand inside each other.
        public static let depth = 16
        /// How many values a document may hold.
        public static let values = 65_536
        /// The longest scalar, in bytes.
        public static let scalarBytes = 64 << 10
    }

    /// What it says; null for an empty text.
    public let value: Value
    private let lines: [String: Int]

    /// Reads a text.
    /// - Throws: `YamlError` with the place.
    public static func parse(_ bytes: [UInt8]) throws(YamlError) -> YamlDocument {
        guard bytes.count <= Limits.bytes else {
            throw YamlError(line: 1, column: 1, message: "the file has more than \(Limits.bytes) bytes")
        }
        var builder = YamlBuilder()
        try YamlEvents.read(bytes) { event, line, column throws(YamlError) in try builder.take(event, line: line, column: column) }
        return YamlDocument(value: builder.root ?? .null, lines: builder.lines)
    }

    /// The line on which a value begins, counted from 1; `path` is written like `shares[2].source.tag`. For a path that is not in the
    /// document, such as that of a missing key, the line of the nearest mapping or list around it.
    public func line(of path: String) -> Int? {
        var path = path[...]
        while true {
            if let line = lines[String(path)] { return line }
            guard let cut = path.lastIndex(where: { $0 == "." || $0 == "[" }) else { return lines[""] }
            path = path[..<cut]
        }
    }
}
