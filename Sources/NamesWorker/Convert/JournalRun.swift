import FileNames
import Glibc
import LinuxSystem
import ShareModel

/// Goes through a journal: gives each entry its new name, or its old one back. Can be ended at any point and begun again.
struct JournalRun {
    let journal: JournalFile
    let root: CInt
    let way: JournalWay
    let calls: ChangeCalls
    let progress: ProgressTeller
    var report: ConversionReport

    /// Entries that were looked at.
    private var seen = 0

    /// Directories whose entries are renamed while the journal does not say so yet: it must not before that is on the disk.
    private var renamed: [Int] = []
    /// The last of them.
    private var lastRenamed: [UInt8] = []
    /// Each waits for the disk once by itself, when it is begun.
    private static let mostRenamed = 64

    init(
        _ journal: JournalFile, root: CInt, _ way: JournalWay, _ calls: ChangeCalls, _ progress: ProgressTeller, _ report: ConversionReport
    ) {
        (self.journal, self.root, self.way, self.calls, self.progress, self.report) = (journal, root, way, calls, progress, report)
    }

    /// Does it.
    /// - Returns: whether the file system keeps names in a form of its own, so that it was given up.
    mutating func run() throws(SystemCallError) -> Bool {
        let places = journal.progress.places
        var firsts: [Int] = []
        firsts.reserveCapacity(places.count)
        var first = 0
        for place in places {
            firsts.append(first)
            first += place.entries
        }
        // What an interrupted undoing left is like what an interrupted conversion left.
        let wasUndoing = journal.progress.isUndoing
        if way == .undo, journal.progress.isTouched { try journal.note(.undoing, isSynced: true) }
        let before = report.problems
        for number in way == .convert ? places.indices.reversed() : Array(places.indices) {
            let state = journal.progress.states[number]
            if state == .planned && way == .undo { continue }
            if state == .done, way == .convert, !(try isLost(number)) {
                report.done += places[number].entries
                continue
            }
            if try directory(number, first: firsts[number], isBegun: state != .planned, isWhole: state == .done && !wasUndoing) {
                try settle()
                return true
            }
        }
        try settle()
        if way == .undo, journal.progress.isUndoing, report.problems == before {
            try calls.syncTree(root)
            try journal.note(.undone, isSynced: true)
        }
        return false
    }

    /// Notes what was done, once it is on the disk: one wait for many directories.
    private mutating func settle() throws(SystemCallError) {
        guard !renamed.isEmpty else { return }
        try calls.syncTree(root)
        for number in renamed { try journal.note(.done(number), isSynced: false) }
        renamed = []
    }

    /// Whether a directory of which the journal says that it is done has an entry under its old name only: the disk lost what it had
    /// promised to keep. One that is not found may be believed: the way to it has new names by now.
    private func isLost(_ number: Int) throws(SystemCallError) -> Bool {
        let (head, entries) = try journal.section(number)
        guard let directory = try? OpenDirectory(openDirectoryBeneath(root, path: head.path)),
            (try? EntryMark.read(in: directory.number))?.inode == head.inode
        else { return false }
        // Listed, as that costs least where all is well.
        let old = Set(entries.lazy.filter { $0.from != $0.to }.map(\.from))
        var listed: Set<[UInt8]> = []
        var listing = try DirectoryListing(directory.number)
        while try listing.next({ name, _ in
            let name = bytes(of: name)
            if old.contains(name) { listed.insert(name) }
        }) { progress.breathe(seen, 0, head.path) }
        return entries.contains { entry in
            guard listed.contains(entry.from), let mark = try? EntryMark.read(in: directory.number, entry.from) else { return false }
            return JournalMark(mark).isSame(as: entry.mark)
                && (try? EntryMark.readIfThere(in: directory.number, entry.to)) == .some(nil)
        }
    }

    private mutating func directory(_ number: Int, first: Int, isBegun: Bool, isWhole: Bool) throws(SystemCallError) -> Bool {
        let (head, entries) = try journal.section(number)
        guard let (directory, mark) = try open(head, entries.count) else { return false }
        if way == .convert {
            // What is done below goes by the old names up to here, so it is to be known before those change.
            if lastRenamed.starts(with: ConversionPlan.join(head.path, [])) { try settle() }
            if journal.progress.states[number] != .begun { try journal.note(.begun(number), isSynced: true) }
        }
        let (progress, before, all) = (progress, seen, journal.progress.entries)
        var moves = DirectoryMoves(directory: directory.number, calls: calls, way: way, journal.progress.header) { count in
            progress.breathe(before + count, 0, head.path) { [.init("of", .integer(Int64(all)))] }
        }
        try moves.run(entries, first: first, isBegun: isBegun)
        seen += entries.count
        for problem in moves.problems {
            report.note(ConversionPlan.join(head.path, entries[problem.entry].from), problem.code, problem.why)
        }
        report.done += entries.count - Set(moves.problems.map { $0.entry }).count
        // What others changed meanwhile is to be seen; where a run was interrupted nobody can tell.
        if isBegun && !isWhole || JournalMark.Moment(mark.modified) == head.modified {
            try? calls.setModified(directory.number, [], head.modified.systems)
        }
        if way == .convert {
            renamed.append(number)
            lastRenamed = head.path
            if renamed.count == Self.mostRenamed { try settle() }
        }
        return moves.keepsOwnSpelling
    }

    /// The directory, if it still is the one that was looked at.
    private mutating func open(_ head: JournalDirectory, _ count: Int) throws(SystemCallError) -> (OpenDirectory, EntryMark)? {
        do throws(SystemCallError) {
            let directory = OpenDirectory(try openDirectoryBeneath(root, path: head.path))
            let mark = try EntryMark.read(in: directory.number)
            if mark.inode == head.inode { return (directory, mark) }
            report.note(head.path, .ioError, "\(count) names in it stay: it is another directory now", count: count)
        } catch {
            if error.endsAll { throw error }
            report.note(head.path, error.code, "\(count) names in it stay: \(error.text) (\(error.name))", count: count)
        }
        return nil
    }
}
