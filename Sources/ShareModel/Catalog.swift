/// All shares offered to this guest. An entry that cannot be read does not spoil the others.
public struct Catalog: Equatable, Sendable {
    /// One entry of a catalog.
    public enum Entry: Equatable, Sendable {
        /// A share in order.
        case share(Share)
        /// An entry that is no valid share; the name is what stood there, shown only, and may be missing.
        case invalid(name: String, Cause)
    }

    /// The most shares a catalog may hold.
    public static let maximumShares = 1024

    /// The longest name of an invalid entry that is shown, in bytes.
    private static let shownNameBytes = 128

    /// Grows with each change; 0 where nothing was ever offered.
    public let revision: Int64
    /// The entries, in the order offered; no two with one name.
    public let entries: [Entry]

    /// A catalog; of entries with one name only the first stands, the others become invalid ones.
    public init(revision: Int64, entries: [Entry]) {
        self.revision = revision
        var names: Set<ShareName> = []
        self.entries = entries.map { entry in
            guard case .share(let share) = entry, !names.insert(share.name).inserted else { return entry }
            return .invalid(
                name: share.name.text,
                Cause(.shareInvalid, "share '\(share.name)' is offered twice", remedy: ["give each share of this guest a name of its own"]))
        }
    }

    /// The shares in order.
    public var shares: [Share] {
        entries.compactMap { if case .share(let share) = $0 { share } else { nil } }
    }

    /// The names of all entries, of those that cannot be read as far as they have one.
    public var names: Set<ShareName> {
        Set(
            entries.compactMap {
                switch $0 {
                case .share(let share): share.name
                case .invalid(let name, _): try? ShareName(validating: name)
                }
            })
    }

    /// Reads a list of shares; `path` is where the list stands.
    /// - Throws: `FieldProblem` when the list as a whole is too long.
    public init(revision: Int64, shares list: [Value], at path: String) throws(FieldProblem) {
        guard list.count <= Self.maximumShares else {
            throw FieldProblem(path: path, message: "has at most \(Self.maximumShares) shares, not \(list.count)")
        }
        self.init(revision: revision, entries: list.enumerated().map { Self.entry($1, at: "\(path)[\($0)]") })
    }

    private static func entry(_ value: Value, at path: String) -> Entry {
        do {
            return .share(try Share(value, at: path))
        } catch {
            let name = (value["name"]?.text ?? path).printable.clipped(toBytes: shownNameBytes)
            return .invalid(
                name: name,
                Cause(
                    .shareInvalid, "share '\(name)': \(error.sentence)",
                    remedy: [
                        "correct it where it is offered: in the host's catalog (`sharehost check` names the line) or the file given with --from"
                    ]))
        }
    }
}
