import Glibc
import LinuxSystem
import ShareModel
import ShareWire

/// `share-names` at work for this command. It may hang inside a file system; this one does not: what is not heard of for too long is given up.
final class NamesRun {
    private let waiting: Waiting
    private let console: Console
    private let giveUp: Duration
    private let child: ChildProcess
    private var watch: WatchToken?
    private var stream: ByteStream?
    private var ended: ChildExit?
    private var line: [UInt8] = []
    private var answer: Value?
    /// What it said last beside its answers: a trap's words.
    private var remark = ""
    private var heard = MonotonicTime.now()
    private var at = "."
    private var names: Int64 = 0

    /// How long one that was killed may take to end before it is left alone.
    private static let endGrace = Duration.seconds(2)

    /// Starts it, as whoever runs this command and in the same directory.
    init(_ task: String, _ order: Value, program: Program, giveUp: Duration) throws(SystemCallError) {
        waiting = try Waiting()
        console = program.console
        self.giveUp = giveUp
        let output = try UnixStream.pair()
        let far = output.far.rawValue
        // It writes as to any pipe, so its end blocks. What it complains of comes the same way: one that is stuck must hold nothing of whoever
        // waits for this command to close its stderr, as ssh does.
        try systemCall("fcntl") { fcntl(far, F_SETFL, 0) }
        let path = program.libexec + "/share-names"
        child = try ChildProcess.spawn(
            Array(path.utf8), arguments: [Array(path.utf8), Array(task.utf8), StrictJSON.bytes(of: order)], standardOutput: far,
            standardError: far)
        watch = try waiting.loop.watch(child.pidfd, events: .readable) { [unowned self] _ in ended = (try? child.reap()) ?? ended }
        stream = try ByteStream(waiting.loop, adopting: output.near, kind: .connection) { [unowned self] event in
            if case .received(let bytes) = event { take(bytes) }
        }
    }

    /// The same for a command: why it could not be started is a complaint.
    static func start(_ task: String, _ order: Value, program: Program, giveUp: WaitArgument) throws(CommandEnd) -> NamesRun {
        do throws(SystemCallError) {
            return try NamesRun(task, order, program: program, giveUp: .milliseconds(giveUp.milliseconds))
        } catch {
            throw .complaint(Complaint(failing: "start share-names", error))
        }
    }

    deinit {
        if let watch { waiting.loop.unwatch(watch) }
    }

    /// Waits for what it found.
    /// - Parameters:
    ///   - what: what could not be done if it does not answer.
    ///   - remedy: what to do where the file system does not answer.
    func outcome(of what: String, remedy: () -> String) throws(CommandEnd) -> Value {
        do throws(CommandEnd) {
            while answer == nil, !(ended != nil && stream?.isClosed ?? true) {
                let deadline = heard + giveUp
                let before = heard
                if try !waiting.until(deadline, { answer != nil || heard != before || (ended != nil && stream?.isClosed ?? true) }) {
                    throw .complaint(stalled(what, remedy()))
                }
            }
        } catch {
            end()
            throw error
        }
        console.clearProgress()
        if let outcome = answer?["outcome"] { return outcome }
        if let cause = answer?["cause"].flatMap({ try? Cause($0, at: "cause") }) {
            // No policy has a word in this: what is refused here is a wrong order.
            throw .complaint(Complaint(cause, exit: cause.code.isRefusal ? .usage : nil))
        }
        throw .complaint(
            Complaint(
                what,
                why: "share-names gave no answer: \(ended?.description ?? "it still runs")"
                    + (remark.isEmpty ? "" : "; it said: \(remark)"),
                remedy: "report this as a fault of shareagent", exit: .internalError, code: .internalError))
    }

    private func stalled(_ what: String, _ remedy: String) -> Complaint {
        let seconds = giveUp.wholeNanoseconds / 1_000_000_000
        let doing = child.activity().map { $0.isUninterruptible ? "; it is stuck in the kernel (\($0.waitingIn ?? "unknown"))" : "" } ?? ""
        return Complaint(
            what, why: "the file system has not answered for \(seconds)s at '\(at)', after \(names) names\(doing)",
            remedy: "see shareagent status; " + remedy,
            exit: .none, code: .transportStalled)
    }

    /// Ends it; one that is stuck in the kernel is left alone, and ends when its file system answers.
    private func end() {
        console.clearProgress()
        try? child.killGroup()
        _ = try? waiting.until(.now() + Self.endGrace, evenInterrupted: true) { ended != nil }
    }

    private func take(_ bytes: ArraySlice<UInt8>) {
        heard = .now()
        for byte in bytes {
            if byte != UInt8(ascii: "\n") {
                if line.count < Limits.frameBytes { line.append(byte) }
                continue
            }
            if let value = try? StrictJSON.parse(line) {
                if let progress = value["progress"] { show(progress) } else { answer = value }
            } else if !line.isEmpty {
                remark = String(printing: line.prefix(200))
            }
            line = []
        }
    }

    private func show(_ progress: Value) {
        at = progress["at"]?.text ?? at
        names = progress["names"]?.number ?? names
        if let all = progress["of"]?.number { return console.progress("\(names) of \(all) names, now in \(at)".printable) }
        console.progress("\(names) names in \(progress["directories"]?.number ?? 0) directories, now in \(at)".printable)
    }
}
