internal import Reconciler
internal import ShareModel
internal import ShareWire

// Requests of the command line, and those of the host.
extension AgentCore {
    /// How long a host's attach or detach may take before it is answered with what is then known.
    private static let hostPatienceMs: Int64 = 25_000
    /// The longest wait a command may ask for: an hour.
    private static let longestWaitMs: Int64 = 3_600_000
    /// Requests that may wait at a time.
    private static let maximumWaiting = 64

    private static let notPermitted = RPCError(
        Cause(
            .permissionDenied, "only root and members of the group shareagent may do this",
            remedy: ["sudo shareagent …", "adduser USER shareagent   # and log in again"]), code: RPCError.notPermitted)

    func requested(_ request: ControlRequest, _ now: Clock) {
        guard request.mayChange || !request.method.isPrivileged else {
            return answer(.control(request.id), .failure(Self.notPermitted))
        }
        do {
            try serve(request, now)
        } catch {
            answer(.control(request.id), .failure(RPCError(error)))
        }
    }

    private func serve(_ request: ControlRequest, _ now: Clock) throws(FieldProblem) {
        let asker = WaitingRequest.Asker.control(request.id)
        var params = try Fields(request.params, at: "params")
        switch request.method {
        case .agentPing: answer(asker, .success(.object([])))
        case .healthGet: answer(asker, .success(report(now).value()))
        case .statusGet:
            let names = try params.texts("shares")
            // Anybody may ask, and nobody is to keep the daemon busy by it.
            guard names?.count ?? 0 <= Catalog.maximumShares else {
                throw FieldProblem(path: "params.shares", message: "has at most \(Catalog.maximumShares) names")
            }
            answer(asker, .success(statusDocument(names: names, now)))
        case .sharesOffered: answer(asker, .success(offeredDocument()))
        case .shareAttach, .shareDetach, .shareDiagnose: try serveOne(request.method, &params, asker, now)
        case .shareExplain:
            let name = try params.requiredText("share")
            let catalog = params.take("catalog")
            // Asking about file systems of one's own choice loads their modules.
            guard catalog == nil || request.mayChange else { return answer(asker, .failure(Self.notPermitted)) }
            try params.end()
            return try explain(name, catalog: catalog, asker: asker, now)
        case .sharesDiagnose:
            let names = try params.texts("names")
            let patience = try params.number("waitMs", in: 0...Self.longestWaitMs) ?? Self.hostPatienceMs
            diagnose(names, isWhole: true, asker: asker, until: now.moment + patience, now)
        case .shareBench: try serveBench(&params, request.id, now)
        case .sharesAttach:
            let names = try params.texts("names")
            let patience = try params.number("waitMs", in: 0...Self.longestWaitMs) ?? 0
            var fileNames: [String]?
            if let document = params.take("catalog") { fileNames = try acceptFile(document, named: names, now) }
            awaitRest(for: .attached, names, ofFile: fileNames, asker: asker, until: now.moment + patience, now)
        case .sharesDetach:
            let names =
                try params.truth("all") == true
                ? offers.lives.filter { $0.attachment != nil }.map(\.share.name.text) : try params.texts("names") ?? []
            let lazy = try params.word("mode", of: DetachMode.self) == .lazy
            let patience = try params.number("waitMs", in: 0...Self.longestWaitMs) ?? 0
            awaitRest(for: .detached, names, lazy: lazy, asker: asker, until: now.moment + patience, now)
        }
        try params.end()
    }

    private enum DetachMode: String, CaseIterable { case normal, lazy }

    /// A request about one share, of the host or of the command line.
    private func serveOne(_ method: ControlMethod, _ params: inout Fields, _ asker: WaitingRequest.Asker, _ now: Clock) throws(FieldProblem)
    {
        let name = try params.requiredText("share")
        let deadline = now.moment + Self.hostPatienceMs
        switch method {
        case .shareAttach: awaitRest(for: .attached, [name], asker: asker, until: deadline, wantsOne: true, now)
        case .shareDetach:
            let lazy = try params.word("mode", of: DetachMode.self) == .lazy
            awaitRest(for: .detached, [name], lazy: lazy, asker: asker, until: deadline, wantsOne: true, now)
        case .shareDiagnose: diagnose([name], isWhole: false, asker: asker, until: deadline, now)
        case .agentPing, .healthGet, .shareBench, .statusGet, .sharesOffered, .sharesAttach, .sharesDetach, .sharesDiagnose, .shareExplain:
            break
        }
    }

    func hostAsks(_ address: ReplyAddress, _ method: HostMethod, _ params: Value, _ now: Clock) {
        let asker = WaitingRequest.Asker.host(address)
        do {
            var fields = try Fields(params, at: "params")
            switch method {
            case .agentPing: answer(asker, .success(.object([])))
            case .healthGet: answer(asker, .success(report(now).value()))
            case .shareAttach: try serveOne(.shareAttach, &fields, asker, now)
            case .shareDetach: try serveOne(.shareDetach, &fields, asker, now)
            case .shareDiagnose: try serveOne(.shareDiagnose, &fields, asker, now)
            case .hostSync, .sharesChanged: break
            }
        } catch {
            answer(asker, .failure(RPCError(error)))
        }
    }

    /// Shares of a catalog file of this guest, beside or instead of the host's of the same name. Where some of them are named, the others are
    /// on offer from then on and nothing more.
    /// - Returns: those that attach by themselves, and those that cannot be read; waiting for the others would be waiting for nobody.
    private func acceptFile(_ document: Value, named: [String]?, _ now: Clock) throws(FieldProblem) -> [String] {
        let known = Set(offers.lives.filter { !$0.isWithdrawn }.map(\.share.name))
        let catalog = try acceptCatalog(document, from: .file, now)
        if let named {
            let asked = withFoundations(of: named)
            for name in catalog.shares.map(\.name) where !known.contains(name) && !asked.contains(name) {
                offers.with(name) { $0.waitsToBeAsked() }
            }
        }
        return catalog.entries.compactMap {
            switch $0 {
            case .share(let share): share.attach == .auto ? share.name.text : nil
            case .invalid(let name, _): name
            }
        }
    }

    /// A catalog of the guest's own, from the credential it was started with.
    func catalogGiven(_ document: Value, _ now: Clock) {
        do {
            let catalog = try acceptCatalog(document, from: .credential, now)
            log("catalog in a credential: \(catalog.shares.count) shares")
        } catch {
            log("the catalog in a credential is passed over: \(error.sentence)")
        }
    }

    private func acceptCatalog(_ document: Value, from origin: ShareLife.Origin, _ now: Clock) throws(FieldProblem) -> Catalog {
        var fields = try Fields(document, at: "catalog")
        let list = try fields.list("shares") ?? []
        try fields.end()
        let catalog = try Catalog(revision: 0, shares: list, at: "catalog.shares")
        offers.accept(catalog, from: origin, policy: configuration.policy, now: now)
        return catalog
    }

    private func awaitRest(
        for goal: WaitingRequest.Goal, _ names: [String]?, ofFile fileNames: [String]? = nil, lazy: Bool = false,
        asker: WaitingRequest.Asker, until deadline: Moment, wantsOne: Bool = false, _ now: Clock
    ) {
        guard waiting.count < Self.maximumWaiting else {
            return answer(asker, .failure(RPCError(code: RPCError.busy, message: "\(Self.maximumWaiting) requests wait already")))
        }
        switch goal {
        case .attached: demandAttached(names, ofFile: fileNames, now)
        case .detached:
            for name in Self.valid(names ?? []) { offers.with(name) { $0.demandDetached(lazy: lazy, now: now) } }
        }
        // What somebody wishes outlives this process.
        keepMounts()
        waiting.append(
            WaitingRequest(asker: asker, goal: goal, names: names, fileNames: fileNames, deadline: deadline, wantsOne: wantsOne))
    }

    /// - Parameters:
    ///   - names: nil: all that attach by themselves, or those of `fileNames` where a file came along.
    private func demandAttached(_ names: [String]?, ofFile fileNames: [String]?, _ now: Clock) {
        let policy = configuration.policy
        guard let names else {
            let wanted = fileNames.map { Set(Self.valid($0)) }
            offers.detachedBefore = wanted.map { offers.detachedBefore.subtracting($0) } ?? []
            for life in offers.lives where life.share.attach == .auto && wanted?.contains(life.share.name) != false {
                offers.with(life.share.name) { $0.demandAttached(policy: policy, now: now) }
            }
            return
        }
        let named = Self.valid(names)
        offers.detachedBefore.subtract(named)
        for name in named {
            // Whoever names a share may know that the server has been put right.
            credentials.forgive(name)
            offers.with(name) { $0.demandAttached(policy: policy, now: now) }
        }
        // Who asks for an image asks for the share that its file is in.
        for name in withFoundations(of: names).subtracting(named) where offers[name]?.wish == .unchanged {
            offers.with(name) { $0.demandAttached(policy: policy, now: now) }
        }
    }

    /// Answers whoever has nothing more to wait for.
    func answerSettled(_ now: Clock) {
        var open: [WaitingRequest] = []
        for request in waiting {
            let names = request.names ?? request.fileNames ?? automaticNames
            let settled = names.allSatisfy { isSettled($0, request) } && !awaitsCatalog(request)
            guard settled || request.deadline <= now.moment else {
                open.append(request)
                continue
            }
            answer(request, names, settled: settled, now)
        }
        waiting = open
    }

    private func answer(_ request: WaitingRequest, _ names: [String], settled: Bool, _ now: Clock) {
        if awaitsCatalog(request) {
            return answer(request.asker, .failure(RPCError(channelCause ?? silentHost)))
        }
        let statuses = names.map { status(ofName: $0, now) }
        if request.wantsOne, let status = statuses.first {
            if let cause = status.cause, cause.code == .shareUnknown { return answer(request.asker, .failure(RPCError(cause))) }
            return answer(request.asker, .success(status.value))
        }
        let required = offers.lives.filter { $0.share.required && names.contains($0.share.name.text) }.map {
            Value.string($0.share.name.text)
        }
        let document = statuses.fitting { shares in
            .object(["shares": .array(shares), "complete": .bool(settled), "required": .array(required)])
        }
        answer(request.asker, .success(document))
    }

    /// Why nothing is known of the host, where the channel has not said.
    var silentHost: Cause {
        Cause(
            .channelSilent, "the host did not answer in time over \(configuration.channel)",
            remedy: ["on the host: see that sharehost is running and serves this VM (sharehost status)"])
    }

    /// No catalog is known yet, not even an old one, so nobody can say what `attach` without names means.
    private func awaitsCatalog(_ request: WaitingRequest) -> Bool {
        request.names == nil && request.fileNames == nil && !hasHostList && !offers.lives.contains { $0.origin != .device }
            && !offers.invalid.contains { $0.origin != .device }
    }

    /// The names that `attach` without names and without a file stands for: all that attach by themselves.
    private var automaticNames: [String] {
        offers.lives.filter { $0.share.attach == .auto && !$0.isWithdrawn }.map(\.share.name.text) + offers.invalid.map(\.name)
    }

    private func isSettled(_ text: String, _ request: WaitingRequest) -> Bool {
        guard let name = try? ShareName(validating: text), let life = offers[name] else {
            // An unknown name may still come with the host's list, while there is hope for one.
            return hasHostList || offers.invalid.contains { $0.name.hasSameBytes(as: text) } || request.goal == .detached
        }
        return request.goal == .attached ? life.attachIsSettled : life.detachIsSettled
    }

    func forgetAsker(_ connection: UInt64) {
        waiting.removeAll { if case .control(let id) = $0.asker { id.connection == connection } else { false } }
        explaining = explaining.filter { if case .control(let id) = $0.value.asker { id.connection != connection } else { true } }
        forgetDiagnoses { if case .control(let id) = $0 { id.connection == connection } else { false } }
        dismissBenches(of: connection)
    }

    func answer(_ asker: WaitingRequest.Asker, _ result: Result<Value, RPCError>) {
        switch asker {
        case .control(let id): actions.append(.answer(id, result))
        case .host(let address): for case .write(let bytes) in session.respond(to: address, result) { actions.append(.write(bytes)) }
        }
    }
}
