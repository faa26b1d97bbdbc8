import Glibc

/// An address of the Internet protocol, version 4 or 6.
public struct IPAddress: Hashable, Sendable, CustomStringConvertible {
    /// 4 or 16 bytes, in network order.
    public let bytes: [UInt8]
    /// The interface that a link-local address of version 6 is meant on; else 0.
    public let scope: UInt32

    /// Whether it is of version 6.
    public var isVersion6: Bool { bytes.count == 16 }

    /// An address of version 4 (4 bytes) or 6 (16 bytes); nil for anything else.
    public init?(bytes: [UInt8], scope: UInt32 = 0) {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        self.bytes = bytes
        self.scope = scope
    }

    /// The usual text, such as `10.77.0.1` or `fe80::1%2`.
    public var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let known = unsafe inet_ntop(isVersion6 ? AF_INET6 : AF_INET, bytes, &text, socklen_t(text.count)) != nil
        guard known else { return "" }
        let plain = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return scope == 0 ? plain : "\(plain)%\(scope)"
    }

    /// Lends the address with a port as the kernel wants it.
    func lend<Answer>(port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Answer) -> Answer {
        if isVersion6 {
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = port.bigEndian
            address.sin6_scope_id = scope
            unsafe withUnsafeMutableBytes(of: &address.sin6_addr) { unsafe $0.copyBytes(from: bytes) }
            return unsafe lend(address, body)
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        unsafe withUnsafeMutableBytes(of: &address.sin_addr) { unsafe $0.copyBytes(from: bytes) }
        return unsafe lend(address, body)
    }

    private func lend<Address, Answer>(_ address: Address, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Answer) -> Answer {
        unsafe withUnsafePointer(to: address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe body($0, socklen_t(MemoryLayout<Address>.size)) }
        }
    }

    /// The address inside a socket address of the kernel or of getaddrinfo; nil for another family.
    init?(_ address: UnsafePointer<sockaddr>) {
        switch CInt(unsafe address.pointee.sa_family) {
        case AF_INET:
            let plain = unsafe UnsafeRawPointer(address).loadUnaligned(as: sockaddr_in.self)
            unsafe self.init(bytes: withUnsafeBytes(of: plain.sin_addr) { unsafe Array($0) })
        case AF_INET6:
            let plain = unsafe UnsafeRawPointer(address).loadUnaligned(as: sockaddr_in6.self)
            unsafe self.init(bytes: withUnsafeBytes(of: plain.sin6_addr) { unsafe Array($0) }, scope: plain.sin6_scope_id)
        default: return nil
        }
    }
}
