import Glibc
import LinuxSystem
import ShareModel
import Testing

@testable import Agent

@Suite("workers and their deadlines")
struct WorkerPoolTests {
    /// A worker that ends at once without an answer.
    private struct Brief: WorkerLauncher {
        var description: String { "brief" }

        func launch(question: CInt, answer: CInt) throws(SystemCallError) -> ChildProcess {
            try ChildProcess.spawn(Array("/bin/true".utf8), arguments: [Array("true".utf8)])
        }
    }

    /// Something else that the loop hears.
    private final class Bell {
        private let pipe: Pipe

        init(_ loop: EventLoop) throws {
            pipe = try Pipe()
            _ = try loop.watch(pipe.readEnd.rawValue, events: .readable) { _ in }
        }

        func ring() throws { _ = try writeAvailable(pipe.writeEnd.rawValue, [1]) }
    }

    @Test("a worker that ended before its deadline is not overdue, however late the daemon comes to hear of it")
    func endBeforeDeadlineCounts() throws {
        let loop = try EventLoop()
        var told: [String] = []
        let pool = WorkerPool(loop: loop, launcher: Brief(), log: { told.append($0) }) { event in
            switch event {
            case .progressed: told.append("progressed")
            case .overdue: told.append("overdue")
            case .stuck: told.append("stuck")
            case .ended: told.append("ended")
            }
            loop.stop()
        }
        // More events than the loop takes in one turn have come before the worker's end.
        var bells: [Bell] = []
        for _ in 0..<100 { bells.append(try Bell(loop)) }
        for bell in bells { try bell.ring() }
        let name = try ShareName(validating: "docs")
        pool.launch(1, .detach(name, try Target(validating: Array("/mnt/docs".utf8)), mountID: 1, lazy: false), deadlineMs: 300)
        usleep(600_000)
        loop.after(.seconds(5)) { loop.stop() }
        try loop.run()
        #expect(told.filter { !$0.contains("without an answer") } == ["ended"])
    }
}
