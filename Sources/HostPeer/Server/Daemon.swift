import Glibc
import LinuxSystem
import ShareModel

/// A HostServer as a process: signals, and the service manager's wishes.
final class Daemon {
    private let loop: EventLoop
    private let log: Log
    private let server: HostServer
    private let notifier = ServiceNotifier()
    private var toldSummary = ""

    /// - Throws: where the kernel gives no event loop.
    init(_ configuration: HostConfiguration, from path: String, log: Log) throws(SystemCallError) {
        self.log = log
        loop = try EventLoop()
        server = HostServer(configuration, from: path, in: Surroundings(loop: loop, log: log))
    }

    /// Serves until SIGTERM or SIGINT.
    /// - Throws: `StartProblem`, or where the event loop fails.
    func run(controlSocket: String) throws {
        // A log whose reader is gone must not end the daemon.
        _ = signal(SIGPIPE, SIG_IGN)
        try loop.onSignal(SIGTERM) { [self] in end($0) }
        try loop.onSignal(SIGINT) { [self] in end($0) }
        try loop.onSignal(SIGHUP) { [self] _ in reload() }
        try server.start(controlSocket: controlSocket)
        defer { server.stop() }
        log.info("serving \(server.summary)")
        notifier.notify("READY=1")
        tellStatus()
        feedWatchdog()
        try loop.run()
        log.info("ended")
    }

    private func reload() {
        // Type=notify-reload waits for the moment after which this reload was begun.
        notifier.notify("RELOADING=1\nMONOTONIC_USEC=\(MonotonicTime.now().nanoseconds / 1000)")
        server.reload("SIGHUP")
        notifier.notify("READY=1")
    }

    private func end(_ signal: SignalEvent) {
        log.info("signal \(signal.number): ending")
        notifier.notify("STOPPING=1")
        loop.stop()
    }

    private func tellStatus() {
        guard notifier.isConnected else { return }
        let summary = server.summary.printable
        if summary != toldSummary { notifier.notify("STATUS=\(summary)") }
        toldSummary = summary
        loop.after(.seconds(2)) { [weak self] in self?.tellStatus() }
    }

    private func feedWatchdog() {
        guard let interval = notifier.watchdogInterval else { return }
        notifier.notify("WATCHDOG=1")
        loop.after(interval / 2) { [weak self] in self?.feedWatchdog() }
    }
}
