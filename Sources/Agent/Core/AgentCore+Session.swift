internal import Reconciler
internal import ShareModel
internal import ShareWire

// The channel to the host: what its session machine wants done, the catalog, credentials.
extension AgentCore {
    func channelOpened(_ now: Clock) {
        setChannel(.waiting, now)
        perform(session.opened(now: now.moment.milliseconds), now)
    }

    func channelClosed(_ state: ChannelState, _ cause: Cause, _ now: Clock) {
        perform(session.closed(), now)
        channelCause = cause
        setChannel(state, now)
    }

    func perform(_ sessionActions: [GuestSession.Action], _ now: Clock) {
        for action in sessionActions {
            switch action {
            case .discardUnwritten: actions.append(.discardUnwritten)
            case .write(let bytes): actions.append(.write(bytes))
            case .established(let host, let nonce): established(host, nonce, now)
            case .refused(let error): refused(error, now)
            case .request(let address, let method, let params): hostAsks(address, method, params, now)
            case .notification(.sharesChanged, let params): sharesChanged(params, now)
            case .notification: break
            case .answer(let token, _, let answer): answered(token, answer, now)
            case .lost(let reason):
                hasHostList = false
                waiting.removeAll { if case .host = $0.asker { true } else { false } }
                forgetDiagnoses { if case .host = $0 { true } else { false } }
                reports.sessionEnded()
                reportDueAt = nil
                log("session with host '\(channel.host ?? "")' is over: \(reason.rawValue)")
                setChannel(.waiting, now)
            }
        }
    }

    private func established(_ host: HostGreeting, _ nonce: Nonce, _ now: Clock) {
        reportIntervalMs = host.reportIntervalMs
        channelCause = nil
        setChannel(.connected, session: nonce.text, host: host.name.printable, now)
        log("session with host '\(host.name)' begins")
        listAsked = nil
        askList(now)
        reports.sessionBegan()
        reportDueAt = now.moment + reportIntervalMs
        // What was told while there was no session is not told again, so any credential may be another one.
        credentialsChanged(nil, now)
    }

    private func refused(_ error: RPCError, _ now: Clock) {
        channelCause =
            error.cause
            ?? Cause(
                error.code == RPCError.protocolMismatch ? .protocolMismatch : .channelSilent,
                "the host refuses this agent: \(error.message)",
                evidence: ["this agent speaks protocol \(Version.channelProtocol)"],
                remedy: ["install versions of shareagent and shareagent-host that go together"])
        setChannel(.refused, now)
    }

    private func setChannel(_ state: ChannelState, session: String? = nil, host: String? = nil, _ now: Clock) {
        if channel.state != state { channel.since = now.wall }
        channel.state = state
        channel.session = session
        channel.host = host
    }

    /// Sends a request to the host; nil when it could not even be sent (its failure is told as an answer all the same).
    func ask(_ method: GuestMethod, _ params: Value, _ now: Clock) -> RequestToken? {
        let (token, sessionActions) = session.send(method, params: params, now: now.moment.milliseconds)
        if case .answer? = sessionActions.first { return nil }
        perform(sessionActions, now)
        return token
    }

    private func answered(_ token: RequestToken, _ answer: Result<Value, RPCError>, _ now: Clock) {
        if token == listAsked {
            listAsked = nil
            if case .success(let list) = answer { accept(list, now) } else { listDueAt = now.moment + Self.relistPauseMs }
            if listIsOld, channel.state == .connected { askList(now) }
        } else if let name = credentialAsked.removeValue(forKey: token) {
            credentialAnswered(name, answer, now)
        } else if token == benchAsked?.token {
            benchCredentialAnswered(answer)
        } else if let asked = refreshAsked, asked.token == token {
            refreshAsked = nil
            credentialRefreshed(asked.share, answer, now)
        } else if token == reportAsked {
            reportAsked = nil
            reports.answered(answer)
        }
    }

    /// Milliseconds until a list that could not be had is asked for again.
    private static let relistPauseMs: Int64 = 5_000

    private func sharesChanged(_ params: Value, _ now: Clock) {
        let names = params["credentials"]?.elements?.compactMap(\.text) ?? []
        if !names.isEmpty { credentialsChanged(names, now) }
        askList(now)
    }

    /// One list is on its way at a time; whoever wants one meanwhile gets the next.
    private func askList(_ now: Clock) {
        listDueAt = nil
        guard listAsked == nil else {
            listIsOld = true
            return
        }
        listIsOld = false
        listAsked = ask(.sharesList, .object([]), now)
        if listAsked == nil { listDueAt = now.moment + Self.relistPauseMs }
    }

    func relistIfDue(_ now: Clock) {
        guard let due = listDueAt, due <= now.moment else { return }
        guard channel.state == .connected else {
            listDueAt = nil
            return
        }
        askList(now)
    }

    /// Takes a list of the host: only a complete one, and only one that is not older than what is known.
    private func accept(_ list: Value, _ now: Clock) {
        guard list["complete"]?.truth == true, let revision = list["revision"]?.number, let shares = list["shares"]?.elements else {
            log("the host's list is passed over: it is not complete, or has no revision")
            return
        }
        let known = offers.revision
        guard revision >= known else {
            log("the host's list of revision \(revision) is passed over: revision \(known) is known already")
            listDueAt = now.moment + Self.relistPauseMs
            hasHostList = true
            return
        }
        do {
            let catalog = try Catalog(revision: revision, shares: shares, at: "shares")
            let attached = Set(offers.lives.filter { $0.origin == .host && $0.attachment != nil }.map(\.share.name))
            let verdict = massRemoval.judge(
                attached: attached, offered: catalog.names, policy: configuration.policy.massRemoval, now: now.moment)
            if case .askAgain(let after) = verdict {
                log(
                    "the host's list of revision \(revision) drops most attached shares: nothing is detached until a second list says so too"
                )
                listDueAt = now.moment + after
                return
            }
            hasHostList = true
            guard revision > known || catalog.entries != heldEntries else { return }
            heldEntries = catalog.entries
            offers.accept(catalog, from: .host, withdraws: revision > known, policy: configuration.policy, now: now)
            reportSoon(now)
            actions.append(.keepCatalog(.object(["revision": .integer(revision), "shares": .array(shares)])))
            log("catalog revision \(revision): \(catalog.shares.count) shares")
        } catch {
            log("the host's list is passed over: \(error.sentence)")
        }
    }
}
