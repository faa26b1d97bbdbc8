import ShareModel

/// What root has written in sharehost.yaml: who this host is, what it offers, and to which VMs.
struct HostConfiguration: Equatable, Sendable {
    /// The limits of one configuration.
    enum Limits {
        /// The most entries below `vms`.
        static let machines = 1024
        /// The most entries below `credentials`.
        static let credentials = 1024
        /// How often guests may be asked to report, in milliseconds.
        static let reportIntervalMs: ClosedRange<Int64> = 1_000...3_600_000
        /// The longest name of a host, a VM or a credential, in bytes.
        static let nameBytes = 128
        /// The longest path of a file, in bytes.
        static let pathBytes = 4_095
        /// The longest path of a Unix socket, in bytes: `sun_path` less its NUL.
        static let socketPathBytes = 107
    }

    /// The host's name as guests show it.
    var name: String
    /// Tells hosts of one name apart; nil where nobody cares.
    var id: String?
    /// How often guests report, in milliseconds.
    var reportIntervalMs: Int64 = 10_000
    /// Where `/metrics` is answered if nothing else is said (contract section 8).
    static let standardMetrics = "127.0.0.1:9477"
    /// Where `/metrics` is answered; nil: nowhere.
    var metrics: ListenAddress?
    /// The credentials by their names, in the order written.
    var credentials: [CredentialEntry] = []
    /// Everything there is to offer, in the order written.
    var shares: [Share] = []
    /// Who gets what.
    var machines: [MachineEntry] = []

    /// The shares that an entry of `vms` is offered, in the order of `shares`.
    func shares(for selection: MachineEntry.Selection) -> [Share] {
        switch selection {
        case .all: shares
        case .named(let names): shares.filter { names.contains($0.name) }
        }
    }

    /// The credential of a name.
    func credential(_ name: String) -> CredentialEntry? {
        credentials.first { $0.name.hasSameBytes(as: name) }
    }
}
