import FileNames
import ShareModel

/// What a conversion or its undoing came to: counts, and as much of it by name as goes into one answer.
struct ConversionReport {
    /// A name that stays though it should not.
    struct Problem {
        let path: [UInt8]
        let code: CauseCode
        let why: String
    }

    /// A name that becomes another one.
    struct Rename {
        let directory: [UInt8]
        let entry: JournalEntry
        /// Why; nil where only a link's target changes.
        let reason: NameConversion.Reason?
        /// What it was taken for, where it was guessed.
        let guess: CharsetGuess?
    }

    var names = 0
    var directories = 0
    var otherFilesystems = 0
    /// Entries that get another name.
    var renames = 0
    /// Links that get another target.
    var links = 0
    /// Entries that were changed, of those.
    var done = 0
    /// Whether the plan was made by an earlier run, which listed it.
    var isFromJournal = false
    private(set) var listed: [Rename] = []
    private(set) var problems = 0
    private(set) var byCode: [CauseCode: Int] = [:]
    private(set) var listedProblems: [Problem] = []
    private var noted = 0
    /// Bytes of paths that are listed.
    private var weight = 0

    /// Of each list, so that the answer fits into a frame.
    static let mostListed = 500
    static let mostWeight = 100 << 10

    mutating func note(_ rename: Rename) {
        if rename.entry.from != rename.entry.to { renames += 1 }
        if rename.entry.retarget != nil { links += 1 }
        noted += 1
        let bytes = rename.directory.count + rename.entry.from.count + rename.entry.to.count + (rename.entry.retarget?.new.count ?? 0)
        guard listed.count < Self.mostListed, weight + bytes <= Self.mostWeight else { return }
        weight += bytes
        listed.append(rename)
    }

    mutating func note(_ path: [UInt8], _ code: CauseCode, _ why: String, count: Int = 1) {
        problems += count
        byCode[code, default: 0] += count
        guard listedProblems.count < Self.mostListed, weight + path.count <= Self.mostWeight * 2 else { return }
        weight += path.count
        listedProblems.append(Problem(path: path, code: code, why: why))
    }

    func count(_ code: CauseCode) -> Int { byCode[code] ?? 0 }

    /// Both lists as JSON.
    var value: [Value.Member] {
        [
            .init("names", .integer(Int64(names))), .init("directories", .integer(Int64(directories))),
            .init("renames", .integer(Int64(renames))),
            .init("links", .integer(Int64(links))), .init("done", .integer(Int64(done))),
            .init("otherFilesystems", .integer(Int64(otherFilesystems))),
            .init("listed", .array(listed.map(Self.value))), .init("isComplete", .bool(listed.count == noted && !isFromJournal)),
            .init(
                "problems",
                .object([
                    "count": .number(problems),
                    "byCode": .object(
                        byCode.sorted { $0.key.rawValue < $1.key.rawValue }.map { .init($0.key.rawValue, .integer(Int64($0.value))) }),
                    "listed": .array(
                        listedProblems.map {
                            .object(["name": ScanReport.path($0.path), "code": .string($0.code.rawValue), "why": .string($0.why)])
                        }),
                ])),
        ]
    }

    private static func value(_ rename: Rename) -> Value {
        .object([
            "directory": ScanReport.path(rename.directory), "from": ScanReport.path(rename.entry.from),
            "to": ScanReport.path(rename.entry.to),
            "kind": .string(rename.entry.mark.kind.rawValue), "because": .text(rename.reason?.rawValue),
            "charset": .text(rename.guess?.charset.rawValue), "confidencePermille": rename.guess.flatMap { .number($0.confidence) },
            "target": rename.entry.retarget.map { ScanReport.path($0.old) },
            "newTarget": rename.entry.retarget.map { ScanReport.path($0.new) },
        ])
    }
}
