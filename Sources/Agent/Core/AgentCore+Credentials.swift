internal import Reconciler
internal import ShareModel
internal import ShareWire

// Credentials that may have changed on the host: what failed for one is tried again, what is attached gets the new one.
extension AgentCore {
    /// - Parameter names: the credentials; nil: any may be another one than before.
    func credentialsChanged(_ names: [String]?, _ now: Clock) {
        for life in offers.lives {
            guard let credential = life.share.credential, names?.contains(where: credential.hasSameBytes) ?? true else { continue }
            offers.with(life.share.name) { $0.encouraged(when: { $0.isOfCredential || $0 == .credentialMissing }, now: now) }
            wantRefresh(life.share.name)
        }
    }

    /// Asks for the credential of an attached share again, as soon as nothing else is asked.
    func wantRefresh(_ name: ShareName) {
        guard let life = offers[name], life.isRenewable, !refreshWanted.contains(name) else { return }
        refreshWanted.append(name)
    }

    func refreshCredentials(_ now: Clock) {
        guard channel.state == .connected else { return refreshWanted = [] }
        while refreshAsked == nil, !refreshWanted.isEmpty {
            let name = refreshWanted.removeFirst()
            guard let life = offers[name], life.isRenewable, let credential = life.share.credential else { continue }
            let params = Value.object(["share": .string(name.text), "credential": .string(credential)])
            refreshAsked = ask(.credentialsGet, params, now).map { ($0, name) }
        }
    }

    /// An attached share keeps running whatever the answer is.
    func credentialRefreshed(_ name: ShareName, _ answer: Result<Value, RPCError>, _ now: Clock) {
        guard case .success(let value) = answer, let credential = try? Credential(value, at: "credential"), let life = offers[name],
            life.isRenewable, let attachment = life.attachment, credentials.isNew(credential, for: life.share)
        else { return }
        let worker = workers.add(name, .renew, deadlineMs: Deadline.detachMs)
        credentials.renews(credential, for: life.share, worker)
        let request = WorkerRequest.renew(attachment.share, credential, attachment.place, mountID: attachment.mountID)
        actions.append(.launch(worker, request, deadlineMs: Deadline.detachMs))
    }

    func renewalEnded(_ id: WorkerID, _ name: ShareName, _ outcome: WorkerOutcome) {
        let isTaken = outcome == .renewed
        guard credentials.renewed(id, isTaken: isTaken) else { return }
        if isTaken { return log("share '\(name)': the kernel has the new password, and uses it from the next logon on") }
        if case .failed(let cause) = outcome { log("\(cause.message)\(cause.errno.map { " (\($0))" } ?? "")") }
    }

    /// What a probe told of a share whose password the server refuses, or whose new one the kernel did not take: an error then means that
    /// it has logged on anew with the old one. Some kernels take the new one now; it is asked for again.
    func probedWithOldPassword(_ name: ShareName, _ outcome: WorkerOutcome) -> WorkerOutcome {
        guard case .failed(let cause) = outcome else { return outcome }
        let isRefused = cause.code.isOfCredential
        // Once: the host tells of the next one by itself.
        if isRefused || credentials.awaitsRenewal(name), offers[name]?.cause?.code.isOfCredential != true { wantRefresh(name) }
        guard credentials.awaitsRenewal(name), !isRefused else { return outcome }
        return .failed(
            Cause(
                .credentialRejected, "share '\(name)': it cannot be asked, and the kernel still has its old password",
                evidence: [cause.message] + cause.evidence,
                remedy: [
                    "shareagent detach --lazy \(name) && shareagent attach \(name)   # at once: each try of the kernel is a wrong password"
                ],
                errno: cause.errno))
    }

    /// An attach with a credential is over: whoever held the same one goes on, or has its answer.
    func attemptEnded(_ id: WorkerID, _ outcome: WorkerOutcome?, _ now: Clock) {
        for (name, credential) in credentials.ended(id, outcome) {
            guard let life = offers[name], case .attaching(let attempt) = life.phase, attempt.worker == nil else { continue }
            guard attempt.share == life.share else {
                beginAttach(name, now)
                continue
            }
            launchAttach(life.share, credential, now)
        }
    }

    static func rejectedBefore(_ share: Share, _ code: CauseCode) -> Cause {
        Cause(
            code, "share '\(share.name)': the server has refused this user and password before, and they are still the same",
            evidence: ["they were not shown to the server again, so that it does not lock the account"],
            remedy: [
                "give the right user, password and domain on the host; the share is then tried at once",
                "shareagent attach \(share.name)   # tries them once more, where the server has been put right",
            ])
    }
}

extension ShareLife {
    /// Attached with a password that the kernel shows the server again whenever it logs on anew.
    fileprivate var isRenewable: Bool {
        guard share.credential != nil, quarantine == nil, case .attached(let attachment) = phase, case .smb = attachment.share.source else {
            return false
        }
        return attachment.presence == .present
    }
}
