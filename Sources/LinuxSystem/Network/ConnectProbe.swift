import Glibc

/// What became of a TCP connection attempt.
public enum ConnectOutcome: Equatable, Sendable {
    /// Somebody answered after this long; the connection was closed again.
    case connected(after: Duration)
    /// Somebody accepted the connection and did not answer the greeting by the deadline.
    case silent
    /// Somebody answered, and not what was asked for.
    case declined
    /// The machine is there and nobody listens on the port (ECONNREFUSED).
    case refused
    /// Nothing came back by the deadline, or the kernel gave up first.
    case timedOut
    /// There is no way to the machine: EHOSTUNREACH, ENETUNREACH, ….
    case unreachable(SystemCallError)
    /// The attempt could not even be made.
    case failed(SystemCallError)
}

/// Tries to connect to a TCP port, and hangs up. Blocks until the deadline at most: for workers only.
///
/// The kernel accepts connections for a service that hangs; only an answer shows that it lives.
/// - Parameters:
///   - greeting: what the service answers to; without one the connection alone is enough. A service that hangs up has answered.
///   - expected: what stands in the answer of a service that can do what is wished; empty: any answer will do.
public func probeConnect(
    _ address: IPAddress, port: UInt16, greeting: [UInt8] = [], expected: [UInt8] = [], deadline: MonotonicTime
) -> ConnectOutcome {
    let start = MonotonicTime.now()
    do throws(SystemCallError) {
        let family = address.isVersion6 ? AF_INET6 : AF_INET
        let flags = CInt(bitPattern: SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let socket = OwnedDescriptor(adopting: try systemCall("socket") { Glibc.socket(family, flags, 0) })
        let number = socket.rawValue
        do throws(SystemCallError) {
            try systemCall("connect") { unsafe address.lend(port: port) { unsafe connect(number, $0, $1) } }
        } catch {
            guard error.errno == EINPROGRESS else { throw error }
            guard try wait(for: POLLOUT, number, deadline) else { return .timedOut }
            var pending: CInt = 0
            var size = socklen_t(MemoryLayout<CInt>.size)
            try systemCall("getsockopt") { unsafe getsockopt(number, SOL_SOCKET, SO_ERROR, &pending, &size) }
            if pending != 0 { throw SystemCallError(call: "connect", errno: pending) }
        }
        if !greeting.isEmpty {
            guard try answers(number, greeting, deadline) else { return .silent }
            guard expected.isEmpty || answer(from: number, has: expected) else { return .declined }
        }
        return .connected(after: .now() - start)
    } catch {
        switch error.errno {
        case ECONNREFUSED: return .refused
        case ETIMEDOUT: return .timedOut
        case EHOSTUNREACH, ENETUNREACH, EHOSTDOWN, ENETDOWN, EACCES, EPERM: return .unreachable(error)
        default: return .failed(error)
        }
    }
}

/// Sends the greeting, which fits any socket's buffer, and waits for the first byte of an answer.
private func answers(_ socket: CInt, _ greeting: [UInt8], _ deadline: MonotonicTime) throws(SystemCallError) -> Bool {
    do throws(SystemCallError) {
        try systemCall("send") { unsafe greeting.withUnsafeBytes { unsafe send(socket, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) } }
        return try wait(for: POLLIN, socket, deadline)
    } catch {
        // Hung up by the other side: it lives, and the mount will say more.
        if error.errno == EPIPE || error.errno == ECONNRESET { return true }
        throw error
    }
}

/// Whether the first piece of an answer, which has arrived, has these bytes in it.
private func answer(from socket: CInt, has expected: [UInt8]) -> Bool {
    var answer = [UInt8](repeating: 0, count: 256)
    let count = unsafe answer.withUnsafeMutableBytes { unsafe recv(socket, $0.baseAddress, $0.count, 0) }
    guard count >= expected.count else { return false }
    return (0...(count - expected.count)).contains { answer[$0..<count].starts(with: expected) }
}

/// Waits until a descriptor can be written or read, or has failed; false where the deadline came first.
private func wait(for event: CInt, _ descriptor: CInt, _ deadline: MonotonicTime) throws(SystemCallError) -> Bool {
    var question = pollfd(fd: descriptor, events: Int16(event), revents: 0)
    while true {
        // Rounded up, so that the last millisecond is not spent spinning.
        let left = (deadline - .now()).wholeNanoseconds
        if left <= 0 { return false }
        let milliseconds = CInt(clamping: (left - 1) / 1_000_000 + 1)
        if try systemCall("poll", { unsafe poll(&question, 1, milliseconds) }) > 0 { return true }
    }
}
