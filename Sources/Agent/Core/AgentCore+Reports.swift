internal import Reconciler
internal import ShareModel
internal import ShareWire

// What the host is told: each transition at once, everything at an interval, and again whenever a session begins.
extension AgentCore {
    /// How the agent and all shares are now, with the next number.
    func report(_ now: Clock) -> HealthReport {
        HealthReport(sequence: nextSequence(), agent: agentStatus(now), shares: shareStatuses(now))
    }

    private func nextSequence() -> Int64 {
        sequence += 1
        return sequence
    }

    /// Hands every transition to the queue and to the journal.
    func tellTransitions(_ now: Clock) {
        for name in offers.names {
            guard let transitions = offers.with(name, { $0.takeTransitions() }), !transitions.isEmpty else { continue }
            for transition in transitions {
                logTransition(name, transition)
                reports.add(
                    ShareEvent(
                        sequence: nextSequence(), share: name.text, at: transition.at,
                        from: .init(transition.from.state, transition.from.health), to: .init(transition.to.state, transition.to.health),
                        cause: transition.cause))
            }
            reportSoon(now)
        }
    }

    /// An event says what changed; the numbers and options that go with it follow in a report, one for all that changes in a moment.
    func reportSoon(_ now: Clock) {
        guard channel.state == .connected else { return }
        reportDueAt = min(reportDueAt ?? .distantFuture, now.moment + Self.gatheringMs)
    }

    private static let gatheringMs: Int64 = 250

    private func logTransition(_ name: ShareName, _ transition: ShareLife.Transition) {
        // The command that runs the agent for one job shows progress, and causes from the answer.
        guard identity.mode == .daemon else { return log("\(name): \(transition.to.state)") }
        let isFirstAnswer =
            transition.to.state == transition.from.state && transition.to.health == .ok && transition.from.health == .unknown
        guard !isFirstAnswer else { return }
        let health = transition.to.health == .unknown ? "" : ", \(transition.to.health)"
        // What the try before met was told when that one failed.
        guard let cause = transition.cause, transition.to.state != .attaching else {
            return log("share '\(name)': \(transition.to.state)\(health)")
        }
        log("\(cause.message)\(cause.errno.map { " (\($0))" } ?? "") [\(transition.to.state)\(health), \(cause.code.rawValue)]")
        if let remedy = cause.remedy.first { log("remedy: \(remedy)") }
    }

    /// Sends what is due, one request at a time: the answer is the acknowledgement.
    func sendReports(_ now: Clock) {
        if let due = reportDueAt, due <= now.moment {
            reportDueAt = now.moment + reportIntervalMs
            reports.reportIsDue()
        }
        // The queue may not be looked into while it asks, and a report tells how many events it has dropped.
        var queue = reports
        guard let due = queue.next(report: { report(now).value() }) else { return }
        reports = queue
        let (token, sessionActions) = session.send(due.method, params: due.params, now: now.moment.milliseconds)
        reportAsked = token
        perform(sessionActions, now)
    }
}
