import Glibc
import LinuxSystem

/// Lends one of the sockaddr_* structures to a call that takes them all.
func lend<Address>(_ address: Address, to call: (UnsafePointer<sockaddr>, socklen_t) -> CInt) -> CInt {
    unsafe withUnsafePointer(to: address) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe call($0, socklen_t(MemoryLayout<Address>.size)) }
    }
}

extension sockaddr_un {
    /// - Throws: ENAMETOOLONG for a path that does not fit.
    init(path: String) throws(SystemCallError) {
        let bytes = Array(path.utf8)
        self.init()
        sun_family = sa_family_t(AF_UNIX)
        guard bytes.count <= HostConfiguration.Limits.socketPathBytes, !bytes.contains(0) else {
            throw SystemCallError(call: "socket", errno: ENAMETOOLONG, path: bytes)
        }
        unsafe withUnsafeMutableBytes(of: &sun_path) { unsafe $0.copyBytes(from: bytes) }
    }
}

/// A stream socket that does not block and is not inherited.
func streamSocket(_ family: CInt) throws(SystemCallError) -> OwnedDescriptor {
    let type = CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    return OwnedDescriptor(adopting: try systemCall("socket") { socket(family, type, 0) })
}
