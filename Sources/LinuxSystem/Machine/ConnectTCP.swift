import Glibc

/// Connects to a TCP port and hangs up: whether somebody listens there.
/// - Parameters:
///   - address: four or sixteen bytes, in network order.
///   - deadline: how long to wait for an answer.
/// - Throws: ECONNREFUSED, EHOSTUNREACH, … as the network says; ETIMEDOUT when nothing was said by the deadline.
public func connectTCP(to address: [UInt8], port: UInt16, within deadline: Duration) throws(SystemCallError) {
    let family = address.count == 4 ? AF_INET : AF_INET6
    let type = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_NONBLOCK.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
    let end = OwnedDescriptor(adopting: try systemCall("socket") { socket(family, type, 0) })
    let number = end.rawValue
    do throws(SystemCallError) {
        try systemCall("connect") { begin(number, address, port) }
        return
    } catch {
        guard error.errno == EINPROGRESS else { throw error }
    }
    let until = MonotonicTime.now() + deadline
    var question = pollfd(fd: number, events: Int16(POLLOUT), revents: 0)
    while true {
        let left = (until - .now()).wholeNanoseconds / 1_000_000
        guard left > 0 else { throw SystemCallError(call: "connect", errno: ETIMEDOUT) }
        if try systemCall("poll", { unsafe poll(&question, 1, CInt(clamping: left)) }) > 0 { break }
    }
    var failure: CInt = 0
    var size = socklen_t(MemoryLayout<CInt>.size)
    try systemCall("getsockopt") { unsafe getsockopt(number, SOL_SOCKET, SO_ERROR, &failure, &size) }
    if failure != 0 { throw SystemCallError(call: "connect", errno: failure) }
}

private func begin(_ number: CInt, _ address: [UInt8], _ port: UInt16) -> CInt {
    if address.count == 4 {
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_port = port.bigEndian
        unsafe withUnsafeMutableBytes(of: &place.sin_addr) { unsafe $0.copyBytes(from: address) }
        return unsafe withUnsafePointer(to: place) { four in
            unsafe four.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(number, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
    var place = sockaddr_in6()
    place.sin6_family = sa_family_t(AF_INET6)
    place.sin6_port = port.bigEndian
    unsafe withUnsafeMutableBytes(of: &place.sin6_addr) { unsafe $0.copyBytes(from: address) }
    return unsafe withUnsafePointer(to: place) { six in
        unsafe six.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            unsafe connect(number, $0, socklen_t(MemoryLayout<sockaddr_in6>.size))
        }
    }
}
