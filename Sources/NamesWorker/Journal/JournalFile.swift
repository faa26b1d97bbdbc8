import Glibc
import LinuxSystem
import ShareModel

/// A journal on disk. The whole plan is in it, and synced, before the first name changes; so whatever is found in the tree later can be told
/// apart by looking: each entry has its old name, its new one, or a temporary one that only this journal gives.
final class JournalFile {
    let path: [UInt8]
    private(set) var progress = JournalProgress()
    private let file: OwnedDescriptor
    private let calls: ChangeCalls
    /// Directories that were made for it, outermost first.
    private let madeParents: [[UInt8]]
    private var length: Int64 = 0
    private var room: [UInt8] = []
    /// Whether what was written of it is less than its first line.
    private var isTornHeader = false

    private static let longestLine = 256 << 10
    private static let roomBytes = 64 << 10

    /// Opens it and reads how far it is.
    /// - Parameter isNew: whether it may be made; else it must be there and whole.
    init(_ path: String, mayBeNew isNew: Bool, _ calls: ChangeCalls) throws(Cause) {
        self.path = Array(path.utf8)
        self.calls = calls
        do throws(SystemCallError) {
            madeParents = isNew ? Self.makeParents(of: self.path) : []
            file = try openToAppend(self.path, makingWith: isNew ? 0o600 : nil)
            guard try takeAlone(file.rawValue) else { throw SystemCallError(call: "flock", errno: EWOULDBLOCK) }
        } catch {
            throw Self.cause(error, path, mayBeNew: isNew)
        }
        try read(path)
        guard progress.isWhole else {
            if isNew, length == 0 || progress.header != nil || isTornHeader {
                try startAnew(path)
                return
            }
            throw Cause(
                .ioError, "cannot use the journal '\(path)'",
                evidence: [length == 0 ? "it is empty" : "it is no journal of names, or not a whole one: nothing was renamed by it"],
                remedy: ["name the file that names convert --apply told"])
        }
    }

    deinit { giveBack(file.rawValue) }

    /// A plan that was not finished is of no use: nothing was renamed by it.
    private func startAnew(_ path: String) throws(Cause) {
        do throws(SystemCallError) {
            try shorten(file.rawValue, to: 0)
        } catch {
            throw Self.cause(error, path)
        }
        (length, progress) = (0, JournalProgress())
    }

    private func read(_ path: String) throws(Cause) {
        var (line, offset, start): ([UInt8], Int64, Int64) = ([], 0, 0)
        var bytes = [UInt8](repeating: 0, count: Self.roomBytes)
        do throws(SystemCallError) {
            while true {
                let count = try readAt(file.rawValue, offset, into: &bytes)
                if count == 0 { break }
                for byte in bytes[..<count] {
                    offset += 1
                    if byte != UInt8(ascii: "\n") {
                        line.append(byte)
                        if line.count > Self.longestLine { throw SystemCallError(call: "read", errno: EFBIG) }
                        continue
                    }
                    if !progress.take(line, at: start) {
                        throw SystemCallError(call: "read", errno: EBADMSG)
                    }
                    (line, start) = ([], offset)
                }
            }
            let beginning = Array(#"{"namesJournal":"#.utf8)
            isTornHeader = start == 0 && line.prefix(beginning.count).elementsEqual(beginning.prefix(line.count))
            // What was being written when the power went.
            if !line.isEmpty, progress.isWhole { try shorten(file.rawValue, to: start) }
        } catch {
            if error.errno == EBADMSG || error.errno == EFBIG {
                throw Cause(
                    .ioError, "cannot use the journal '\(path)'", evidence: ["it is no journal of names, or damaged at byte \(start)"],
                    remedy: ["name the file that names convert --apply told; another one for a new conversion"])
            }
            throw Self.cause(error, path)
        }
        length = progress.isWhole ? start : offset
    }

    // MARK: writing the plan

    /// Adds a line of the plan.
    /// - Returns: false where no line can hold it.
    func plan(_ record: JournalRecord) throws(SystemCallError) -> Bool {
        guard var line = record.line else { return false }
        let offset = length + Int64(room.count)
        room += line
        line.removeLast()
        _ = progress.take(line, at: offset)
        if room.count >= Self.roomBytes { try flush() }
        return true
    }

    /// The plan is whole; returns when it is on the disk.
    func finishPlan() throws(SystemCallError) {
        _ = try plan(.end(directories: progress.places.count, entries: progress.entries, mark: progress.mark))
        try flush()
        try calls.sync { () throws(SystemCallError) in try syncPlace(of: path, file.rawValue) }
        for parent in madeParents { try calls.sync { () throws(SystemCallError) in try syncPlace(of: parent, nil) } }
    }

    private func flush() throws(SystemCallError) {
        try calls.write { () throws(SystemCallError) in try writeAll(file.rawValue, room, path: path) }
        length += Int64(room.count)
        room = []
    }

    // MARK: what becomes of it

    /// Notes what is about to be done or was done.
    /// - Parameter isSynced: whether to wait until it is on the disk.
    func note(_ record: JournalRecord, isSynced: Bool) throws(SystemCallError) {
        guard var line = record.line else { return }
        try calls.write { () throws(SystemCallError) in try writeAll(file.rawValue, line, path: path) }
        line.removeLast()
        _ = progress.take(line, at: length)
        length += Int64(line.count + 1)
        if isSynced { try calls.sync { () throws(SystemCallError) in try syncData(file.rawValue) } }
    }

    /// Reads the entries of a directory.
    func section(_ number: Int) throws(SystemCallError) -> (JournalDirectory, [JournalEntry]) {
        let place = progress.places[number]
        var (line, offset): ([UInt8], Int64) = ([], place.offset)
        var bytes = [UInt8](repeating: 0, count: Self.roomBytes)
        var directory: JournalDirectory?
        var entries: [JournalEntry] = []
        entries.reserveCapacity(place.entries)
        reading: while entries.count < place.entries || directory == nil {
            let count = try readAt(file.rawValue, offset, into: &bytes)
            if count == 0 { break }
            offset += Int64(count)
            for byte in bytes[..<count] {
                if byte != UInt8(ascii: "\n") {
                    line.append(byte)
                    continue
                }
                switch JournalRecord(line: line) {
                case .directory(let head) where directory == nil: directory = head
                case .entry(let entry) where entries.count < place.entries: entries.append(entry)
                default: break
                }
                line = []
                if directory != nil, entries.count == place.entries { break reading }
            }
        }
        guard let directory, entries.count == place.entries else { throw SystemCallError(call: "pread", errno: EBADMSG, path: path) }
        return (directory, entries)
    }

    /// Nothing came of it.
    func remove() { removeFile(path) }

    private static func makeParents(of path: [UInt8]) -> [[UInt8]] {
        let parts = path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).dropLast()
        var made: [[UInt8]] = []
        for end in parts.indices where !parts[end].isEmpty {
            let parent = Array(parts[...end].joined(separator: [UInt8(ascii: "/")]))
            if directoryExists(String(decoding: parent, as: UTF8.self)) { continue }
            // What cannot be made is told by opening the file.
            if (try? makeDirectory(parent, mode: 0o700)) != nil { made.append(parent) }
        }
        return made
    }

    /// Why a journal cannot be used.
    /// - Parameter isNew: whether it could have been made: then another place would do.
    static func cause(_ error: SystemCallError, _ path: String, mayBeNew isNew: Bool = true) -> Cause {
        let what = "cannot use the journal '\(path)'"
        switch error.errno {
        case EWOULDBLOCK:
            return Cause(
                .targetBusy, what, evidence: ["another names convert or undo works with it"], remedy: ["wait until that one has ended"])
        case ENOSPC, EDQUOT:
            return Cause(
                .outOfSpace, what, evidence: ["\(error.call): \(error.text)"], remedy: ["name another place with --journal FILE"],
                errno: error.name)
        default:
            return Cause(
                error.errno == ENOENT ? .targetMissing : error.errno == EACCES ? .permissionDenied : .ioError, what,
                evidence: ["\(error.call): \(error.text)"],
                remedy: [isNew ? "name a file that can be written, with --journal FILE" : "name the file that names convert --apply told"],
                errno: error.name)
        }
    }
}
