/// A version of the channel protocol. Sides with the same major version understand each other.
public struct ProtocolVersion: Hashable, Sendable, CustomStringConvertible {
    /// Changes when something means something else.
    public let major: Int
    /// Grows when something is added.
    public let minor: Int

    /// What this build speaks.
    public static let current = ProtocolVersion(major: 1, minor: 0)

    /// A version.
    public init(major: Int, minor: Int) {
        self.major = major
        self.minor = minor
    }

    /// Reads `1.0`; nil for anything else than two numbers of at most four digits.
    public init?(_ text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 2, let major = Self.number(parts[0]), let minor = Self.number(parts[1]) else { return nil }
        self.init(major: major, minor: minor)
    }

    /// Whether this build can talk with a peer of that version.
    public static func understands(_ peer: ProtocolVersion) -> Bool {
        peer.major == current.major
    }

    /// As `1.0`.
    public var description: String { "\(major).\(minor)" }

    private static func number(_ digits: Substring.UTF8View) -> Int? {
        guard (1...4).contains(digits.count), digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            return nil
        }
        return digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }
}
