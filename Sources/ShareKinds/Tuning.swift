public import ShareModel

/// One row of a type's tuning table: an option that is set without anybody asking for it, for whom, and why. The plan is made from
/// these rows and docs/shares.md is printed from them, so the two cannot differ.
public struct Tuning: Sendable {
    /// What stands behind the option's `=`.
    public enum Setting: Sendable {
        /// Nothing.
        case flag
        /// Always the same.
        case fixed(String)
        /// Reckoned from the share; `shown` is how a table writes it.
        case reckoned(shown: String, @Sendable (Share) -> String)
    }

    /// Which shares a row is for, beside its profiles.
    public struct Condition: Sendable {
        /// As a clause: `failure is not hard`.
        public let words: String
        let holds: @Sendable (Share, _ fstype: String) -> Bool

        init(_ words: String, _ holds: @escaping @Sendable (Share) -> Bool) {
            self.words = words
            self.holds = { share, _ in holds(share) }
        }

        /// For images, whose file system is known only when one has looked into them.
        init(_ words: String, onFileSystem holds: @escaping @Sendable (Share, _ fstype: String) -> Bool) {
            self.words = words
            self.holds = holds
        }
    }

    /// The option; `read_ahead_kb` is the backing device's, every other one the file system's.
    public let option: String
    /// Its value.
    public let setting: Setting
    /// The profiles that have it.
    public let profiles: [Share.Profile]
    /// What else must hold; nil: nothing.
    public let condition: Condition?
    /// Why, in one clause without a full stop.
    public let why: String
    /// What it rests on.
    public let basis: TunedOption.Basis
    /// Whether a share has said so itself in a field, so that the option counts as its own.
    let isWished: (@Sendable (Share) -> Bool)?

    /// The name of the one option that is no mount option.
    public static let readAhead = "read_ahead_kb"

    init(
        _ option: String, _ setting: Setting, in profiles: [Share.Profile] = Share.Profile.allCases, when condition: Condition? = nil,
        wished isWished: (@Sendable (Share) -> Bool)? = nil, why: String, since: String? = nil, fact: String, protects: Bool = false
    ) {
        self.option = option
        self.setting = setting
        self.profiles = profiles
        self.condition = condition
        self.isWished = isWished
        self.why = why
        basis = TunedOption.Basis(since: since, fact: fact, isProtection: protects)
    }

    /// The option for a share; nil where the row is not for it.
    func option(for share: Share, on fstype: String) -> TunedOption? {
        guard profiles.contains(share.profile), condition.map({ $0.holds(share, fstype) }) ?? true else { return nil }
        let value: String? =
            switch setting {
            case .flag: nil
            case .fixed(let text): text
            case .reckoned(_, let reckon): reckon(share)
            }
        // What a balanced share gets as well is no choice of the profile.
        let origin: TunedOption.Origin =
            isWished?(share) == true ? .share : profiles.contains(.balanced) ? .standard : .profile
        return TunedOption(option, value, origin, why: why, basis: basis)
    }

    /// The value as a table writes it; empty for a flag.
    public var shownValue: String {
        switch setting {
        case .flag: ""
        case .fixed(let text): text
        case .reckoned(let shown, _): shown
        }
    }
}

extension [Share.Profile] {
    /// All but some.
    static func allBut(_ left: Share.Profile...) -> [Share.Profile] {
        Share.Profile.allCases.filter { !left.contains($0) }
    }
}

extension Tuning.Condition {
    static let mayGiveUp = Tuning.Condition("failure is not hard") { $0.failure != .hard }
    static let waitsForEver = Tuning.Condition("failure is hard") { $0.failure == .hard }
    static let readsOnly = Tuning.Condition("access is ro") { $0.access == .ro }
    static let writes = Tuning.Condition("access is rw") { $0.access == .rw }
    static let hasCredential = Tuning.Condition("the share names a credential") { $0.credential != nil }
    static let isAnonymous = Tuning.Condition("the share names no credential") { $0.credential == nil }
}

extension PlanDraft {
    /// Puts a table's rows that are for this share into the plan, later rows over earlier ones.
    mutating func apply(_ tunings: [Tuning]) {
        for tuning in tunings {
            guard let option = tuning.option(for: share, on: fstype) else { continue }
            if option.name == Tuning.readAhead {
                readAhead = option
            } else {
                options.put(option)
            }
        }
    }
}
