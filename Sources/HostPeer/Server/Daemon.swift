import Glibc
import LinuxSystem
import ShareModel

/// A HostServer as a process: signals, and the service manager's wishes.
final class Daemon {
    private let loop: EventLoop
    private let log: Log
    private let server: HostServer

    /// - Throws: where the kernel gives no event loop.
    init(_ configuration: HostConfiguration, from path: String, log: Log) throws(SystemCallError) {
        self.log = log
        loop = try EventLoop()
        server = HostServer(configuration, from: path, in: Surroundings(loop: loop, log: log))
    }

    /// Serves until SIGTERM or SIGINT.
    func run(controlSocket: String) throws {
        try loop.onSignal(SIGTERM) { [self] in end($0) }
        try loop.onSignal(SIGINT) { [self] in end($0) }
        try loop.onSignal(SIGHUP) { [self] _ in server.reload("SIGHUP") }
        try server.start(controlSocket: controlSocket)
        log.info("serving \(server.summary)")
        defer { server.stop() }
        try loop.run()
        log.info("ended")
    }

    private func end(_ signal: SignalEvent) {
        log.info("signal \(signal.number): ending")
        loop.stop()
    }
}
