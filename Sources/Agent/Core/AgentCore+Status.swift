internal import Reconciler
package import ShareModel
internal import ShareWire

// What is told to people and to the host.
extension AgentCore {
    /// How the agent itself is.
    package func agentStatus(_ now: Clock) -> AgentStatus {
        AgentStatus(
            version: Version.program, protocol: Version.channelProtocol, pid: identity.pid, startedAt: identity.startedAt.wall,
            uptimeMs: now.moment - identity.startedAt.moment, residentBytes: residentBytes(), workers: Int64(workers.entries.count),
            stuckWorkers: Int64(workers.stuckCount), droppedEvents: Int64(reports.droppedEvents), mode: identity.mode)
    }

    /// Every share's status, in the order offered, invalid entries last.
    package func shareStatuses(_ now: Clock) -> [ShareStatus] {
        offers.lives.map { $0.status(now: now) }
            + offers.invalid.map(status(of:))
    }

    private func status(of entry: Offers.Invalid) -> ShareStatus {
        var status = ShareStatus(
            name: entry.name, type: "", source: "", target: "", state: .refused, since: entry.since, revision: offers.revision)
        status.cause = entry.cause
        return status
    }

    /// The document of `status --json`, of all shares or of the named ones.
    package func statusDocument(names: [String]? = nil, _ now: Clock) -> Value {
        let statuses = names.map { names in names.map { status(ofName: $0, now) } } ?? shareStatuses(now)
        return statuses.fitting { shares in
            .object(["agent": agentStatus(now).value, "channel": channelDocument, "shares": .array(shares)])
        }
    }

    /// The channel's status, with the reason while it is not connected.
    var channelDocument: Value {
        guard case .object(let members) = channel.value, let channelCause, channel.state != .connected else { return channel.value }
        return .object(members + [Value.Member("cause", channelCause.value)])
    }

    /// How many offered names somebody is told who asks for one that is not.
    private static let namesTold = 20

    /// One share's status by its name as somebody typed it; an unknown one is told as such.
    func status(ofName text: String, _ now: Clock) -> ShareStatus {
        if let name = try? ShareName(validating: text), let life = offers[name] { return life.status(now: now) }
        if let entry = offers.invalid.first(where: { $0.name.hasSameBytes(as: text) }) { return status(of: entry) }
        var status = ShareStatus(
            name: text.printable, type: "", source: "", target: "", state: .failed, since: now.wall, revision: offers.revision)
        let offered =
            offers.lives.prefix(Self.namesTold).map(\.share.name.text).joined(separator: ", ")
            + (offers.lives.count > Self.namesTold ? ", and \(offers.lives.count - Self.namesTold) more" : "")
        status.cause = Cause(
            .shareUnknown, "share '\(text)' is not offered to this guest",
            evidence: [offered.isEmpty ? "nothing is offered" : "offered: \(offered)"]
                + (hasHostList ? [] : ["the host has not been heard yet"]),
            remedy: ["shareagent list", "add it to this VM's shares in the host's configuration"])
        return status
    }

    /// The document of `list --json`. Where all that the shares wish does not fit into one answer, their names, states and causes'
    /// codes still do.
    package func offeredDocument() -> Value {
        let whole = offeredDocument(share: \.share.value, cause: \.value)
        if whole.fits(Limits.answerBytes) { return whole }
        return offeredDocument(
            share: { .object(["name": .string($0.share.name.text)]) }, cause: { .object(["code": .string($0.code.rawValue)]) })
    }

    private func offeredDocument(share: (ShareLife) -> Value, cause: (Cause) -> Value) -> Value {
        let shares = offers.lives.map { life in
            Value.object([
                "share": share(life), "offeredBy": .string(life.origin.rawValue), "state": .string(life.phase.state.rawValue),
                "target": .string(life.target.text), "cause": life.cause.map(cause),
            ])
        }
        let invalid = offers.invalid.map { entry in
            Value.object([
                "share": .object(["name": .string(entry.name)]), "offeredBy": .string(entry.origin.rawValue), "state": "refused",
                "cause": cause(entry.cause),
            ])
        }
        return .object(["revision": .integer(offers.revision), "shares": .array(shares + invalid), "channel": channelDocument])
    }
}
