internal import Reconciler
internal import ShareModel
internal import ShareWire

// `shares.diagnose`: the core says what it knows, and a worker for each share goes and looks.
extension AgentCore {
    /// How long a worker has for one check. The longest asks several addresses of a server.
    static let examineMs: Int64 = 15_000
    /// Workers that look into shares at a time; each is a process.
    private static let maximumExamining = 4
    /// Diagnoses at a time.
    private static let maximumDiagnoses = 16

    /// Begins a diagnosis.
    /// - Parameters:
    ///   - names: the shares; nil: all.
    ///   - isWhole: whether agent and channel are looked at, too.
    func diagnose(_ names: [String]?, isWhole: Bool, asker: WaitingRequest.Asker, until deadline: Moment, _ now: Clock) {
        guard diagnoses.count < Self.maximumDiagnoses else {
            return answer(
                asker, .failure(RPCError(code: RPCError.busy, message: "\(Self.maximumDiagnoses) diagnoses are under way already")))
        }
        let names = names ?? offers.lives.map(\.share.name.text) + offers.invalid.map(\.name)
        var diagnosis = Diagnosis(asker: asker, deadline: deadline, names: names)
        if isWhole {
            diagnosis.found(findingOfAgent)
            diagnosis.found(findingOfChannel)
        }
        for name in names {
            guard let valid = try? ShareName(validating: name), let life = offers[valid] else {
                diagnosis.found(Finding(.catalog, .failed, cause: status(ofName: name, now).cause, share: name))
                continue
            }
            diagnosis.found(findingOfCatalog(life))
            diagnosis.queue.append(valid)
        }
        diagnoses.append(diagnosis)
    }

    /// Sends workers as far as there is room for them, and answers what is over or has had its time.
    func continueDiagnoses(_ now: Clock) {
        var room = Self.maximumExamining - diagnoses.reduce(0) { $0 + $1.underWay.count }
        for place in diagnoses.indices {
            while room > 0, !diagnoses[place].queue.isEmpty {
                examine(diagnoses[place].queue.removeFirst(), place)
                room -= 1
            }
        }
        for place in diagnoses.indices where diagnoses[place].deadline <= now.moment { breakOff(place, now) }
        let over = diagnoses.filter(\.isOver)
        guard !over.isEmpty else { return }
        diagnoses.removeAll(where: \.isOver)
        for diagnosis in over { answer(diagnosis.asker, .success(diagnosis.document)) }
    }

    /// The time is up: what was found by now is told, and what was not looked at as such.
    private func breakOff(_ place: Int, _ now: Clock) {
        for name in diagnoses[place].queue {
            diagnoses[place].found(Finding(.mount, .skipped, note: "there was no time left to look into it", share: name.text))
        }
        diagnoses[place].queue = []
        for (id, underWay) in diagnoses[place].underWay {
            if let check = offers[underWay.share]?.check(after: underWay.last) {
                diagnoses[place].found(Finding(check, .skipped, note: "it was not over when the time was up", share: underWay.share.text))
            }
            examined(place, id, now)
            actions.append(.dismiss(id))
        }
    }

    private func examine(_ name: ShareName, _ place: Int) {
        guard let life = offers[name] else {
            return diagnoses[place].found(Finding(.catalog, .skipped, note: "it is no longer offered", share: name.text))
        }
        var targets: [ShareName: Target] = [:]
        if let foundation = life.foundation { targets[foundation] = offers[foundation]?.attachment?.place }
        let order = Examination(
            life.attachment?.share ?? life.share, isAttached: life.attachment != nil, mount: life.mountToExamine, attachedTargets: targets)
        let worker = workers.add(name, .examine, deadlineMs: Self.examineMs)
        diagnoses[place].underWay[worker] = Diagnosis.UnderWay(share: name)
        actions.append(.launch(worker, .examine(order), deadlineMs: Self.examineMs))
        tell(diagnoses[place].asker, "\(name)")
    }

    /// A worker tells what a check has found.
    func workerFound(_ id: WorkerID, _ finding: Finding) {
        guard let place = diagnoses.firstIndex(where: { $0.underWay[id] != nil }), let name = diagnoses[place].underWay[id]?.share else {
            return
        }
        diagnoses[place].underWay[id]?.last = finding.check
        var finding = finding
        finding.share = name.text
        if finding.check == .answer, finding.status == .ok, let life = offers[name], life.health == .slow, let cause = life.cause {
            finding = Finding(.answer, .warning, note: finding.note, cause: cause, share: name.text)
        }
        diagnoses[place].found(finding)
        tell(diagnoses[place].asker, "\(name): \(finding.check.rawValue) \(finding.status.rawValue)")
    }

    private func tell(_ asker: WaitingRequest.Asker, _ doing: String) {
        guard case .control(let id) = asker else { return }
        actions.append(.tell(id, .diagnoseProgress, .object(["doing": .string("looked into \(doing)")])))
    }

    /// A worker hangs at one check: that is what was to be found out.
    func examinationOverdue(_ id: WorkerID, _ entry: WorkerLedger.Entry, _ now: Clock) {
        guard let place = diagnoses.firstIndex(where: { $0.underWay[id] != nil }), let life = offers[entry.share] else { return }
        let check = life.check(after: diagnoses[place].underWay[id]?.last)
        let cause: Cause
        switch check {
        case .answer: cause = Self.stalled(life, deadlineMs: entry.deadlineMs)
        case .read where life.attachment?.view != nil:
            cause = Cause(
                .viewFailed, "share '\(entry.share)': reading through the view of its names took longer than \(entry.deadlineMs) ms",
                evidence: ["the share itself answered just before"],
                remedy: ["shareagent status \(entry.share)   # a view that does not answer is laid anew by itself"])
        case .read: cause = Self.stalled(life, deadlineMs: entry.deadlineMs)
        default: cause = timedOut(entry)
        }
        diagnoses[place].found(Finding(check, .failed, cause: cause, share: entry.share.text))
        examined(place, id, now)
    }

    func examinationEnded(_ id: WorkerID, _ entry: WorkerLedger.Entry, _ outcome: WorkerOutcome?, _ now: Clock) {
        guard let place = diagnoses.firstIndex(where: { $0.underWay[id] != nil }) else { return }
        let cause = if case .failed(let cause)? = outcome { cause } else { Self.died(entry) }
        if outcome != .examined, let check = offers[entry.share]?.check(after: diagnoses[place].underWay[id]?.last) {
            diagnoses[place].found(Finding(check, .failed, cause: cause, share: entry.share.text))
        }
        examined(place, id, now)
    }

    /// All that a worker finds is there; what the core knows itself goes beside it.
    private func examined(_ place: Int, _ id: WorkerID, _ now: Clock) {
        guard let name = diagnoses[place].underWay.removeValue(forKey: id)?.share, let life = offers[name] else { return }
        for var finding in life.findings(now, isWatched: identity.mode == .daemon) {
            finding.share = name.text
            diagnoses[place].found(finding)
        }
    }

    func forgetDiagnoses(where isForgotten: (WaitingRequest.Asker) -> Bool) {
        for id in diagnoses.filter({ isForgotten($0.asker) }).flatMap(\.underWay.keys) { actions.append(.dismiss(id)) }
        diagnoses.removeAll { isForgotten($0.asker) }
    }

    private var findingOfAgent: Finding {
        guard identity.mode == .daemon else {
            return Finding(
                .agent, .warning,
                cause: Cause(
                    .agentNotRunning, "no agent runs in this guest, so nobody keeps its shares attached or watches them",
                    remedy: ["systemctl enable --now shareagent"]))
        }
        guard workers.stuckCount == 0 else {
            let names = Set(workers.entries.values.filter(\.isStuck).map(\.share.text)).sorted().joined(separator: ", ")
            return Finding(
                .agent, .warning,
                cause: Cause(
                    .transportStalled, "\(workers.stuckCount) of the agent's workers hang in the kernel and cannot be ended",
                    evidence: ["they were sent to: \(names)"], remedy: ["see to the servers of these shares; the workers end with the wait"]
                ))
        }
        return Finding(.agent, .ok, note: "shareagent \(Version.program), process \(identity.pid)")
    }

    private var findingOfChannel: Finding {
        if channel.state == .connected { return Finding(.channel, .ok, note: "host '\(channel.host ?? "")' at \(channel.path)") }
        let isWithoutHost = channel.state == .absent && !offers.lives.isEmpty && offers.lives.allSatisfy { $0.origin != .host }
        guard !isWithoutHost else {
            return Finding(.channel, .skipped, note: "\(channel.path) is not there; all shares are offered within this guest")
        }
        return Finding(.channel, .failed, cause: channelCause ?? silentHost)
    }

    private func findingOfCatalog(_ life: ShareLife) -> Finding {
        let who =
            switch life.origin {
            case .device: "shown by a device"
            case .host: "offered by the host, revision \(life.revision)"
            case .credential: "offered by the credential shareagent.catalog"
            case .file: "offered by a catalog file of this guest"
            }
        return Finding(.catalog, .ok, note: who + (life.isWithdrawn ? "; no longer offered" : ""), share: life.share.name.text)
    }
}
