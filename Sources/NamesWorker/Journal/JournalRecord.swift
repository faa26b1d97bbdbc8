import FileNames
import ShareModel
import ShareWire

/// What a journal is about: its first line.
struct JournalHeader: Equatable, Sendable {
    /// Tells its temporary names from those of other journals: eight hexadecimal digits.
    let id: String
    /// The directory, absolute.
    let path: [UInt8]
    /// Its number.
    let inode: UInt64
    /// What was asked for, as `ConvertOrder` says it; a journal is gone on with only by the same wish.
    let wish: Value

    private static let version: Int64 = 1
    /// What each temporary name begins with, before the journal's id.
    static let temporaryPrefix = ".shareagent-names-"
    /// What the name of a link ends with that is to stay.
    static let keptLinkEnd = UInt8(ascii: "o")

    var value: Value {
        .object([
            "namesJournal": .integer(Self.version), "id": .string(id), "program": .string(Version.program),
            "unicode": .string(NormalForm.unicodeVersion), "path": .string(hexadecimal(path)), "inode": .string(String(inode, radix: 16)),
            "wish": wish,
        ])
    }

    init(id: String, path: [UInt8], inode: UInt64, wish: Value) {
        (self.id, self.path, self.inode, self.wish) = (id, path, inode, wish)
    }

    init?(_ value: Value) {
        guard value["namesJournal"]?.number == Self.version, let id = value["id"]?.text, id.utf8.count == 8, bytes(hexadecimal: id) != nil,
            let path = value["path"]?.text.flatMap(bytes(hexadecimal:)), path.first == UInt8(ascii: "/"), !path.contains(0),
            let inode = value["inode"]?.text.flatMap({ UInt64($0, radix: 16) }), let wish = value["wish"]
        else { return nil }
        self.init(id: id, path: path, inode: inode, wish: wish)
    }
}

/// A directory of a journal, before its entries.
struct JournalDirectory: Hashable, Sendable {
    /// Below the converted one, with the names of before; empty for that one itself.
    let path: [UInt8]
    let inode: UInt64
    /// When its names changed last, before anything was renamed.
    let modified: JournalMark.Moment

    var value: Value {
        .object([
            "directory": .string(hexadecimal(path)), "inode": .string(String(inode, radix: 16)), "modified": modified.value,
        ])
    }

    init(path: [UInt8], inode: UInt64, modified: JournalMark.Moment) {
        (self.path, self.inode, self.modified) = (path, inode, modified)
    }

    init?(_ value: Value) {
        guard let path = value["directory"]?.text.flatMap(bytes(hexadecimal:)), Self.isBelow(path),
            let inode = value["inode"]?.text.flatMap({ UInt64($0, radix: 16) }), let modified = JournalMark.Moment(value["modified"])
        else { return nil }
        self.init(path: path, inode: inode, modified: modified)
    }

    /// Names and single slashes only.
    private static func isBelow(_ path: [UInt8]) -> Bool {
        path.isEmpty || path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).allSatisfy { FileName(Array($0)) != nil }
    }
}

/// A line of a journal. First comes the whole plan, up to `end`; then what was begun and done.
enum JournalRecord: Equatable, Sendable {
    case header(JournalHeader)
    case directory(JournalDirectory)
    case entry(JournalEntry)
    /// The plan is whole: so many directories and entries, and the mark of all lines before.
    case end(directories: Int, entries: Int, mark: UInt64)
    /// The entries of this directory, counted from 0, are about to be renamed.
    case begun(Int)
    /// They are.
    case done(Int)
    /// Everything is about to get its old name back.
    case undoing
    /// It has it.
    case undone

    /// The line, its LF included; nil for a path that no line can hold.
    var line: [UInt8]? {
        let value: Value =
            switch self {
            case .header(let header): header.value
            case .directory(let directory): directory.value
            case .entry(let entry): entry.value
            case .end(let directories, let entries, let mark):
                .object([
                    "end": .object([
                        "directories": .number(directories), "entries": .number(entries), "mark": .string(String(mark, radix: 16)),
                    ])
                ])
            case .begun(let number): .object(["begun": .number(number)])
            case .done(let number): .object(["done": .number(number)])
            case .undoing: .object(["undoing": .bool(true)])
            case .undone: .object(["undone": .bool(true)])
            }
        return StrictJSON.bytesWithinLimits(of: value).map { $0 + [UInt8(ascii: "\n")] }
    }

    /// Reads a line without its LF.
    init?(line: [UInt8]) {
        guard let value = try? StrictJSON.parse(line) else { return nil }
        func count(_ value: Value?) -> Int? { value?.number.flatMap { $0 >= 0 ? Int($0) : nil } }
        if value["from"] != nil {
            guard let entry = JournalEntry(value) else { return nil }
            self = .entry(entry)
        } else if value["directory"] != nil {
            guard let directory = JournalDirectory(value) else { return nil }
            self = .directory(directory)
        } else if value["namesJournal"] != nil {
            guard let header = JournalHeader(value) else { return nil }
            self = .header(header)
        } else if let end = value["end"] {
            guard let directories = count(end["directories"]), let entries = count(end["entries"]),
                let mark = end["mark"]?.text.flatMap({ UInt64($0, radix: 16) })
            else { return nil }
            self = .end(directories: directories, entries: entries, mark: mark)
        } else if let number = count(value["begun"]) {
            self = .begun(number)
        } else if let number = count(value["done"]) {
            self = .done(number)
        } else if value["undoing"]?.truth == true {
            self = .undoing
        } else if value["undone"]?.truth == true {
            self = .undone
        } else {
            return nil
        }
    }
}
