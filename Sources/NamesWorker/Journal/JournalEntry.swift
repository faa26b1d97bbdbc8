import FileNames
import ShareModel

/// What tells a file that got another name from others.
struct JournalMark: Hashable, Sendable {
    /// What it is, as the journal says it.
    enum Kind: String, Sendable, CaseIterable {
        case file, directory, link, other
    }

    /// Seconds since 1970 and nanoseconds.
    struct Moment: Hashable, Sendable {
        let seconds: Int64
        let nanoseconds: Int64

        init(seconds: Int64, nanoseconds: Int64) { (self.seconds, self.nanoseconds) = (seconds, nanoseconds) }

        init?(_ value: Value?) {
            guard let parts = value?.elements, parts.count == 2, let seconds = parts[0].number, let nanoseconds = parts[1].number,
                (0..<1_000_000_000).contains(nanoseconds)
            else { return nil }
            self.init(seconds: seconds, nanoseconds: nanoseconds)
        }

        var value: Value { .array([.integer(seconds), .integer(nanoseconds)]) }
    }

    let kind: Kind
    let inode: UInt64
    let size: UInt64
    let modified: Moment
    /// When it was made, where the file system tells.
    let born: Moment?

    /// Whether what is there now is this file. A number is given anew once a file is gone; the time of its making tells.
    func isSame(as other: JournalMark) -> Bool {
        kind == other.kind && inode == other.inode && (born == nil || other.born == nil || born == other.born)
    }
}

/// One change of a journal: an entry of a directory gets another name, or a symbolic link another target, or both.
struct JournalEntry: Hashable, Sendable {
    /// What a symbolic link said, and what it is to say.
    struct Retarget: Hashable, Sendable {
        let old: [UInt8]
        let new: [UInt8]
    }

    let from: [UInt8]
    let to: [UInt8]
    let mark: JournalMark
    let retarget: Retarget?

    /// As in the journal.
    var value: Value {
        .object([
            "from": .string(hexadecimal(from)), "to": from == to ? nil : .string(hexadecimal(to)), "kind": .string(mark.kind.rawValue),
            "inode": .string(String(mark.inode, radix: 16)), "size": .string(String(mark.size, radix: 16)), "modified": mark.modified.value,
            "born": mark.born?.value, "target": .text(retarget.map { hexadecimal($0.old) }),
            "newTarget": .text(retarget.map { hexadecimal($0.new) }),
        ])
    }

    init(from: [UInt8], to: [UInt8], mark: JournalMark, retarget: Retarget? = nil) {
        (self.from, self.to, self.mark, self.retarget) = (from, to, mark, retarget)
    }

    /// Reads what `value` wrote; nil where it is something else, or would change something else than one directory's entries.
    init?(_ value: Value) {
        guard let from = value["from"]?.text.flatMap(bytes(hexadecimal:)), FileName(from) != nil,
            let kind = value["kind"]?.text.flatMap(JournalMark.Kind.init), let inode = Self.number(value["inode"]),
            let size = Self.number(value["size"]), let modified = JournalMark.Moment(value["modified"])
        else { return nil }
        var to = from
        if let text = value["to"]?.text {
            guard let bytes = bytes(hexadecimal: text), FileName(bytes) != nil else { return nil }
            to = bytes
        }
        var retarget: Retarget?
        if let old = value["target"]?.text.flatMap(bytes(hexadecimal:)), let new = value["newTarget"]?.text.flatMap(bytes(hexadecimal:)) {
            guard kind == .link, !old.isEmpty, !new.isEmpty, old != new, !old.contains(0), !new.contains(0) else { return nil }
            retarget = Retarget(old: old, new: new)
        }
        guard from != to || retarget != nil else { return nil }
        let mark = JournalMark(kind: kind, inode: inode, size: size, modified: modified, born: JournalMark.Moment(value["born"]))
        self.init(from: from, to: to, mark: mark, retarget: retarget)
    }

    private static func number(_ value: Value?) -> UInt64? { value?.text.flatMap { UInt64($0, radix: 16) } }
}
