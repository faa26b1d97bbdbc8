internal import LinuxSystem
internal import Settings
internal import ShareModel
internal import ShareWire

/// Runs the agent for one job of the command line where no daemon runs: does it, prints one JSON document, ends.
final class OnceJob {
    /// How long the host may take to acknowledge what happened, once the job is done.
    private static let reportPatience = Duration.seconds(2)
    /// How long a diagnosis waits for the host to say what it offers.
    private static let hostPatienceMs: Int64 = 5_000
    private static let request = ControlRequest.ID(connection: 0, request: 1)

    private let daemon: Daemon
    private let job: Arguments.Job
    private let waitMs: Int64
    private let print: (Value) -> Void
    private var isDone = false

    init(_ daemon: Daemon, _ job: Arguments.Job, waitMs: Int64, print: @escaping (Value) -> Void) {
        self.daemon = daemon
        self.job = job
        self.waitMs = waitMs
        self.print = print
    }

    /// Begins the job; it ends the daemon's loop when it is done.
    /// - Parameter catalog: the catalog file's document, where one was given.
    func begin(catalog: Value?) {
        daemon.onAnswer = { [weak self] _, result in self?.answered(result) }
        switch job {
        case .attach(let names, _):
            let list = names.isEmpty ? Value?.none : .array(names.map(Value.string))
            ask(.sharesAttach, .object(["names": list, "waitMs": .integer(waitMs), "catalog": catalog]))
        case .detach(let names, let all, let lazy):
            ask(
                .sharesDetach,
                .object([
                    "names": .array(names.map(Value.string)), "all": .bool(all), "mode": lazy ? "lazy" : "normal",
                    "waitMs": .integer(waitMs),
                ]))
        case .explain(let name, _):
            let params = Value.object(["share": .string(name), "catalog": catalog])
            if catalog != nil || daemon.isKnown(name) { return ask(.shareExplain, params) }
            // A share of the host's that this guest has not heard of yet.
            askOfHost(.shareExplain, params, withinMs: waitMs)
        case .diagnose(let names):
            daemon.onProgress = { [print] in print(.object(["progress": $0])) }
            // A host that is not there is an answer, too; the shares that are known get the rest of the time.
            let patienceMs = min(Self.hostPatienceMs, waitMs / 2)
            let list = names.isEmpty ? Value?.none : .array(names.map(Value.string))
            askOfHost(.sharesDiagnose, .object(["names": list, "waitMs": .integer(waitMs - patienceMs)]), withinMs: patienceMs)
        case .bench(let name, let order):
            daemon.onProgress = { [print] in print(.object(["progress": $0])) }
            guard case .object(let members) = order else { return }
            ask(.shareBench, .object([Value.Member("share", .string(name))] + members))
        case .list:
            daemon.onSettled = { [weak self] in
                if let self, self.daemon.hasHostList { self.finish([]) }
            }
            daemon.after(.milliseconds(waitMs)) { [weak self] in self?.finish([]) }
        case .status(let names):
            finish([], names: names.isEmpty ? nil : names)
        }
    }

    /// Asks once the host has said what it offers, or after a time in which it has not.
    private func askOfHost(_ method: ControlMethod, _ params: Value, withinMs: Int64) {
        daemon.onSettled = { [weak self] in
            if let self, self.daemon.hasHostList, !self.isDone { self.askOnce(method, params) }
        }
        daemon.after(.milliseconds(withinMs)) { [weak self] in self?.askOnce(method, params) }
    }

    private var hasAsked = false

    private func askOnce(_ method: ControlMethod, _ params: Value) {
        guard !hasAsked else { return }
        hasAsked = true
        ask(method, params)
    }

    private func ask(_ method: ControlMethod, _ params: Value) {
        daemon.deliver(.requested(ControlRequest(id: Self.request, method: method, params: params, mayChange: true)))
    }

    private func answered(_ result: Result<Value, RPCError>) {
        switch result {
        case .success(let value) where answersAsItIs: finish(with: value)
        case .failure(let error) where answersAsItIs:
            finish(with: .object(["cause": (error.cause ?? Cause(.internalError, error.message)).value]))
        case .success(let value) where job.isBench:
            print(value)
            daemon.end(with: 0)
        case .success(let value):
            let names = value["shares"]?.elements?.compactMap { $0["name"]?.text } ?? []
            finish(
                [.init("complete", value["complete"] ?? false), .init("required", value["required"] ?? .array([]))], names: names,
                shares: value["shares"])
        case .failure(let error):
            let cause = error.cause ?? Cause(.internalError, error.message)
            finish([.init("complete", false), .init("cause", cause.value)], names: [])
        }
    }

    private var answersAsItIs: Bool {
        switch job {
        case .explain, .diagnose: true
        case .attach, .detach, .list, .status, .bench: false
        }
    }

    private func finish(with document: Value) {
        guard !isDone else { return }
        isDone = true
        print(document)
        daemon.after(.zero) { [weak self] in self?.daemon.end(with: 0) }
    }

    /// Prints the document and ends once the host knows what happened, or has had its time.
    private func finish(_ more: [Value.Member], names: [String]? = nil, shares: Value? = nil) {
        guard !isDone else { return }
        isDone = true
        var members: [Value.Member]
        if job == .list, case .object(let offered) = daemon.offeredDocument() {
            members = offered
        } else if case .object(let status) = daemon.statusDocument(names: names) {
            members = status.map { $0.key == "shares" ? .init("shares", shares ?? $0.value) : $0 }
        } else {
            members = []
        }
        print(.object(members + more))
        daemon.onSettled = { [weak self] in
            if let self, !self.daemon.hasUntoldReports { self.daemon.end(with: 0) }
        }
        daemon.after(daemon.hasUntoldReports ? Self.reportPatience : .zero) { [weak self] in self?.daemon.end(with: 0) }
    }
}
