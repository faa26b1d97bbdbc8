/// An IP address and port to listen on: `127.0.0.1:9477` or `[::1]:9477`. Names are not taken: resolving them could hang.
struct ListenAddress: Equatable, Sendable {
    /// The address as written, without brackets.
    let address: String
    /// The port; 0 lets the kernel choose.
    let port: UInt16

    /// nil when the text is no address with a port. Whether the digits make sense is the kernel's question when it is bound.
    init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]), !text.contains("+") else {
            return nil
        }
        var address = text[..<colon]
        if address.hasPrefix("["), address.hasSuffix("]") {
            address = address.dropFirst().dropLast()
            guard address.contains(":"), address.utf8.allSatisfy({ Self.hexadecimal.contains($0) }) else { return nil }
        } else {
            let parts = address.split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count == 4, parts.allSatisfy({ !$0.isEmpty && $0.utf8.count <= 3 && UInt8($0) != nil }) else { return nil }
        }
        self.address = String(address)
        self.port = port
    }

    /// Whether the address is an IPv6 one.
    var isVersion6: Bool { address.contains(":") }

    private static let hexadecimal = Array("0123456789abcdefABCDEF:.".utf8)
}

extension ListenAddress: CustomStringConvertible {
    var description: String { isVersion6 ? "[\(address)]:\(port)" : "\(address):\(port)" }
}
