/// One entry of the policy's servers: a host name, an address, or a network as `address/prefix`.
public struct ServerRule: Equatable, Sendable {
    private let text: String
    private let network: (address: Address, prefix: Int)?

    /// Any text is a rule; one that is no network admits just itself.
    public init(_ text: String) {
        self.text = text.lowercasedASCII
        let parts = text.split(separator: "/", maxSplits: 1)
        if parts.count == 2, let address = Address(String(parts[0])), let prefix = Int(parts[1]),
            (0...address.bytes.count * 8).contains(prefix)
        {
            network = (address, prefix)
        } else {
            network = nil
        }
    }

    /// Whether a server, as a share names it or as its resolved address, is admitted.
    public func admits(_ server: String) -> Bool {
        // A link-local address is the same on every link; the zone behind it says on which.
        let address = Address(String(server.prefix { $0 != "%" }))
        if let network {
            guard let address, address.bytes.count == network.address.bytes.count else { return false }
            return address.hasPrefix(of: network.address, bits: network.prefix)
        }
        if let own = Address(text), let address { return own == address }
        return text.hasSameBytes(as: server.lowercasedASCII)
    }

    /// By their texts.
    public static func == (left: ServerRule, right: ServerRule) -> Bool {
        left.text.hasSameBytes(as: right.text)
    }
}

/// A numeric internet address: four or sixteen bytes.
public struct Address: Hashable, Sendable {
    /// In network order.
    public let bytes: [UInt8]
    /// The interface of the guest that a link-local one of version 6 is meant on; else 0.
    public let zone: UInt32

    /// Reads `10.77.0.1` or an IPv6 address (without brackets and zone); nil when it is neither.
    public init?(_ text: String) {
        if let bytes = Self.version4(text) ?? Self.version6(text) {
            self.bytes = bytes
            zone = 0
        } else {
            return nil
        }
    }

    func hasPrefix(of other: Address, bits: Int) -> Bool {
        guard bytes.prefix(bits / 8).elementsEqual(other.bytes.prefix(bits / 8)) else { return false }
        let rest = bits % 8
        guard rest > 0 else { return true }
        let mask = UInt8(truncatingIfNeeded: 0xFF << (8 - rest))
        return bytes[bits / 8] & mask == other.bytes[bits / 8] & mask
    }

    private static func version4(_ text: String) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bytes: [UInt8] = []
        for part in parts {
            // "010" is octal to some readers and decimal to others, so it is no address here.
            guard let byte = UInt8(part), part.utf8.count == 1 || part.utf8.first != UInt8(ascii: "0"), part.utf8.first != UInt8(ascii: "+")
            else {
                return nil
            }
            bytes.append(byte)
        }
        return bytes
    }

    private static func version6(_ text: String) -> [UInt8]? {
        guard text.contains(":") else { return nil }
        let halves = aroundGap(text)
        guard let head = groups(halves[0]), let tail = halves.count == 2 ? groups(halves[1]) : [] else { return nil }
        let missing = 16 - head.count - tail.count
        guard halves.count == 2 ? missing >= 2 : missing == 0 else { return nil }
        return head + [UInt8](repeating: 0, count: missing) + tail
    }

    /// What stands before and after the first `::`; one part when there is none. Splitting at a text of two characters with the
    /// standard library's words would link its regular expressions, two megabytes of them.
    private static func aroundGap(_ text: String) -> [Substring] {
        let bytes = text.utf8
        guard let gap = bytes.indices.first(where: { bytes[$0...].starts(with: "::".utf8) }) else { return [text[...]] }
        return [text[..<gap], text[bytes.index(gap, offsetBy: 2)...]]
    }

    private static func groups(_ text: Substring) -> [UInt8]? {
        guard !text.isEmpty else { return [] }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        var bytes: [UInt8] = []
        for (index, part) in parts.enumerated() {
            if index == parts.count - 1, let four = version4(String(part)) {
                bytes += four
            } else {
                guard part.utf8.count <= 4, part.utf8.first != UInt8(ascii: "+"), let group = UInt16(part, radix: 16) else { return nil }
                bytes += [UInt8(group >> 8), UInt8(truncatingIfNeeded: group)]
            }
        }
        return bytes.count <= 16 ? bytes : nil
    }
}

extension String {
    /// Host names do not tell upper from lower case; only ASCII counts there.
    var lowercasedASCII: String {
        String(decoding: utf8.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 + 32 : $0 }, as: UTF8.self)
    }
}

extension Address {
    /// From four or sixteen bytes in network order, as the resolver gives them; nil for any other number.
    public init?(bytes: [UInt8], zone: UInt32 = 0) {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        self.bytes = bytes
        self.zone = zone
    }
}
