import LinuxSystem
import ShareModel

/// `status --watch`: asks once a second until a signal comes.
struct StatusWatch {
    let program: Program
    let access: AgentAccess
    let request: AgentRequest
    let isJSON: Bool

    /// Between two looks.
    static let interval = Duration.seconds(1)

    /// Until the signal that ends it, which is thrown, or until nobody can read it any more.
    func run() throws(CommandEnd) -> ExitStatus {
        var shown: [String: String]?
        var next = MonotonicTime.now()
        while program.console.lostResults == nil {
            next = max(next + Self.interval, .now())
            let lines: [String]
            do {
                let answer = try access.shares(request)
                lines = isJSON || !program.console.out.isTerminal ? changes(in: answer, &shown) : screenful(answer)
            } catch .interrupted {
                throw .interrupted
            } catch .complaint(let complaint) {
                lines = screenful(complaint, &shown)
            }
            if program.console.out.isTerminal, !isJSON {
                program.console.printRaw(Self.redraw(lines, rows: program.console.out.height))
            } else {
                program.console.print(lines)
            }
            _ = try access.waiting.until(next) { false }
        }
        return .done
    }

    /// Home, each line with what was right of it taken away, and what was below it. What does not fit is counted: a screen that scrolls would
    /// lose its top, the table, each second.
    static func redraw(_ lines: [String], rows: Int?) -> String {
        var shown = lines
        if let rows, lines.count >= rows {
            shown = Array(lines.prefix(max(0, rows - 2)))
            shown.append("… \(lines.count - shown.count) more lines; shareagent status shows all")
        }
        return "\u{1B}[H" + shown.map { $0 + "\u{1B}[K\n" }.joined() + "\u{1B}[J"
    }

    private func screenful(_ answer: AgentAnswer) -> [String] {
        StatusView.lines(of: answer, on: program.console.out, at: program.now())
    }

    /// The agent may come back, so a watch outlives it.
    private func screenful(_ complaint: Complaint, _ shown: inout [String: String]?) -> [String] {
        if isJSON || !program.console.out.isTerminal {
            let line = isJSON ? JSONText.of(complaint.value, on: .plain) : "\(program.now())  \(complaint.what)"
            defer { shown = ["": complaint.what] }
            return shown?[""] == complaint.what ? [] : [line]
        }
        return complaint.lines(on: program.console.out)
    }

    /// One line for each share whose state, health or cause is another than at the last look.
    private func changes(in answer: AgentAnswer, _ shown: inout [String: String]?) -> [String] {
        var now: [String: String] = [:]
        for share in answer.shares { now[share.name] = Self.summary(of: share) }
        defer { shown = now }
        if isJSON { return now == shown ? [] : [JSONText.of(answer.value, on: .plain)] }
        let before = shown ?? [:]
        let changed = answer.shares.filter { before[$0.name] != now[$0.name] }
        let gone = before.keys.filter { !$0.isEmpty && now[$0] == nil }.sorted()
        let moment = program.now().description
        return changed.map { "\(moment)  \(Self.summary(of: $0))" } + gone.map { "\(moment)  \($0.printable) gone from the catalog" }
    }

    private static func summary(of share: ShareStatus) -> String {
        let health = share.state == .attached ? " \(share.health.rawValue)" : ""
        let cause = share.cause.map { "  \($0.code.rawValue): \($0.message)" } ?? ""
        return "\(share.name.printable)  \(share.state.rawValue)\(health)\(cause)"
    }
}
