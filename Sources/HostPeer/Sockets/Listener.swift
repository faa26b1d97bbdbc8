import Glibc
import LinuxSystem

/// A listening socket on the event loop: hands out each connection as a descriptor.
final class Listener {
    /// How long accepting pauses when the process is out of descriptors or memory: the connection stays in the queue, and
    /// would wake the loop without end.
    private static let exhaustedPause = Duration.seconds(1)

    private let loop: EventLoop
    private let socket: OwnedDescriptor
    private let onConnection: (consuming OwnedDescriptor) -> Void
    private var watch: WatchToken?
    private var pause: TimerToken?

    /// The listening descriptor's number.
    var descriptor: CInt { socket.rawValue }

    /// - Throws: what `EventLoop.watch` throws.
    init(
        _ socket: consuming OwnedDescriptor, on loop: EventLoop, onConnection: @escaping (consuming OwnedDescriptor) -> Void
    ) throws(SystemCallError) {
        self.loop = loop
        self.socket = socket
        self.onConnection = onConnection
        watch = try startWatching()
    }

    /// Stops listening. The socket's file stays where it is.
    func close() {
        if let watch { loop.unwatch(watch) }
        if let pause { loop.cancel(pause) }
        (watch, pause) = (nil, nil)
    }

    private func startWatching() throws(SystemCallError) -> WatchToken {
        try loop.watch(socket.rawValue, events: .readable, edge: false) { [weak self] _ in self?.accept() }
    }

    /// One connection a turn, so that many that come at once do not keep the others waiting.
    ///
    /// accept4 is no part of the headers without feature macros; nothing here ever starts a child that could inherit.
    private func accept() {
        let listening = socket.rawValue
        do throws(SystemCallError) {
            let connection = OwnedDescriptor(adopting: try systemCall("accept") { Glibc.accept(listening, nil, nil) })
            let descriptor = connection.rawValue
            try systemCall("fcntl") { fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
            try systemCall("fcntl") { fcntl(descriptor, F_SETFL, O_NONBLOCK) }
            onConnection(connection)
        } catch {
            guard [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(error.errno), let watch else { return }
            loop.unwatch(watch)
            self.watch = nil
            pause = loop.after(Self.exhaustedPause) { [weak self] in
                guard let self else { return }
                pause = nil
                self.watch = try? startWatching()
            }
        }
    }
}
