internal import Reconciler
internal import ShareModel
internal import ShareWire

/// A measurement of one share, from the request to the answer, and on until its directory is surely gone.
struct BenchUnderWay {
    var order: BenchOrder
    /// Who waits for it; nil once they were answered or have left.
    var asker: ControlRequest.ID?
}

// `share.bench`: one worker measures one share; probes of it go on meanwhile.
extension AgentCore {
    /// How long a worker may be at one thing beyond its part of the time before the share counts as stalled.
    static let benchPatienceMs: Int64 = 15_000
    /// The largest part of the time that one thing gets (`BenchPass`), as a divisor.
    static let benchParts: Int64 = 4

    func serveBench(_ params: inout Fields, _ id: ControlRequest.ID, _ now: Clock) throws(FieldProblem) {
        let name = try params.requiredText("share")
        let timeMs = try params.number("timeMs", in: BenchOrder.Limits.timeMs) ?? BenchOrder.Limits.standardTimeMs
        let space = try params.number("spaceBytes", in: BenchOrder.Limits.spaceBytes) ?? BenchOrder.Limits.standardSpaceBytes
        let profiles = try params.profiles("compare")
        let asker = WaitingRequest.Asker.control(id)
        if let other = benches.first(where: { workers[$0.key]?.isStuck == false })?.value ?? benchAsked?.bench {
            let cause = Cause(
                .targetBusy, "share '\(other.order.share.name)' is being measured, and one is at a time",
                remedy: ["wait until that is done, and try again"])
            return answer(asker, .failure(RPCError(cause)))
        }
        let status = status(ofName: name, now)
        guard let valid = try? ShareName(validating: name), let life = offers[valid], let attachment = life.attachment else {
            let cause =
                status.cause
                ?? Cause(
                    .targetMissing, "share '\(name)' is not attached, so there is nothing to measure", remedy: ["shareagent attach \(name)"]
                )
            return answer(asker, .failure(RPCError(cause)))
        }
        if status.health != .ok, status.health != .slow, status.health != .unknown, let cause = status.cause {
            return answer(asker, .failure(RPCError(cause)))
        }
        var chosen = profiles ?? []
        if profiles?.isEmpty == true { chosen = Share.Profile.allCases }
        chosen.removeAll { $0 == attachment.share.profile }
        let order = BenchOrder(
            share: attachment.share, target: attachment.place, mountID: attachment.mountID, mark: freshMark(), timeMs: timeMs,
            spaceBytes: space, profiles: chosen)
        let bench = BenchUnderWay(order: order, asker: id)
        guard !chosen.isEmpty, let credential = attachment.share.credential else { return launchBench(bench, nil) }
        // For the second mounts; it comes as for an attach.
        let question = Value.object(["share": .string(valid.text), "credential": .string(credential)])
        guard let token = ask(.credentialsGet, question, now) else { return launchBench(withoutComparison(bench), nil) }
        benchAsked = (token, bench)
    }

    func benchCredentialAnswered(_ answer: Result<Value, RPCError>) {
        guard let bench = benchAsked?.bench else { return }
        benchAsked = nil
        guard bench.asker != nil else { return }
        guard case .success(let value) = answer, let credential = try? Credential(value, at: "credential") else {
            return launchBench(withoutComparison(bench), nil)
        }
        guard credentials.isInForce(credential, for: bench.order.share) else {
            return launchBench(
                withoutComparison(bench, because: "the host has another credential now than the share was mounted with"), nil)
        }
        launchBench(bench, credential)
    }

    private func withoutComparison(
        _ bench: BenchUnderWay, because reason: String = "the host, who knows the credential for a second mount, did not give it"
    ) -> BenchUnderWay {
        let order = bench.order
        var other = bench
        other.order = BenchOrder(
            share: order.share, target: order.target, mountID: order.mountID, mark: order.mark, timeMs: order.timeMs,
            spaceBytes: order.spaceBytes, profiles: [],
            notes: ["profiles were not compared: \(reason)"])
        return other
    }

    private func launchBench(_ bench: BenchUnderWay, _ credential: Credential?) {
        let deadline = bench.order.timeMs / Self.benchParts + Self.benchPatienceMs
        let worker = workers.add(bench.order.share.name, .bench, deadlineMs: deadline)
        benches[worker] = bench
        actions.append(.launch(worker, .bench(bench.order, credential), deadlineMs: deadline))
    }

    /// 64 random bits in hexadecimal.
    private func freshMark() -> String {
        let text = String(random.next(), radix: 16)
        return String(repeating: "0", count: 16 - text.utf8.count) + text
    }

    func benchProgressed(_ id: WorkerID, _ doing: String) {
        guard let asker = benches[id]?.asker else { return }
        actions.append(.tell(asker, .benchProgress, .object(["doing": .string(doing)])))
    }

    /// The share hangs: whoever waits is told at once, whatever becomes of the worker.
    func benchOverdue(_ id: WorkerID, _ entry: WorkerLedger.Entry) {
        guard let bench = benches[id], let asker = bench.asker else { return }
        let seen = Self.stalled(offers[entry.share], deadlineMs: entry.deadlineMs)
        let cause = Cause(
            seen.code, seen.message, evidence: ["an operation of the bench did not come back within \(entry.deadlineMs) ms"],
            remedy: seen.remedy)
        benches[id]?.asker = nil
        answer(.control(asker), .failure(RPCError(cause)))
    }

    func benchEnded(_ id: WorkerID, _ entry: WorkerLedger.Entry, _ outcome: WorkerOutcome?, _ now: Clock) {
        guard let bench = benches.removeValue(forKey: id) else { return }
        if outcome == nil { sweep(bench) }
        guard let asker = bench.asker else { return }
        switch outcome ?? .failed(Self.died(entry)) {
        case .benched(let report): answer(.control(asker), .success(told(report, of: entry.share, now)))
        case .failed(let cause): answer(.control(asker), .failure(RPCError(cause)))
        case .attached, .detached, .probed, .laid, .explained, .examined, .remounted, .waitingEnded, .swept, .renewed:
            answer(.control(asker), .failure(RPCError(Self.died(entry))))
        }
    }

    /// The report, with how the share answered its probes meanwhile.
    private func told(_ report: Value, of name: ShareName, _ now: Clock) -> Value {
        guard case .object(let members) = report, let status = offers[name]?.status(now: now).value else { return report }
        return .object(members + ["health", "probe"].compactMap { key in status[key].map { Value.Member(key, $0) } })
    }

    /// Whoever asked has gone: the worker is ended, and what it leaves is cleared up.
    func dismissBenches(of connection: UInt64) {
        if benchAsked?.bench.asker?.connection == connection { benchAsked?.bench.asker = nil }
        for (id, bench) in benches where bench.asker?.connection == connection {
            benches[id]?.asker = nil
            actions.append(.dismiss(id))
        }
    }

    private func sweep(_ bench: BenchUnderWay) {
        let (name, order) = (bench.order.share.name, bench.order)
        guard offers[name]?.attachment?.mountID == order.mountID else { return }
        let worker = workers.add(name, .sweep, deadlineMs: Deadline.detachMs)
        actions.append(
            .launch(worker, .sweep(name, order.target, mountID: order.mountID, mark: order.mark), deadlineMs: Deadline.detachMs))
    }
}
