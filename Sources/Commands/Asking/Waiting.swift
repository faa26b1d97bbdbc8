import Glibc
import LinuxSystem
import ShareModel

/// The command's one event loop, with the two signals that end a command early.
final class Waiting {
    let loop: EventLoop
    private(set) var isInterrupted = false

    init() throws(SystemCallError) {
        loop = try EventLoop()
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            try loop.onSignal(signal) { [unowned self] _ in isInterrupted = true }
        }
    }

    /// Turns the loop until something has happened, the deadline has passed or a signal has come.
    /// - Parameter evenInterrupted: whether to go on after a signal, for clearing up.
    /// - Returns: whether it has happened.
    func until(_ deadline: MonotonicTime, evenInterrupted: Bool = false, _ hasHappened: () -> Bool) throws(CommandEnd) -> Bool {
        let timer = loop.at(deadline: deadline) {}
        defer { loop.cancel(timer) }
        while !hasHappened() {
            if isInterrupted, !evenInterrupted { throw .interrupted }
            if MonotonicTime.now() >= deadline { return false }
            do {
                try loop.turn()
            } catch {
                throw .complaint(Complaint(failing: "wait for the agent", error))
            }
        }
        return true
    }
}

extension Complaint {
    /// A system call failed that never should.
    init(failing what: String, _ error: SystemCallError) {
        self.init(
            "cannot \(what)", why: error.description,
            remedy: error.errno == ENOENT
                ? "apt install --reinstall shareagent" : "see whether this machine has run out of descriptors or memory",
            exit: .internalError, code: .internalError)
    }
}
