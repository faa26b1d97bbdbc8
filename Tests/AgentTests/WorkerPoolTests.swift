import Glibc
import LinuxSystem
import ShareModel
import Testing

@testable import Agent

@Suite("workers and their deadlines")
struct WorkerPoolTests {
    /// A program in the worker's place that takes no question and gives no answer.
    private struct Mute: WorkerLauncher {
        let words: [String]
        var description: String { words[0] }

        func launch(question: CInt, answer: CInt) throws(SystemCallError) -> ChildProcess {
            try ChildProcess.spawn(Array(words[0].utf8), arguments: words.map { Array($0.utf8) })
        }
    }

    /// Something else that the loop hears.
    private final class Bell {
        private let pipe: Pipe

        init(_ loop: EventLoop) throws {
            pipe = try Pipe()
            _ = try loop.watch(pipe.readEnd.rawValue, events: .readable) { _ in }
        }

        func ring() { _ = try? writeAvailable(pipe.writeEnd.rawValue, [1]) }
    }

    /// What is told of a worker until the last of `until`, in a daemon that is late: `delay` comes at the start and after each thing told,
    /// and more events than the loop takes in one turn come before the worker's.
    private func told(of words: [String], late delay: UInt32, until last: String) throws -> [String] {
        let loop = try EventLoop()
        var bells: [Bell] = []
        for _ in 0..<100 { bells.append(try Bell(loop)) }
        var told: [String] = []
        let pool = WorkerPool(loop: loop, launcher: Mute(words: words), log: { _ in }) { event in
            switch event {
            case .progressed, .found: told.append("progressed")
            case .overdue: told.append("overdue")
            case .stuck: told.append("stuck")
            case .ended: told.append("ended")
            }
            for bell in bells { bell.ring() }
            usleep(delay)
            if told.last == last { loop.stop() }
        }
        for bell in bells { bell.ring() }
        let name = try ShareName(validating: "docs")
        pool.launch(1, .detach(name, try Target(validating: Array("/mnt/docs".utf8)), mountID: 1, lazy: false), deadlineMs: 300)
        usleep(delay)
        loop.after(.seconds(15)) { loop.stop() }
        try loop.run()
        return told
    }

    @Test("a worker that ended before its deadline is not overdue, however late the daemon comes to hear of it")
    func endBeforeDeadlineCounts() throws {
        #expect(try told(of: ["/bin/true"], late: 600_000, until: "ended") == ["ended"])
    }

    @Test("one that was ended at its deadline is not stuck, however late the daemon comes to hear of it")
    func endAfterKillCounts() throws {
        #expect(try told(of: ["/bin/sleep", "60"], late: 2_300_000, until: "ended") == ["overdue", "ended"])
    }
}
