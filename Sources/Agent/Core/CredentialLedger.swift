internal import Reconciler
internal import ShareModel

/// What came of credentials, so that no server is shown a wrong one twice: keyed hashes in this process's memory, never a secret.
///
/// An account that locks after three wrong passwords would otherwise be locked by three shares of one server, or by one share that
/// is tried again and again.
struct CredentialLedger {
    /// What to do with a credential before an attach.
    enum Verdict: Equatable {
        case `try`
        /// The same one is being tried for another share: its end decides. The share was noted and comes back from `ended`.
        case hold
        /// The server refused it before, with this cause.
        case rejected(CauseCode)
    }

    /// A credential at a server.
    private struct Fingerprint: Hashable {
        let server: String
        let user: String
        let hash: Int
    }

    /// Rejected ones that are remembered; a host that rotates for years must not fill the memory.
    static let limit = 256

    private let key: UInt64
    private var rejected: [Fingerprint: CauseCode] = [:]
    private var order: [Fingerprint] = []
    private var accepted: Set<Fingerprint> = []
    private var underWay: [WorkerID: (share: ShareName, fingerprint: Fingerprint)] = [:]
    private var renewing: [WorkerID: (share: ShareName, fingerprint: Fingerprint)] = [:]
    private var held: [(share: ShareName, credential: Credential, fingerprint: Fingerprint)] = []
    private var tried: [ShareName: Fingerprint] = [:]
    private var inForce: [ShareName: Fingerprint] = [:]
    private var notRenewed: Set<ShareName> = []

    /// - Parameter key: random, for this process alone; Swift's hash has another one of its own beside it.
    init(key: UInt64) {
        self.key = key
    }

    private func fingerprint(of credential: Credential, for share: Share) -> Fingerprint {
        var hasher = Hasher()
        hasher.combine(key)
        let (user, secret): (String, Secret) =
            switch credential {
            // The share's own word goes before the credential's, as in the plan.
            case .password(let username, let domain, let password): ("\(share.source.domain ?? domain ?? "")\\\(username)", password)
            case .key(let username, let key): (share.source.user ?? username ?? "", key)
            }
        unsafe secret.withBytes { unsafe hasher.combine(bytes: $0) }
        // One machine may have several servers, each with users of its own.
        let server = "\(share.source.type.rawValue) \(share.source.servers.joined(separator: ",")) \(share.source.port ?? 0)"
        return Fingerprint(server: server, user: user, hash: hasher.finalize())
    }

    /// Asks before an attach; `hold` keeps the credential until it is clear what comes of the same one.
    mutating func judge(_ credential: Credential, for share: Share) -> Verdict {
        let fingerprint = fingerprint(of: credential, for: share)
        tried[share.name] = fingerprint
        if let code = rejected[fingerprint] { return .rejected(code) }
        if accepted.contains(fingerprint) || !underWay.values.contains(where: { $0.fingerprint == fingerprint }) { return .try }
        held.append((share.name, credential, fingerprint))
        return .hold
    }

    /// A worker shows it to the server now.
    mutating func tries(_ credential: Credential, for share: Share, _ worker: WorkerID) {
        underWay[worker] = (share.name, fingerprint(of: credential, for: share))
    }

    /// An attempt is over; nil where nobody knows how. Whoever waited for it is given back.
    mutating func ended(_ worker: WorkerID, _ outcome: WorkerOutcome?) -> [(share: ShareName, credential: Credential)] {
        guard let (share, fingerprint) = underWay.removeValue(forKey: worker) else { return [] }
        switch outcome {
        case .attached:
            isInForce(fingerprint, for: share)
            accepted.insert(fingerprint)
            if accepted.count > Self.limit { accepted = Set(inForce.values) }
        case .failed(let cause) where cause.code.isOfCredential: reject(fingerprint, cause.code)
        default: break
        }
        let freed = held.filter { $0.fingerprint == fingerprint }.map { ($0.share, $0.credential) }
        held.removeAll { $0.fingerprint == fingerprint }
        return freed
    }

    private mutating func isInForce(_ fingerprint: Fingerprint, for share: ShareName) {
        inForce[share] = fingerprint
        notRenewed.remove(share)
    }

    private mutating func reject(_ fingerprint: Fingerprint, _ code: CauseCode) {
        accepted.remove(fingerprint)
        if rejected.updateValue(code, forKey: fingerprint) == nil { order.append(fingerprint) }
        if order.count > Self.limit { rejected[order.removeFirst()] = nil }
    }

    /// Somebody asks for this very share: what the server said of its credential may be tried once more.
    mutating func forgive(_ share: ShareName) {
        guard let fingerprint = tried[share], rejected.removeValue(forKey: fingerprint) != nil else { return }
        order.removeAll { $0 == fingerprint }
    }

    /// Whether an attached share's credential is another one than it was mounted with. One that is not known, of a mount that was taken
    /// over, is taken for the one in force.
    mutating func isNew(_ credential: Credential, for share: Share) -> Bool {
        let fingerprint = fingerprint(of: credential, for: share)
        guard let known = inForce[share.name] else {
            inForce[share.name] = fingerprint
            return false
        }
        return known != fingerprint && rejected[fingerprint] == nil
    }

    /// Whether a share was mounted with this very credential, as far as that is known: any other one would be a guess at its server.
    func isInForce(_ credential: Credential, for share: Share) -> Bool {
        inForce[share.name].map { $0 == fingerprint(of: credential, for: share) } ?? true
    }

    /// A worker gives the kernel a new one for an attached share.
    mutating func renews(_ credential: Credential, for share: Share, _ worker: WorkerID) {
        renewing[worker] = (share.name, fingerprint(of: credential, for: share))
    }

    /// The kernel has taken it, or not.
    /// - Returns: whether this is news.
    mutating func renewed(_ worker: WorkerID, isTaken: Bool) -> Bool {
        guard let (share, fingerprint) = renewing.removeValue(forKey: worker) else { return false }
        guard isTaken else { return notRenewed.insert(share).inserted }
        isInForce(fingerprint, for: share)
        return true
    }

    /// Whether a new credential is still to be given to the kernel.
    func awaitsRenewal(_ share: ShareName) -> Bool { notRenewed.contains(share) }
}

extension CauseCode {
    /// Whether the server refused who the guest said it was.
    var isOfCredential: Bool { self == .credentialRejected || self == .authenticationFailed || self == .accountLocked }
}

extension Source {
    /// The user's domain, where the source names one.
    fileprivate var domain: String? { if case .smb(let smb) = self { smb.domain } else { nil } }

    /// Whose key it is, where the source names somebody.
    fileprivate var user: String? { if case .cephfs(let cephfs) = self { cephfs.user } else { nil } }

    /// Where users are asked for who they are; nil: where the type usually does.
    fileprivate var port: Int? { if case .smb(let smb) = self { smb.port } else { nil } }
}
