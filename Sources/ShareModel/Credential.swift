/// What `credentials.get` answers.
public enum Credential: Sendable {
    /// A user with a password (SMB).
    case password(username: String, domain: String?, password: Secret)
    /// A key (CephFS).
    case key(username: String?, Secret)
}
