import Glibc
import LinuxSystem

/// A TCP socket that listens on one address.
final class TCPListener {
    private let socket: OwnedDescriptor

    /// To be watched for `.readable`; then `accept()`.
    var descriptor: CInt { socket.rawValue }

    /// - Throws: EADDRINUSE, EADDRNOTAVAIL, EACCES of `bind`; EINVAL for an address that is none.
    init(_ address: ListenAddress) throws(SystemCallError) {
        let family = address.isVersion6 ? AF_INET6 : AF_INET
        let type = CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let owned = OwnedDescriptor(adopting: try systemCall("socket") { Glibc.socket(family, type, 0) })
        let descriptor = owned.rawValue
        var yes: CInt = 1
        try systemCall("setsockopt") {
            unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<CInt>.size))
        }
        if address.isVersion6 {
            var place = sockaddr_in6()
            place.sin6_family = sa_family_t(AF_INET6)
            place.sin6_port = address.port.bigEndian
            guard unsafe inet_pton(AF_INET6, address.address, &place.sin6_addr) == 1 else {
                throw SystemCallError(call: "inet_pton", errno: EINVAL)
            }
            try Self.bind(descriptor, place)
        } else {
            var place = sockaddr_in()
            place.sin_family = sa_family_t(AF_INET)
            place.sin_port = address.port.bigEndian
            guard unsafe inet_pton(AF_INET, address.address, &place.sin_addr) == 1 else {
                throw SystemCallError(call: "inet_pton", errno: EINVAL)
            }
            try Self.bind(descriptor, place)
        }
        try systemCall("listen") { listen(descriptor, 16) }
        socket = owned
    }

    /// The next connection, nonblocking; nil where none waits.
    ///
    /// Not by accept4, which the headers hide without feature macros: nothing here ever starts a child that could inherit.
    /// - Throws: EMFILE and the like.
    func accept() throws(SystemCallError) -> OwnedDescriptor? {
        let listening = socket.rawValue
        let connection: OwnedDescriptor
        do throws(SystemCallError) {
            connection = OwnedDescriptor(adopting: try systemCall("accept") { Glibc.accept(listening, nil, nil) })
        } catch {
            if [EAGAIN, ECONNABORTED].contains(error.errno) { return nil }
            throw error
        }
        let descriptor = connection.rawValue
        try systemCall("fcntl") { fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        try systemCall("fcntl") { fcntl(descriptor, F_SETFL, O_NONBLOCK) }
        return connection
    }

    /// The port it got.
    var port: UInt16? {
        var place = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let descriptor = socket.rawValue
        let answer = unsafe withUnsafeMutablePointer(to: &place) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe getsockname(descriptor, $0, &length) }
        }
        guard answer == 0 else { return nil }
        // The port stands at the same place in both families.
        return unsafe withUnsafeBytes(of: &place) { unsafe UInt16(bigEndian: $0.loadUnaligned(fromByteOffset: 2, as: UInt16.self)) }
    }

    private static func bind<Address>(_ descriptor: CInt, _ place: Address) throws(SystemCallError) {
        try systemCall("bind") {
            unsafe withUnsafePointer(to: place) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe Glibc.bind(descriptor, $0, socklen_t(MemoryLayout<Address>.size))
                }
            }
        }
    }
}
