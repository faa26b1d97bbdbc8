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
            if state == .planned && way == .undo || state == .done && way == .convert {
                if state == .done { report.done += places[number].entries }
                continue
            }
            if try directory(number, first: firsts[number], isBegun: state != .planned, isWhole: state == .done && !wasUndoing) {
                return true
            }
        }
        if way == .undo, journal.progress.isUndoing, report.problems == before { try journal.note(.undone, isSynced: true) }
        return false
    }

    private mutating func directory(_ number: Int, first: Int, isBegun: Bool, isWhole: Bool) throws(SystemCallError) -> Bool {
        let (head, entries) = try journal.section(number)
        guard let (directory, mark) = try open(head, entries.count) else { return false }
        if way == .convert, !isBegun { try journal.note(.begun(number), isSynced: true) }
        let (progress, before, all) = (progress, seen, journal.progress.entries)
        var moves = DirectoryMoves(directory: directory.number, calls: calls, way: way, id: journal.progress.header?.id ?? "") { count in
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
        if way == .convert { try journal.note(.done(number), isSynced: false) }
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
