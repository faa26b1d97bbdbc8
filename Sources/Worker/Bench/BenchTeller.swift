import Glibc
import LinuxSystem
import ShareModel
import ShareWire

/// What a bench says while it is under way, and how it learns that nobody listens any more: then it clears up and ends.
struct BenchTeller {
    /// A pass is given up because whoever asked is gone.
    static let abandoned = SystemCallError(call: "bench", errno: ECANCELED)

    /// Tells what is being done, as one line before the outcome: `{"doing": …}`. Never waits: progress may be lost, time may not.
    func tell(_ doing: String) {
        let line = StrictJSON.bytes(of: .object(["doing": .string(doing)])) + [UInt8(ascii: "\n")]
        _ = try? writeAvailable(WorkerProgram.outcomeDescriptor, line[...])
    }

    /// - Throws: `abandoned` when the reader's end of the outcome is closed.
    func goOn() throws(SystemCallError) {
        var question = pollfd(fd: WorkerProgram.outcomeDescriptor, events: 0, revents: 0)
        if unsafe poll(&question, 1, 0) > 0, question.revents & Int16(POLLERR | POLLHUP | POLLNVAL) != 0 { throw Self.abandoned }
    }
}
