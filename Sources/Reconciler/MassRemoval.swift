public import ShareModel

/// The rule that a list which drops most of what is attached is believed only when a second one says the same (contract section 3):
/// a host that was restarted with an empty configuration must not take every share away.
public struct MassRemoval: Equatable, Sendable {
    /// At least this many attached shares make the rule apply.
    static let smallestCount = 3
    /// The second list must come at least this much later, milliseconds.
    public static let confirmationPause: Int64 = 5_000

    /// What to do with a list.
    public enum Verdict: Equatable, Sendable {
        /// It counts.
        case accept
        /// Nothing is detached yet; ask again after the pause.
        case askAgain(after: Int64)
    }

    private var heldSince: Moment?

    /// No list is held back.
    public init() {}

    /// Judges a complete list.
    /// - Parameters:
    ///   - attached: names of the shares from this host that are attached now.
    ///   - offered: names on the new list.
    public mutating func judge(
        attached: Set<ShareName>, offered: Set<ShareName>, policy: Policy.MassRemoval, now: Moment
    ) -> Verdict {
        let dropped = attached.subtracting(offered).count
        guard policy == .confirm, attached.count >= Self.smallestCount, dropped * 2 > attached.count else {
            heldSince = nil
            return .accept
        }
        guard let first = heldSince else {
            heldSince = now
            return .askAgain(after: Self.confirmationPause)
        }
        let waited = now - first
        guard waited >= Self.confirmationPause else { return .askAgain(after: Self.confirmationPause - waited) }
        heldSince = nil
        return .accept
    }
}
