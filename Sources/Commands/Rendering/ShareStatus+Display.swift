import ShareModel

extension ShareStatus: ListDisplayable {
    static var columns: [Column] {
        [
            Column(title: "NAME", isFlexible: true), Column(title: "TYPE", dropRank: 3),
            Column(title: "SOURCE", isFlexible: true, dropRank: 6),
            Column(title: "TARGET", isFlexible: true), Column(title: "STATE"), Column(title: "HEALTH"),
            Column(title: "USED", isNumber: true, dropRank: 4), Column(title: "SIZE", isNumber: true, dropRank: 5),
            Column(title: "LATENCY", isNumber: true, dropRank: 1), Column(title: "SINCE", dropRank: 2),
        ]
    }

    func cells(at now: Timestamp) -> [Cell] {
        [
            Cell(name.printable, .strong), Cell(type.printable), Cell(source.printable), Cell(target.printable),
            Cell(state.rawValue, state.style), state == .attached ? Cell(health.rawValue, health.style) : Cell(nil),
            Cell(capacity.map { Amounts.bytes($0.usedBytes) }), Cell(capacity.map { Amounts.bytes($0.sizeBytes) }),
            Cell(probe.map { Amounts.latency(microseconds: $0.latencyMicroseconds) }), Cell(Amounts.age(of: since, at: now), .quiet),
        ]
    }

    func problem(at now: Timestamp) -> Problem? {
        guard let sentence = cause?.message ?? plainSentence else { return nil }
        let code = cause.map { " (\($0.code.rawValue))" } ?? ""
        let word = state == .attached && health != .ok && health != .unknown ? health.rawValue : state.rawValue
        var why = cause?.evidence ?? []
        if let errno = cause?.errno, !sentence.contains(errno) { why.append(errno) }
        return Problem(
            title: "\(name.printable): \(word)\(code)", what: sentence, why: why, remedy: cause?.remedy ?? plainRemedy.map { [$0] } ?? [],
            next: nextAttempt(at: now))
    }

    /// When it is tried again. One that is being attached and has a cause failed before.
    private func nextAttempt(at now: Timestamp) -> String? {
        if state == .attaching { return "being tried again, attempt \(attempts)" }
        return nextAttemptAt.map { next in
            let wait = next.milliseconds - now.milliseconds
            return (wait > 0 ? "tried again in \(Amounts.span(milliseconds: wait + 999))" : "tried again now")
                + (attempts > 0 ? ", \(Amounts.count(Int(clamping: attempts), "attempt")) so far" : "")
        }
    }

    /// What the state says where no cause came with it.
    private var plainSentence: String? {
        switch (state, health) {
        case (.failed, _): "share '\(name.printable)' could not be attached"
        case (.refused, _): "share '\(name.printable)' is refused by this guest's policy"
        case (.attached, .slow): "share '\(name.printable)' answers slowly"
        case (.attached, .stalled): "share '\(name.printable)' does not answer; programs that use \(target.printable) wait"
        case (.attached, .stale): "share '\(name.printable)' holds stale handles"
        case (.attached, .unreachable): "the other end of share '\(name.printable)' cannot be reached"
        case (.attached, .gone): "share '\(name.printable)' was unmounted by somebody else"
        case (.attached, .foreign): "something else is mounted on \(target.printable)"
        case (.attached, .ok), (.attached, .unknown), (.offered, _), (.attaching, _), (.detaching, _), (.detached, _): nil
        }
    }

    private var plainRemedy: String? {
        switch (state, health) {
        case (.attached, .stalled), (.attached, .unreachable): "look at the server or, for virtiofs, at virtiofsd on the host"
        case (.attached, .stale), (.attached, .gone): "shareagent detach --lazy \(name.printable) && shareagent attach \(name.printable)"
        case (.attached, .foreign):
            "findmnt \(target.printable.quotedForShell) tells what it is; unmount it, then shareagent attach \(name.printable)"
        default: nil
        }
    }
}

extension ShareStatus {
    /// Whether it is there for programs: attached, and still the mount that the agent made.
    var isUsable: Bool {
        state == .attached && health != .gone && health != .foreign
    }

    /// Whether the policy, not a fault, stands in the way.
    var isRefused: Bool {
        state == .refused || cause?.code.isRefusal == true
    }
}

extension ShareState {
    var style: Style? {
        switch self {
        case .attached: .good
        case .attaching, .detaching: .doubtful
        case .failed, .refused: .bad
        case .offered, .detached: nil
        }
    }
}

extension Health {
    var style: Style? {
        switch self {
        case .ok: .good
        case .slow: .doubtful
        case .stalled, .stale, .unreachable, .gone, .foreign: .bad
        case .unknown: nil
        }
    }
}
