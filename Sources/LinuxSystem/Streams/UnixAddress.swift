import Glibc

/// A Unix socket's address, checked to fit.
struct UnixAddress {
    private var storage = sockaddr_un()
    private let size: socklen_t

    /// The longest path a Unix socket can have: 108 bytes with the NUL.
    static let pathLimit = 107

    /// - Parameter path: a file's path; one that begins with `@` is meant literally, too.
    /// - Throws: ENAMETOOLONG, or EINVAL for an empty path or one with a NUL.
    init(path: [UInt8], call: String) throws(SystemCallError) {
        if path.isEmpty || path.contains(0) { throw SystemCallError(call: call, errno: EINVAL, path: path) }
        if path.count > Self.pathLimit { throw SystemCallError(call: call, errno: ENAMETOOLONG, path: path) }
        self.init(raw: path + [0])
    }

    /// - Parameter abstract: a name that lives outside the file system, without the NUL that marks it.
    init(abstract: [UInt8], call: String) throws(SystemCallError) {
        if abstract.count > Self.pathLimit { throw SystemCallError(call: call, errno: ENAMETOOLONG, path: abstract) }
        self.init(raw: [0] + abstract)
    }

    private init(raw: [UInt8]) {
        storage.sun_family = sa_family_t(AF_UNIX)
        let offset = MemoryLayout.offset(of: \sockaddr_un.sun_path) ?? MemoryLayout<sa_family_t>.size
        unsafe withUnsafeMutableBytes(of: &storage) { bytes in
            for (index, byte) in raw.enumerated() { unsafe bytes[offset + index] = byte }
        }
        size = socklen_t(offset + raw.count)
    }

    func lend<Answer>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Answer) -> Answer {
        unsafe withUnsafePointer(to: storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe body($0, size) }
        }
    }
}

/// A new Unix socket of a type, nonblocking and close-on-exec.
func unixSocket(_ type: __socket_type) throws(SystemCallError) -> OwnedDescriptor {
    let flags = CInt(bitPattern: type.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    return OwnedDescriptor(adopting: try systemCall("socket") { socket(AF_UNIX, flags, 0) })
}
