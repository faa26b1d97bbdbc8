import Glibc
import LinuxSystem

/// A listening socket on the event loop: hands out each connection as a descriptor.
final class Listener {
    /// How long accepting pauses when the process is out of descriptors or memory: the connection stays in the queue, and
    /// would wake the loop without end.
    private static let exhaustedPause = Duration.seconds(1)

    private let loop: EventLoop
    private let onConnection: (consuming OwnedDescriptor) -> Void
    private var socket: Socket?
    private var watch: WatchToken?
    private var pause: TimerToken?

    /// What is listened on.
    private enum Socket {
        case unix(UnixListener)
        case tcp(TCPListener)

        var descriptor: CInt {
            switch self {
            case .unix(let listener): listener.descriptor
            case .tcp(let listener): listener.descriptor
            }
        }

        func accept() throws(SystemCallError) -> OwnedDescriptor? {
            switch self {
            case .unix(let listener): try listener.accept()
            case .tcp(let listener): try listener.accept()
            }
        }
    }

    /// Listens at a path, with these permission bits. The socket's file goes with `close()`.
    /// - Throws: what `UnixListener` throws.
    convenience init(
        path: String, mode: UInt32, on loop: EventLoop, onConnection: @escaping (consuming OwnedDescriptor) -> Void
    ) throws(SystemCallError) {
        try self.init(.unix(try UnixListener(path: Array(path.utf8), mode: mode)), loop, onConnection)
    }

    /// Listens on an address.
    /// - Throws: what `TCPListener` throws.
    convenience init(
        address: ListenAddress, on loop: EventLoop, onConnection: @escaping (consuming OwnedDescriptor) -> Void
    ) throws(SystemCallError) {
        try self.init(.tcp(try TCPListener(address)), loop, onConnection)
    }

    private init(_ socket: Socket, _ loop: EventLoop, _ onConnection: @escaping (consuming OwnedDescriptor) -> Void) throws(SystemCallError)
    {
        self.loop = loop
        self.socket = socket
        self.onConnection = onConnection
        watch = try startWatching(socket)
    }

    deinit {
        close()
    }

    /// The port of a TCP socket, also where the kernel chose it.
    var port: UInt16? {
        if case .tcp(let listener) = socket { listener.port } else { nil }
    }

    /// Stops listening.
    func close() {
        if let watch { loop.unwatch(watch) }
        if let pause { loop.cancel(pause) }
        (watch, pause, socket) = (nil, nil, nil)
    }

    private func startWatching(_ socket: Socket) throws(SystemCallError) -> WatchToken {
        try loop.watch(socket.descriptor, events: .readable, edge: false) { [weak self] _ in self?.accept() }
    }

    /// One connection a turn, so that many that come at once do not keep the others waiting.
    private func accept() {
        do throws(SystemCallError) {
            if let connection = try socket?.accept() { onConnection(connection) }
        } catch {
            guard [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(error.errno), let watch else { return }
            loop.unwatch(watch)
            self.watch = nil
            pause = loop.after(Self.exhaustedPause) { [weak self] in
                guard let self, let socket else { return }
                pause = nil
                self.watch = try? startWatching(socket)
            }
        }
    }
}
