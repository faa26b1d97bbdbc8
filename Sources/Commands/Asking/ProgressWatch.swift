import LinuxSystem
import ShareModel

/// Tells, on a terminal, for which shares the daemon is still at work, by asking it for its status beside the long request.
final class ProgressWatch {
    private let console: Console
    private let socket: String
    private let waiting: Waiting
    private var call: ControlCall?
    private var timer: TimerToken?

    /// Between two looks.
    static let interval = Duration.milliseconds(500)

    /// nil where nobody watches.
    init?(console: Console, socket: String, waiting: Waiting) {
        guard console.errors.isTerminal else { return nil }
        self.console = console
        self.socket = socket
        self.waiting = waiting
    }

    /// The first look comes after an interval: most requests are done by then.
    func begin() {
        timer = waiting.loop.after(Self.interval) { [weak self] in self?.look() }
    }

    deinit {
        if let timer { waiting.loop.cancel(timer) }
    }

    private func look() {
        if case .result(let value)? = call?.outcome, let answer = try? AgentAnswer(value) {
            console.progress(ProgressText.line(answer))
            call = nil
        }
        if call?.outcome != nil { call = nil }
        if call == nil { call = ControlCall(.status(names: []), waitMs: 0, to: socket, on: waiting.loop) }
        begin()
    }
}

/// The progress line.
enum ProgressText {
    /// `2 of 5 attached; waiting for projects (attaching), media (offered)`.
    static func line(_ answer: AgentAnswer) -> String {
        if answer.shares.isEmpty, let channel = answer.channel, channel.status.state != .connected { return "waiting for the host" }
        let moving = answer.shares.filter { [.attaching, .detaching, .offered].contains($0.state) }
        let attached = answer.shares.count { $0.isUsable }
        let names = moving.map { "\($0.name.printable) (\($0.state.rawValue))" }.joined(separator: ", ")
        return "\(attached) of \(answer.shares.count) attached" + (names.isEmpty ? "" : "; waiting for \(names)")
    }

    /// What a job of its own says on its stderr, a line a change: `share: state`.
    struct Ledger {
        private var states: [(share: String, state: ShareState)] = []

        /// Takes a line; false where it is no progress line but something to keep.
        mutating func take(_ line: String) -> Bool {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, let state = ShareState(rawValue: String(parts[1].drop { $0 == " " })) else { return false }
            let share = String(parts[0])
            guard (try? ShareName(validating: share)) != nil else { return false }
            if let index = states.firstIndex(where: { $0.share == share }) {
                states[index].state = state
            } else {
                states.append((share, state))
            }
            return true
        }

        /// The line for people.
        var line: String {
            let moving = states.filter { [.attaching, .detaching, .offered].contains($0.state) }
            let names = moving.map { "\($0.share) (\($0.state.rawValue))" }.joined(separator: ", ")
            return "\(states.count - moving.count) of \(states.count) done" + (names.isEmpty ? "" : "; waiting for \(names)")
        }
    }
}
