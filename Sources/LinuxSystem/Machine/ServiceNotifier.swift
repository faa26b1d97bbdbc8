import Glibc

/// The service manager's ear (sd_notify(3)): says when the daemon is ready, alive, and what it is about. Without one it does nothing.
public struct ServiceNotifier: ~Copyable {
    private let socket: OwnedDescriptor?
    /// How often at least the manager wants to hear `WATCHDOG=1`; nil where it does not watch. Say it at half of this.
    public let watchdogInterval: Duration?

    /// As the environment of this process says (NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID).
    public init() {
        self.init(
            address: environmentValue("NOTIFY_SOCKET"), watchdogMicroseconds: environmentValue("WATCHDOG_USEC"),
            watchdogProcess: environmentValue("WATCHDOG_PID"))
    }

    /// - Parameters:
    ///   - address: a path, or `@` and an abstract name; nil for no manager.
    ///   - watchdogMicroseconds: a decimal number.
    ///   - watchdogProcess: whom the watchdog means; nil for whoever reads this.
    init(address: [UInt8]?, watchdogMicroseconds: [UInt8]?, watchdogProcess: [UInt8]?) {
        let isMeant = watchdogProcess.map { String(decoding: $0, as: UTF8.self) == "\(getpid())" } ?? true
        let microseconds = watchdogMicroseconds.flatMap { Int64(String(decoding: $0, as: UTF8.self)) } ?? 0
        watchdogInterval = isMeant && microseconds > 0 ? .microseconds(microseconds) : nil
        // A manager that cannot be reached is the manager's problem: the shares come first.
        if let address, let connected = try? Self.connect(address) {
            socket = consume connected
        } else {
            socket = nil
        }
    }

    /// Whether there is a manager to talk to.
    public var isConnected: Bool { socket != nil }

    /// Sends assignments such as `READY=1` or `STATUS=4 shares attached`, one a line. Never blocks; a lost message is not repeated.
    public borrowing func notify(_ assignments: String) {
        guard let number = socketNumber else { return }
        let bytes = Array(assignments.utf8)
        _ = try? systemCall("send") {
            unsafe bytes.withUnsafeBytes { unsafe send(number, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
        }
    }

    private var socketNumber: CInt? {
        switch socket {
        case .some(let owned): owned.rawValue
        case .none: nil
        }
    }

    private static func connect(_ name: [UInt8]) throws(SystemCallError) -> OwnedDescriptor {
        let address =
            name.first == UInt8(ascii: "@")
            ? try UnixAddress(abstract: Array(name.dropFirst()), call: "connect") : try UnixAddress(path: name, call: "connect")
        let socket = try unixSocket(SOCK_DGRAM)
        let number = socket.rawValue
        try systemCall("connect", path: name) { unsafe address.lend { unsafe Glibc.connect(number, $0, $1) } }
        return socket
    }
}

/// A variable of this process's environment, as bytes.
public func environmentValue(_ name: String) -> [UInt8]? {
    guard let value = unsafe getenv(name) else { return nil }
    return unsafe Array(UnsafeRawBufferPointer(start: value, count: strlen(value)))
}
