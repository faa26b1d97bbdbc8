import Glibc

/// Connected Unix stream sockets, nonblocking.
public enum UnixStream {
    /// Connects to the socket at `path`; a Unix socket answers at once.
    /// - Throws: ENOENT or ECONNREFUSED where nobody listens, EAGAIN where the listener's queue is full, EACCES.
    public static func connect(path: [UInt8]) throws(SystemCallError) -> OwnedDescriptor {
        let address = try UnixAddress(path: path, call: "connect")
        let stream = try unixSocket(SOCK_STREAM)
        let descriptor = stream.rawValue
        try systemCall("connect", path: path) {
            unsafe address.lend { unsafe Glibc.connect(descriptor, $0, $1) }
        }
        return stream
    }

    /// Two ends connected to each other: one to keep, one to hand to a child.
    public static func pair() throws(SystemCallError) -> UnixStreamPair {
        let flags = CInt(bitPattern: SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        var ends: (CInt, CInt) = (-1, -1)
        try systemCall("socketpair") {
            unsafe withUnsafeMutableBytes(of: &ends) { unsafe socketpair(AF_UNIX, flags, 0, $0.bindMemory(to: CInt.self).baseAddress) }
        }
        return UnixStreamPair(near: OwnedDescriptor(adopting: ends.0), far: OwnedDescriptor(adopting: ends.1))
    }
}

/// Two connected ends; each can be taken out: `let pair = try UnixStream.pair(); keep(pair.near)`.
@frozen public struct UnixStreamPair: ~Copyable, Sendable {
    /// One end.
    public let near: OwnedDescriptor
    /// The other end.
    public let far: OwnedDescriptor
}
