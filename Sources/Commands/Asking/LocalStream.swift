import Glibc
import LinuxSystem

/// A non-blocking stream, read and written as far as it goes.
struct LocalStream: ~Copyable {
    let descriptor: OwnedDescriptor

    /// Connects to a Unix socket. A listener whose queue is full counts as EAGAIN, as the kernel says it.
    init(connectingTo path: String) throws(SystemCallError) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        let room = MemoryLayout.size(ofValue: address.sun_path)
        guard bytes.count < room, !bytes.isEmpty, !bytes.contains(0) else {
            throw SystemCallError(call: "connect", errno: ENAMETOOLONG, path: bytes)
        }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        let socket = OwnedDescriptor(
            adopting: try systemCall("socket") {
                Glibc.socket(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
            })
        let number = socket.rawValue
        try systemCall("connect", path: bytes) {
            unsafe withUnsafePointer(to: &address) {
                unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe connect(number, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
        }
        descriptor = socket
    }

    init(adopting descriptor: consuming OwnedDescriptor) {
        self.descriptor = descriptor
    }

    /// What is there; nil at the end, empty where nothing is there now.
    borrowing func read() throws(SystemCallError) -> [UInt8]? {
        var room = [UInt8](repeating: 0, count: 64 << 10)
        let number = descriptor.rawValue
        do throws(SystemCallError) {
            let count = try systemCall("read") {
                unsafe room.withUnsafeMutableBytes { unsafe Glibc.read(number, $0.baseAddress, $0.count) }
            }
            return count == 0 ? nil : Array(room[..<count])
        } catch  where error.errno == EAGAIN {
            return []
        }
    }

    /// Writes as much as goes now, and tells how much that was.
    borrowing func write(_ bytes: ArraySlice<UInt8>) throws(SystemCallError) -> Int {
        let number = descriptor.rawValue
        do throws(SystemCallError) {
            return try systemCall("send") {
                unsafe bytes.withUnsafeBytes { unsafe send(number, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
            }
        } catch  where error.errno == EAGAIN {
            return 0
        }
    }
}

/// Two ends of one stream: the reading end does not block, the writing end is for a child.
struct StreamPair: ~Copyable {
    let reading: OwnedDescriptor
    let writing: OwnedDescriptor

    init() throws(SystemCallError) {
        var ends: [CInt] = [-1, -1]
        let kind = CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        try systemCall("socketpair") {
            unsafe ends.withUnsafeMutableBufferPointer { unsafe socketpair(AF_UNIX, kind, 0, $0.baseAddress) }
        }
        reading = OwnedDescriptor(adopting: ends[0])
        writing = OwnedDescriptor(adopting: ends[1])
        // Cannot fail on a descriptor that was just made.
        _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
    }
}
