public import ShareModel

/// What `share-names convert` is asked to do.
public struct ConvertOrder: Sendable, Equatable {
    /// What is done about names that would be alike.
    public enum Collisions: String, Sendable, CaseIterable {
        /// They are told, and nothing is renamed.
        case report
        /// They stay, and the others are renamed.
        case leave
        /// All but one get `stem~hash.ext`.
        case suffix
    }

    /// The directory, as typed: relative to the asker's.
    public let path: String
    /// What names that are not UTF-8 are; `auto` guesses a directory at a time.
    public let from: String
    /// The form that they get; `asis`: none.
    public let to: String
    /// Private characters to be replaced: `none`, `sfm`, `sfu`.
    public let reserved: String
    /// Whether UTF-8 that was encoded twice is mended.
    public let mendsDouble: Bool
    /// Whether relative targets of symbolic links follow.
    public let followsLinks: Bool
    /// Whether a link that follows, and is made anew for that, stays in its directory under a temporary name.
    public let keepsOldLinks: Bool
    /// What is done about names that would be alike.
    public let collisions: Collisions
    /// Whether to rename; else it is only said what would be.
    public let applies: Bool
    /// Whether what was guessed may be applied.
    public let acceptsGuess: Bool
    /// Where the journal is; without `applies`, the plan is put there.
    public let journal: String?

    /// As it is handed over.
    public var value: Value {
        guard case .object(let wish) = wish else { return .null }
        return .object(
            [.init("path", .string(path))] + wish + [
                .init("apply", .bool(applies)), .init("acceptGuess", .bool(acceptsGuess)),
                .init("journal", journal.map(Value.string) ?? .null),
            ])
    }

    /// What a journal is made for.
    var wish: Value {
        .object(
            [
                .init("from", .string(from)), .init("to", .string(to)), .init("reserved", .string(reserved)),
                .init("mendDouble", .bool(mendsDouble)), .init("links", .bool(followsLinks)),
                .init("collisions", .string(collisions.rawValue)),
            ] + (keepsOldLinks ? [.init(Self.keepOldLinks, .bool(true))] : []))
    }

    static let keepOldLinks = "keepOldLinks"

    /// Reads an order.
    /// - Throws: what is wrong with it.
    public init(_ value: Value) throws(FieldProblem) {
        var fields = try Fields(value, at: "")
        path = try fields.requiredText("path")
        from = try fields.requiredText("from")
        to = try fields.requiredText("to")
        reserved = try fields.text("reserved") ?? "none"
        mendsDouble = try fields.truth("mendDouble") ?? false
        followsLinks = try fields.truth("links") ?? true
        keepsOldLinks = try fields.truth(Self.keepOldLinks) ?? false
        collisions = try fields.word("collisions") ?? .report
        applies = try fields.truth("apply") ?? false
        acceptsGuess = try fields.truth("acceptGuess") ?? false
        journal = try fields.text("journal")
        try fields.end()
    }
}

/// What `share-names undo` is asked to do.
public struct UndoOrder: Sendable, Equatable {
    /// The journal.
    public let journal: String
    /// Where the tree is now, if not where it was.
    public let path: String?

    /// Reads an order.
    /// - Throws: what is wrong with it.
    public init(_ value: Value) throws(FieldProblem) {
        var fields = try Fields(value, at: "")
        journal = try fields.requiredText("journal")
        path = try fields.text("path")
        try fields.end()
    }
}
