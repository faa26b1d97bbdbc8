import Glibc
import LinuxSystem
import ShareModel
import ShareWire

/// An agent started for one job, where no daemon runs: `shareagentd --once …`, its one line of JSON, and its progress.
final class OnceRun {
    private let loop: EventLoop
    private let console: Console
    private let child: ChildProcess
    private let output: LocalStream
    private let complaints: LocalStream
    private var watches: [WatchToken] = []
    private var openStreams = 2
    private var ended: ChildExit?
    private var answered: [UInt8] = []
    private var line: [UInt8] = []
    private var ledger = ProgressText.Ledger()
    private var remarks: [String] = []
    private var wasEnded = false

    /// The most that is kept of what the child says beside its answer, in lines.
    static let maximumRemarks = 8
    /// The longest line that is kept, in bytes.
    static let maximumLine = 4096

    /// Starts it. Nothing of this program's environment but the directory of the programs goes along.
    init(
        program: String, arguments: [String], libexec: String, waiting: Waiting, console: Console
    ) throws(SystemCallError) {
        loop = waiting.loop
        self.console = console
        let first = try StreamPair()
        let second = try StreamPair()
        child = try ChildProcess.spawn(
            Array(program.utf8), arguments: ([program] + arguments).map { Array($0.utf8) },
            environment: .clean.adding("SHAREAGENT_LIBEXEC", Array(libexec.utf8)), standardOutput: first.writing.rawValue,
            standardError: second.writing.rawValue)
        output = LocalStream(adopting: first.reading)
        complaints = LocalStream(adopting: second.reading)
        watches.append(try loop.watch(child.pidfd, events: .readable) { [unowned self] _ in ended = (try? child.reap()) ?? ended })
        watches.append(try loop.watch(output.descriptor.rawValue, events: .readable) { [unowned self] _ in readOutput() })
        watches.append(try loop.watch(complaints.descriptor.rawValue, events: .readable) { [unowned self] _ in readComplaints() })
    }

    deinit {
        for watch in watches { loop.unwatch(watch) }
    }

    /// Whether it has ended and all it said is read. Its workers hold none of its streams.
    var isOver: Bool { ended != nil && openStreams == 0 }

    /// Asks it to end, for its time is over or somebody interrupted the command; it detaches nothing.
    func end(waiting: Waiting) {
        wasEnded = true
        try? child.signal(SIGTERM)
        _ = try? waiting.until(.now() + Self.endGrace, { isOver })
    }
    private static let endGrace = Duration.seconds(2)

    /// What it answered.
    func answer() throws(CommandEnd) -> Value {
        let lines = answered.split(separator: UInt8(ascii: "\n"))
        if let last = lines.last, let value = try? StrictJSON.parse(last) {
            if let failure = value["cause"].flatMap({ try? Cause($0, at: "cause") }) { throw .complaint(Complaint(failure)) }
            return value
        }
        let how = wasEnded ? "it did not end in time" : ended?.description ?? "it still runs"
        throw .complaint(
            Complaint(
                "the agent started for this job gave no answer", why: ([how] + remarks).joined(separator: "; "),
                remedy: "systemctl start shareagent, and try again", exit: wasEnded ? .unreachable : .internalError, code: .internalError))
    }

    private func readOutput() {
        while let bytes = try? output.read() {
            if bytes.isEmpty { return }
            if answered.count + bytes.count <= Limits.frameBytes { answered += bytes }
        }
        close(1)
    }

    private func readComplaints() {
        while let bytes = try? complaints.read() {
            if bytes.isEmpty { return }
            for byte in bytes {
                if byte == UInt8(ascii: "\n") {
                    take(String(printing: line))
                    line = []
                } else if line.count < Self.maximumLine {
                    line.append(byte)
                }
            }
        }
        if !line.isEmpty { take(String(printing: line)) }
        line = []
        close(2)
    }

    /// A stream has ended: nothing more is to be waited for there.
    private func close(_ index: Int) {
        loop.unwatch(watches[index])
        openStreams -= 1
    }

    private func take(_ line: String) {
        if ledger.take(line) {
            console.progress(ledger.line)
        } else if !line.isEmpty {
            remarks.append(line)
            if remarks.count > Self.maximumRemarks { remarks.removeFirst() }
        }
    }
}
