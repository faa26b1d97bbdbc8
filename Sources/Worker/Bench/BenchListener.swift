import Glibc
import LinuxSystem

/// How a bench learns that nobody listens any more: then it clears up and ends.
struct BenchListener {
    /// A pass is given up because whoever asked is gone.
    static let abandoned = SystemCallError(call: "bench", errno: ECANCELED)

    /// - Throws: `abandoned` when the reader's end of the outcome is closed.
    func goOn() throws(SystemCallError) {
        var question = pollfd(fd: WorkerProgram.outcomeDescriptor, events: 0, revents: 0)
        if unsafe poll(&question, 1, 0) > 0, question.revents & Int16(POLLERR | POLLHUP | POLLNVAL) != 0 { throw Self.abandoned }
    }
}
