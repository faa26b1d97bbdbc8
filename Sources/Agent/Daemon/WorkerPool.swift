internal import LinuxSystem
internal import Reconciler
internal import ShareModel
internal import ShareWire

/// Starts a worker for each request and watches it: its answer, its deadline, its end. A worker that outlives SIGKILL is left
/// where it hangs; its pidfd still tells when it ends.
final class WorkerPool {
    /// What the pool tells, always from the event loop.
    enum Event {
        case progressed(WorkerID, String)
        case found(WorkerID, Finding)
        case overdue(WorkerID)
        case stuck(WorkerID)
        case ended(WorkerID, WorkerOutcome?)
    }

    /// How long after SIGKILL a worker counts as stuck.
    private static let killPatience = Duration.seconds(2)
    /// The longest answer read from a worker.
    private static let outcomeBytes = 1 << 20

    /// One worker; the class keeps the descriptors, which cannot be copied.
    private final class Running {
        let process: ChildProcess
        let answers: OwnedDescriptor
        let errand: String
        let deadline: Duration
        var bytes: [UInt8] = []
        var watches: [WatchToken] = []
        var timer: TimerToken?
        /// It was sent SIGKILL.
        var isEnding = false

        init(process: ChildProcess, answers: consuming OwnedDescriptor, errand: String, deadline: Duration) {
            self.process = process
            self.answers = answers
            self.errand = errand
            self.deadline = deadline
        }
    }

    private let loop: EventLoop
    private let launcher: any WorkerLauncher
    private let tell: (Event) -> Void
    private let log: (String) -> Void
    private var running: [WorkerID: Running] = [:]

    init(loop: EventLoop, launcher: any WorkerLauncher, log: @escaping (String) -> Void, tell: @escaping (Event) -> Void) {
        self.loop = loop
        self.launcher = launcher
        self.log = log
        self.tell = tell
    }

    func launch(_ id: WorkerID, _ request: WorkerRequest, deadlineMs: Int64) {
        do {
            let worker = try start(request, deadline: .milliseconds(deadlineMs))
            running[id] = worker
            worker.watches = [
                try loop.watch(worker.answers.rawValue, events: .readable) { [weak self, unowned worker] _ in self?.read(id, worker) },
                try loop.watch(worker.process.pidfd, events: .readable) { [weak self, unowned worker] _ in self?.ended(id, worker) },
            ]
            arm(id, worker)
        } catch {
            let cause = Cause(
                .internalError, "a worker could not be started: \(error.text)", evidence: [error.description],
                remedy: ["check that \(launcher) is there and can be executed"], errno: error.name)
            log("\(cause.message): \(error)")
            loop.soon { [tell] in tell(.ended(id, .failed(cause))) }
        }
    }

    private func start(_ request: WorkerRequest, deadline: Duration) throws(SystemCallError) -> Running {
        let bytes = StrictJSON.bytes(of: request.value) + [UInt8(ascii: "\n")]
        let question = try Pipe(capacity: bytes.count)
        let answer = try Pipe()
        // The pipe holds the whole request, so this never waits and the worker finds all of it.
        try writeWhole(question.writeEnd.rawValue, bytes)
        let process = try launcher.launch(question: question.readEnd.rawValue, answer: answer.writeEnd.rawValue)
        return Running(process: process, answers: try answer.readEnd.duplicate(), errand: request.errand, deadline: deadline)
    }

    /// A worker that says what it is doing has its whole deadline for the next thing.
    private func arm(_ id: WorkerID, _ worker: Running) {
        if let timer = worker.timer { loop.cancel(timer) }
        worker.timer = loop.after(worker.deadline) { [weak self, unowned worker] in self?.overdue(id, worker) }
    }

    /// Ends a worker that nobody waits for any more.
    func dismiss(_ id: WorkerID) {
        guard let worker = running[id] else { return }
        if let timer = worker.timer { loop.cancel(timer) }
        kill(id, worker)
    }

    private func read(_ id: WorkerID, _ worker: Running) {
        guard let piece = try? readAvailable(worker.answers.rawValue, limit: Self.outcomeBytes - worker.bytes.count) else { return }
        worker.bytes += piece.bytes
        takeProgress(id, worker)
    }

    /// Lines before the outcome: `{"doing": …}` and `{"finding": …}`.
    private func takeProgress(_ id: WorkerID, _ worker: Running) {
        while let end = worker.bytes.firstIndex(of: UInt8(ascii: "\n")), let line = try? StrictJSON.parse(Array(worker.bytes[..<end])),
            let event = progress(id, line)
        {
            worker.bytes.removeSubrange(...end)
            if !worker.isEnding { arm(id, worker) }
            tell(event)
        }
    }

    private func progress(_ id: WorkerID, _ line: Value) -> Event? {
        if let doing = line["doing"]?.text { return .progressed(id, doing) }
        return line["finding"].flatMap { try? Finding($0, at: "finding") }.map { .found(id, $0) }
    }

    private func ended(_ id: WorkerID, _ worker: Running) {
        guard let exit = (try? worker.process.reap()) ?? nil, running[id] === worker else { return }
        read(id, worker)
        for watch in worker.watches { loop.unwatch(watch) }
        if let timer = worker.timer { loop.cancel(timer) }
        running[id] = nil
        tell(.ended(id, outcome(of: worker, exit)))
    }

    private func outcome(of worker: Running, _ exit: ChildExit) -> WorkerOutcome? {
        if let value = try? StrictJSON.parse(worker.bytes), let outcome = try? WorkerOutcome(value) { return outcome }
        if !exit.wasKilled { log("the worker for \(worker.errand) ended without an answer: \(exit)") }
        return nil
    }

    private func overdue(_ id: WorkerID, _ worker: Running) {
        // Where the guest is short of time its end may have come first and nobody has looked yet.
        ended(id, worker)
        guard running[id] === worker else { return }
        kill(id, worker)
        tell(.overdue(id))
    }

    private func kill(_ id: WorkerID, _ worker: Running) {
        worker.isEnding = true
        // Nothing less than SIGKILL: a mount or probe that hangs in the kernel minds no other signal.
        try? worker.process.killGroup()
        worker.timer = loop.after(Self.killPatience) { [weak self, unowned worker] in self?.outlived(id, worker) }
    }

    private func outlived(_ id: WorkerID, _ worker: Running) {
        ended(id, worker)
        guard running[id] === worker else { return }
        let place = worker.process.activity().map { "state \($0.state), waiting in \($0.waitingIn ?? "the kernel")" } ?? "gone"
        log("the worker for \(worker.errand) outlived SIGKILL: \(place)")
        tell(.stuck(id))
    }
}

extension WorkerRequest {
    /// For log lines: what and for whom, nothing else of it.
    fileprivate var errand: String {
        switch self {
        case .attach(let share, _, _): "attaching '\(share.name)'"
        case .renew(let share, _, _, _): "giving '\(share.name)' a new password"
        case .detach(let name, _, _, _, _): "detaching '\(name)'"
        case .probe(let name, _, _, _, _): "probing '\(name)'"
        case .explain(let share, _, _): "explaining '\(share.name)'"
        case .examine(let order): "looking into '\(order.share.name)'"
        case .change(let mount, let change):
            switch change {
            case .remount: "remounting '\(mount.share.name)'"
            case .retire: "detaching '\(mount.share.name)'"
            case .endWaiting: "ending the waits on '\(mount.share.name)'"
            case .replace: "mounting '\(mount.share.name)' anew"
            case .lay: "laying the view of '\(mount.share.name)'"
            }
        case .bench(let order, _): "measuring '\(order.share.name)'"
        case .sweep(let name, _, _, _): "clearing up after measuring '\(name)'"
        }
    }
}
