internal import Reconciler
internal import ShareModel
internal import ShareWire

// Explaining a share: a worker asks the kernel, for the daemon needs no right to; nothing of it can hang the daemon.
extension AgentCore {
    /// How long a worker has. It touches no share; loading a file system's module is what can take a moment.
    static let explainMs: Int64 = 10_000
    /// Workers that explain at a time; each is a process.
    private static let maximumExplaining = 4

    /// Begins to explain a share by its name.
    /// - Parameter catalog: a catalog file's document whose share of this name is meant; it is not offered by being explained.
    func explain(_ text: String, catalog: Value?, asker: WaitingRequest.Asker, _ now: Clock) throws(FieldProblem) {
        var share: Share?
        var mountID: Int64?
        if let catalog {
            var fields = try Fields(catalog, at: "catalog")
            let entries = try Catalog(revision: 0, shares: try fields.list("shares") ?? [], at: "catalog.shares").entries
            try fields.end()
            for entry in entries {
                switch entry {
                case .share(let found) where found.name.text.hasSameBytes(as: text): share = found
                case .invalid(let name, let cause) where name.hasSameBytes(as: text):
                    return answer(asker, .success(Self.document(told(text, cause))))
                case .share, .invalid: break
                }
            }
            // What is attached under this name as the file has it is read back, too.
            if let share, let attachment = offers[share.name]?.attachment, attachment.share == share { mountID = attachment.mountID }
        } else if let name = try? ShareName(validating: text), let life = offers[name] {
            // What is attached is explained as it was attached, be it offered otherwise by now.
            share = life.attachment?.share ?? life.share
            mountID = life.attachment?.mountID
        }
        guard let share else {
            guard catalog == nil else { return answer(asker, .failure(RPCError(Self.notInCatalog(text)))) }
            let cause = status(ofName: text, now).cause ?? Self.notInCatalog(text)
            // Before the host has spoken nobody knows what a name means.
            guard cause.code != .shareUnknown else {
                return answer(asker, .failure(RPCError(hasHostList ? cause : channelCause ?? cause)))
            }
            return answer(asker, .success(Self.document(told(text, cause))))
        }
        guard explaining.count < Self.maximumExplaining else {
            return answer(
                asker, .failure(RPCError(code: RPCError.busy, message: "\(Self.maximumExplaining) shares are being explained already")))
        }
        let worker = workers.add(share.name, .explain, deadlineMs: Self.explainMs)
        explaining[worker] = (asker, catalog == nil)
        var targets: [ShareName: Target] = [:]
        for life in offers.lives {
            if let attachment = life.attachment { targets[life.share.name] = attachment.place }
        }
        actions.append(.launch(worker, .explain(share, mountID: mountID, attachedTargets: targets), deadlineMs: Self.explainMs))
    }

    /// Answers who asked; nil where the worker gave no answer.
    func explained(_ id: WorkerID, _ share: ShareName, _ outcome: WorkerOutcome?, _ now: Clock) {
        guard let (asker, isOffered) = explaining.removeValue(forKey: id) else { return }
        switch outcome {
        case .explained(var told)?:
            if isOffered, let life = offers[share] {
                told.state = life.phase.state
                told.cause = life.cause ?? told.cause
                if let view = life.attachment?.view { told.negotiated.append(view.fact) }
            }
            answer(asker, .success(Self.document(told)))
        case .failed(let cause)?: answer(asker, .failure(RPCError(cause)))
        case .attached?, .detached?, .probed?, .examined?, .laid?, .remounted?, .waitingEnded?, .benched?, .swept?, .renewed?, nil:
            let cause = Cause(
                .internalError, "share '\(share)': its options could not be explained: the worker gave no answer",
                remedy: ["journalctl -u shareagent   # says how it ended; please report it"])
            answer(asker, .failure(RPCError(cause)))
        }
    }

    /// What there is to say about an entry that is no valid share.
    private func told(_ name: String, _ cause: Cause) -> Explanation {
        var told = Explanation(name: name)
        told.state = .refused
        told.cause = cause
        return told
    }

    private static func document(_ told: Explanation) -> Value { .object(["explanation": told.value]) }

    private static func notInCatalog(_ name: String) -> Cause {
        Cause(.shareUnknown, "share '\(name)' is not in the catalog file", remedy: ["see the names that the file has: grep name: FILE"])
    }
}
