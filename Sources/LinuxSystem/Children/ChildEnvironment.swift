/// What a child finds in its environment. Nothing is inherited: what root's shell or a unit set must not steer a mount.
public struct ChildEnvironment: Sendable {
    /// `NAME=value` entries, as bytes.
    public var entries: [[UInt8]]

    /// Exactly these entries.
    public init(entries: [[UInt8]]) {
        self.entries = entries
    }

    /// A fixed search path, a locale whose messages can be parsed, and no backtraces, which would print memory.
    public static let clean = ChildEnvironment(
        entries: [
            "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", "SWIFT_BACKTRACE=enable=no",
        ].map { Array($0.utf8) })

    /// The same with one more entry.
    public func adding(_ name: String, _ value: [UInt8]) -> ChildEnvironment {
        ChildEnvironment(entries: entries + [Array(name.utf8) + [UInt8(ascii: "=")] + value])
    }
}
