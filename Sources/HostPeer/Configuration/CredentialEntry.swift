/// A credential by reference: whose it is, and the file that holds the secret. The secret itself is read only when a guest asks.
struct CredentialEntry: Equatable, Sendable {
    /// What the file holds.
    enum Kind: Equatable, Sendable {
        /// The password of a user (SMB).
        case password(username: String, domain: String?)
        /// A key (CephFS).
        case key(username: String?)
    }

    /// The name that shares use.
    var name: String
    /// What it is.
    var kind: Kind
    /// The file's absolute path.
    var file: String
}
