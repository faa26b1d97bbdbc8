/// What a worker is to measure on an attached share, and within which bounds.
public struct BenchOrder: Sendable {
    /// The bounds of what may be asked.
    public enum Limits {
        /// How long measuring may take, each compared profile again, in milliseconds.
        public static let timeMs: ClosedRange<Int64> = 1_000...300_000
        /// How much may be written, in bytes.
        public static let spaceBytes: ClosedRange<Int64> = (1 << 20)...(4 << 30)
        /// Where nothing is said.
        public static let standardTimeMs: Int64 = 20_000
        /// Where nothing is said.
        public static let standardSpaceBytes: Int64 = 64 << 20
    }

    /// The share as it is wished for.
    public let share: Share
    /// Where it is attached.
    public let target: Target
    /// Under which mount id.
    public let mountID: Int64
    /// What the name of its own directory ends with: 16 hexadecimal digits that nobody can guess.
    public let mark: String
    /// How long measuring may take; each compared profile as long again.
    public let timeMs: Int64
    /// How much may be written, at most.
    public let spaceBytes: Int64
    /// The profiles to compare the share's own with; empty: none.
    public let profiles: [Share.Profile]
    /// Remarks for the report that were known beforehand.
    public let notes: [String]

    /// An order; the caller has checked the bounds.
    public init(
        share: Share, target: Target, mountID: Int64, mark: String, timeMs: Int64, spaceBytes: Int64, profiles: [Share.Profile],
        notes: [String] = []
    ) {
        self.share = share
        self.target = target
        self.mountID = mountID
        self.mark = mark
        self.timeMs = timeMs
        self.spaceBytes = spaceBytes
        self.profiles = profiles
        self.notes = notes
    }

    /// As JSON.
    public var value: Value {
        .object([
            "share": share.value, "target": .string(target.text), "mountId": .integer(mountID), "mark": .string(mark),
            "timeMs": .integer(timeMs), "spaceBytes": .integer(spaceBytes), "profiles": .array(profiles.map { .string($0.rawValue) }),
            "notes": .array(notes.map(Value.string)),
        ])
    }

    /// Reads an order back.
    /// - Throws: `FieldProblem` that names the key.
    public init(_ value: Value, at path: String) throws(FieldProblem) {
        var fields = try Fields(value, at: path)
        guard let share = fields.take("share") else { throw FieldProblem(path: fields.path(of: "share"), message: "is missing") }
        self.share = try Share(share, at: fields.path(of: "share"))
        target = try Target(validating: try fields.requiredText("target"))
        mountID = try fields.count("mountId")
        mark = try fields.benchMark()
        timeMs = try fields.number("timeMs", in: Limits.timeMs) ?? Limits.standardTimeMs
        spaceBytes = try fields.number("spaceBytes", in: Limits.spaceBytes) ?? Limits.standardSpaceBytes
        profiles = try fields.profiles("profiles") ?? []
        notes = try fields.texts("notes") ?? []
        try fields.end()
    }
}

extension Fields {
    /// Takes the mark of a bench directory.
    mutating func benchMark() throws(FieldProblem) -> String {
        let text = try requiredText("mark")
        let isMark = text.utf8.count == 16 && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
        guard isMark else { throw FieldProblem(path: path(of: "mark"), message: "must be 16 hexadecimal digits") }
        return text
    }

    /// Takes a list of profiles.
    public mutating func profiles(_ key: String) throws(FieldProblem) -> [Share.Profile]? {
        guard let texts = try texts(key) else { return nil }
        var profiles: [Share.Profile] = []
        for text in texts {
            guard let profile = Share.Profile(rawValue: text) else {
                let words = Share.Profile.allCases.map(\.rawValue).joined(separator: ", ")
                throw FieldProblem(path: path(of: key), message: "'\(text.printable)' is none of: \(words)")
            }
            if !profiles.contains(profile) { profiles.append(profile) }
        }
        return profiles
    }
}
