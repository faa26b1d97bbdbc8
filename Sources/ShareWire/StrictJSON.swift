public import ShareModel

/// The JSON of the channel, the control socket and the state files: RFC 8259 with everything refused that two
/// readers could understand differently (docs/protocol.md, "What a frame may hold").
public enum StrictJSON {
    /// Reads one value and nothing else; white space may stand around it. Takes time linear in the length.
    /// - Throws: `JSONProblem` with the byte at which the text stopped being acceptable.
    public static func parse(_ bytes: Span<UInt8>) throws(JSONProblem) -> Value {
        var reader = JSONReader()
        return try reader.document(bytes)
    }

    /// Reads one value from an array.
    /// - Throws: as `parse(_: Span<UInt8>)`.
    public static func parse(_ bytes: [UInt8]) throws(JSONProblem) -> Value {
        try parse(bytes.span)
    }

    /// Reads one value from a part of an array; offsets count from the part's beginning.
    /// - Throws: as `parse(_: Span<UInt8>)`.
    public static func parse(_ bytes: ArraySlice<UInt8>) throws(JSONProblem) -> Value {
        try parse(bytes.span)
    }

    /// The value in one line, without LF, members in their order. Everything a terminal may act on is escaped; numbers
    /// past ±2^53 are held there, and a NUL, which no reader of this project accepts, becomes U+FFFD.
    public static func bytes(of value: Value) -> [UInt8] {
        var writer = JSONWriter(indented: false)
        writer.append(value, depth: 0)
        return writer.bytes
    }

    /// As `bytes(of:)`; nil when `parse` would refuse them for one of the limits.
    public static func bytesWithinLimits(of value: Value) -> [UInt8]? {
        var writer = JSONWriter(indented: false)
        writer.append(value, depth: 0)
        return writer.isWithinLimits ? writer.bytes : nil
    }

    /// The value for people and for `--json`: two spaces a level, one member a line, no LF at the end.
    public static func prettyText(of value: Value) -> String {
        var writer = JSONWriter(indented: true)
        writer.append(value, depth: 0)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
