import Glibc
import LinuxSystem

/// A TCP socket that listens on one address.
enum TCPListener {
    /// - Throws: EADDRINUSE, EADDRNOTAVAIL, EACCES of `bind`; EINVAL for an address that is none.
    static func listen(at address: ListenAddress) throws(SystemCallError) -> OwnedDescriptor {
        let family = address.isVersion6 ? AF_INET6 : AF_INET
        let owned = try streamSocket(family)
        let descriptor = owned.rawValue
        var yes: CInt = 1
        try systemCall("setsockopt") {
            unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<CInt>.size))
        }
        if address.isVersion6 {
            var place = sockaddr_in6()
            place.sin6_family = sa_family_t(AF_INET6)
            place.sin6_port = address.port.bigEndian
            guard unsafe inet_pton(AF_INET6, address.address, &place.sin6_addr) == 1 else { throw SystemCallError(call: "inet_pton", errno: EINVAL) }
            try bind(descriptor, place)
        } else {
            var place = sockaddr_in()
            place.sin_family = sa_family_t(AF_INET)
            place.sin_port = address.port.bigEndian
            guard unsafe inet_pton(AF_INET, address.address, &place.sin_addr) == 1 else { throw SystemCallError(call: "inet_pton", errno: EINVAL) }
            try bind(descriptor, place)
        }
        try systemCall("listen") { Glibc.listen(descriptor, 16) }
        return owned
    }

    /// The port a listener got.
    static func port(of descriptor: CInt) -> UInt16? {
        var place = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let answer = unsafe withUnsafeMutablePointer(to: &place) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe getsockname(descriptor, $0, &length) }
        }
        guard answer == 0 else { return nil }
        // The port stands at the same place in both families.
        return unsafe withUnsafeBytes(of: &place) { unsafe UInt16(bigEndian: $0.loadUnaligned(fromByteOffset: 2, as: UInt16.self)) }
    }

    private static func bind<Address>(_ descriptor: CInt, _ place: Address) throws(SystemCallError) {
        try systemCall("bind") {
            unsafe lend(place) { unsafe Glibc.bind(descriptor, $0, $1) }
        }
    }
}
