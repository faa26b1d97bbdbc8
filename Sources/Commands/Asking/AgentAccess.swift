import LinuxSystem
import ShareModel
import ShareWire

/// The way to an agent: the daemon where one runs, else one started for this job.
final class AgentAccess {
    let waiting: Waiting
    private let console: Console
    private let socket: String
    private let libexec: String
    private let channel: String?
    private let waitMs: Int64

    /// What an agent is given beyond the wait that was asked for, to answer with what it then knows.
    static let graceMs: Int64 = 2_000
    /// Between two looks at the socket while another agent seems to be starting.
    static let retryInterval = Duration.milliseconds(100)

    init(console: Console, socket: String, libexec: String, channel: String?, waitMs: Int64) throws(CommandEnd) {
        self.console = console
        self.socket = socket
        self.libexec = libexec
        self.channel = channel
        self.waitMs = waitMs
        do {
            waiting = try Waiting()
        } catch {
            throw .complaint(Complaint(failing: "wait for the agent", error))
        }
    }

    /// How the shares are, after what was asked is done or its time is over.
    func shares(_ request: AgentRequest) throws(CommandEnd) -> AgentAnswer {
        let value = try answer(to: request)
        do {
            return try AgentAnswer(value)
        } catch {
            throw .complaint(Self.unreadable(error))
        }
    }

    /// What is offered.
    func offered() throws(CommandEnd) -> OfferedShares {
        let value = try answer(to: .offered)
        do {
            return try OfferedShares(value)
        } catch {
            throw .complaint(Self.unreadable(error))
        }
    }

    /// What there is to say about one share's options; the document is kept as it came.
    func explanation(_ request: AgentRequest) throws(CommandEnd) -> (document: Value, told: Explanation) {
        let document = try answer(to: request)
        do throws(FieldProblem) {
            var fields = try Fields(document, at: "")
            guard let told = fields.take("explanation") else { throw FieldProblem(path: "explanation", message: "is missing") }
            return (document, try Explanation(told, at: "explanation"))
        } catch {
            throw .complaint(Self.unreadable(error))
        }
    }

    /// What a diagnosis has found, and whether anything is wrong; the document is kept as it came. A check that this version does not know is
    /// left out of the list, and counts.
    func diagnosis(_ names: [ShareName]) throws(CommandEnd) -> (document: Value, findings: [Finding], isWell: Bool) {
        let document = try answer(to: .diagnose(names: names))
        guard let list = document["findings"]?.elements else {
            throw .complaint(Self.unreadable(FieldProblem(path: "findings", message: "is missing")))
        }
        let findings = list.enumerated().compactMap { try? Finding($1, at: "findings[\($0)]") }
        let words = [Finding.Status.ok, .skipped].map(\.rawValue)
        return (document, findings, list.allSatisfy { words.contains($0["status"]?.text ?? "") })
    }

    /// What a measurement found out, as the agent tells it.
    func bench(_ name: ShareName, _ wish: BenchWish) throws(CommandEnd) -> Value {
        try answer(to: .bench(name, wish))
    }

    /// Why the host cannot be reached, as the answer says it or as a daemon says it when asked; nil while it is reached.
    func channelComplaint(_ answer: AgentAnswer) -> Complaint? {
        if let channel = answer.channel { return channel.complaint }
        guard case .answered(let value)? = try? daemon(.status(names: []), waitMs: 0), let status = try? AgentAnswer(value) else {
            return nil
        }
        return status.channel?.complaint
    }

    /// The names of the shares that the catalog calls required; none where nobody can tell.
    func required(_ answer: AgentAnswer) -> Set<String> {
        if !answer.required.isEmpty { return answer.required }
        guard case .answered(let value)? = try? daemon(.offered, waitMs: Self.graceMs), let offered = try? OfferedShares(value) else {
            return []
        }
        return Set(offered.entries.filter { $0.share?.required ?? false }.map(\.name))
    }

    private func answer(to request: AgentRequest) throws(CommandEnd) -> Value {
        let end = MonotonicTime.now() + .milliseconds(waitMs)
        while true {
            let left = max(0, (end - .now()).wholeNanoseconds / 1_000_000)
            if case .answered(let value) = try daemon(request, waitMs: left) { return value }
            do {
                return try once(request, waitMs: left)
            } catch .complaint(let complaint) where complaint.cause.code == .channelBusy {
                // A daemon has come up meanwhile and holds the port: its socket follows at once.
                guard try !waiting.until(min(end, .now() + Self.retryInterval), { false }), MonotonicTime.now() < end else {
                    throw .complaint(complaint)
                }
            }
        }
    }

    /// What became of asking the daemon.
    private enum Reply {
        case answered(Value)
        /// Nobody listens.
        case noDaemon
    }

    private func daemon(_ request: AgentRequest, waitMs: Int64) throws(CommandEnd) -> Reply {
        let call = ControlCall(request, waitMs: waitMs, to: socket, on: waiting.loop) { [console] in console.progress($0) }
        let watch = request.isLong && !request.tellsProgress ? ProgressWatch(console: console, socket: socket, waiting: waiting) : nil
        defer { console.clearProgress() }
        let end = MonotonicTime.now() + .milliseconds(waitMs + Self.graceMs)
        watch?.begin()
        guard try waiting.until(end, { call.outcome != nil }), let outcome = call.outcome else {
            throw .complaint(
                Complaint(
                    "the agent did not answer in time", why: "\(socket) took the request, and no answer came",
                    remedy: "systemctl status shareagent; systemctl restart shareagent leaves all shares attached", exit: .unreachable,
                    code: .channelSilent))
        }
        switch outcome {
        case .result(let value): return .answered(value)
        case .refused(let error): throw .complaint(Complaint(error, asking: request))
        case .nobody: return .noDaemon
        case .broken(let why):
            throw .complaint(
                Complaint(
                    "cannot talk to the agent", why: "\(socket): \(why)", remedy: "systemctl status shareagent; journalctl -u shareagent",
                    exit: .unreachable, code: .connectionLost))
        }
    }

    private func once(_ request: AgentRequest, waitMs: Int64) throws(CommandEnd) -> Value {
        let run: OnceRun
        do {
            run = try OnceRun(
                program: libexec + "/shareagentd", arguments: request.onceArguments(waitMs: waitMs, channel: channel),
                input: request.catalog?.bytes ?? [], libexec: libexec, waiting: waiting, console: request.isLong ? console : nil)
        } catch {
            throw .complaint(
                Complaint(
                    "no agent runs, and none can be started", why: "\(error.description); nobody listens on \(socket)",
                    remedy: "systemctl start shareagent, or reinstall the package shareagent", exit: .unreachable, code: .channelAbsent))
        }
        if request.waitsForHost { console.progress("waiting for the host") }
        defer { console.clearProgress() }
        do {
            if try !waiting.until(.now() + .milliseconds(waitMs + Self.graceMs), { run.isOver }) { run.end(waiting: waiting) }
        } catch {
            run.end(waiting: waiting)
            throw error
        }
        return try run.answer()
    }

    private static func unreadable(_ problem: FieldProblem) -> Complaint {
        Complaint(
            "cannot understand the agent's answer", why: problem.sentence,
            remedy: "restart the agent, so that it is of this program's version: systemctl restart shareagent", exit: .internalError,
            code: .internalError)
    }
}

extension AgentRequest {
    /// Whether a person may have to wait for it.
    var isLong: Bool {
        switch self {
        case .status, .offered, .explain: false
        case .attach, .detach, .detachAll, .diagnose, .bench: true
        }
    }

    /// Whether the agent tells by itself how far it is.
    var tellsProgress: Bool {
        switch self {
        case .diagnose, .bench: true
        case .status, .offered, .explain, .attach, .detach, .detachAll: false
        }
    }

    /// Whether nothing can be done before the host has spoken.
    var waitsForHost: Bool {
        switch self {
        case .attach(_, let catalog): catalog == nil
        case .offered, .diagnose: true
        case .explain(_, let catalog): catalog == nil
        case .status, .detach, .detachAll, .bench: false
        }
    }
}

extension Complaint {
    /// What the daemon answered instead of a result.
    init(_ error: RPCError, asking request: AgentRequest) {
        if let cause = error.data?["cause"].flatMap({ try? Cause($0, at: "cause") }) ?? error.cause {
            self.init(cause)
        } else {
            let isWrong = error.code == RPCError.invalidParams || error.code == RPCError.methodNotFound
            self.init(
                "the agent refused '\(request.method.rawValue)'", why: error.message,
                remedy: isWrong
                    ? "restart the agent, so that it is of this program's version: systemctl restart shareagent"
                    : "journalctl -u shareagent",
                exit: .internalError, code: .internalError)
        }
    }
}
