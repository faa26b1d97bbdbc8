import Glibc
import LinuxSystem
import ShareModel
import ShareWire

/// An agent started for one job, where no daemon runs: `shareagentd --once …`, its one line of JSON, and its progress.
final class OnceRun {
    private let loop: EventLoop
    /// Where progress is told; nil for what is over at once.
    private let console: Console?
    private let child: ChildProcess
    private var watch: WatchToken?
    private var streams: [ByteStream] = []
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
        program: String, arguments: [String], input: [UInt8], libexec: String, waiting: Waiting, console: Console?
    ) throws(SystemCallError) {
        loop = waiting.loop
        self.console = console
        let output = try UnixStream.pair()
        let complaints = try UnixStream.pair()
        let input = try memoryFile(input)
        for end in [output.far.rawValue, complaints.far.rawValue] {
            // The child writes as to any pipe, so its ends block.
            try systemCall("fcntl") { fcntl(end, F_SETFL, 0) }
        }
        child = try ChildProcess.spawn(
            Array(program.utf8), arguments: ([program] + arguments).map { Array($0.utf8) },
            environment: .clean.adding("SHAREAGENT_LIBEXEC", Array(libexec.utf8)), standardInput: input.rawValue,
            standardOutput: output.far.rawValue, standardError: complaints.far.rawValue)
        watch = try loop.watch(child.pidfd, events: .readable) { [unowned self] _ in ended = (try? child.reap()) ?? ended }
        streams.append(
            try ByteStream(loop, adopting: output.near, kind: .connection) { [unowned self] event in
                if case .received(let bytes) = event { takeOutput(bytes) }
            })
        streams.append(
            try ByteStream(loop, adopting: complaints.near, kind: .connection) { [unowned self] event in
                if case .received(let bytes) = event { takeRemarks(bytes) }
            })
    }

    deinit {
        if let watch { loop.unwatch(watch) }
    }

    /// Whether it has ended and its answer is read. Its stderr may be held open by a worker that it had to leave behind.
    var isOver: Bool { ended != nil && streams.first?.isClosed ?? true }

    /// Asks it to end, for its time is over or somebody interrupted the command; it detaches nothing.
    func end(waiting: Waiting) {
        wasEnded = true
        try? child.signal(SIGTERM)
        _ = try? waiting.until(.now() + Self.endGrace, evenInterrupted: true) { isOver }
    }

    private static let endGrace = Duration.seconds(2)

    /// What it answered.
    func answer() throws(CommandEnd) -> Value {
        let lines = answered.split(separator: UInt8(ascii: "\n"))
        if let last = lines.last, let value = try? StrictJSON.parse(last) {
            if let failure = value["cause"].flatMap({ try? Cause($0, at: "cause") }) {
                throw .complaint(Complaint(failure, exit: ended == .exited(EX_CONFIG) ? .usage : nil, document: value))
            }
            return value
        }
        let how = wasEnded ? "it did not end in time" : ended?.description ?? "it still runs"
        throw .complaint(
            Complaint(
                "the agent started for this job gave no answer", why: ([how] + remarks).joined(separator: "; "),
                remedy: "systemctl start shareagent, and try again", exit: wasEnded ? .unreachable : .internalError, code: .internalError))
    }

    private func takeOutput(_ bytes: ArraySlice<UInt8>) {
        if answered.count + bytes.count <= Limits.frameBytes { answered += bytes }
        // A long job tells how far it is in lines before its answer.
        while let end = answered.firstIndex(of: UInt8(ascii: "\n")), let line = try? StrictJSON.parse(Array(answered[..<end])),
            let doing = line["progress"]?["doing"]?.text
        {
            answered.removeSubrange(...end)
            console?.progress(doing.printable)
        }
    }

    private func takeRemarks(_ bytes: ArraySlice<UInt8>) {
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                take(String(printing: line))
                line = []
            } else if line.count < Self.maximumLine {
                line.append(byte)
            }
        }
    }

    private func take(_ line: String) {
        if ledger.take(line) {
            console?.progress(ledger.line)
        } else if !line.isEmpty {
            remarks.append(line)
            if remarks.count > Self.maximumRemarks { remarks.removeFirst() }
        }
    }
}
