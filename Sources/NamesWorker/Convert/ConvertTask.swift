import FileNames
import Glibc
import LinuxSystem
import ShareModel

/// Says what the names of a tree become, and, where it is told to, gives them these names.
///
/// It may hang for ever inside a file system, and it may be killed at any point: whoever started it has the deadline, and the journal has all
/// that is needed to go on or to put everything back.
struct ConvertTask {
    let order: ConvertOrder
    /// Where progress goes: a line each time.
    let tell: (Value) -> Void
    /// A test ends a run through it.
    var calls = ChangeCalls()

    func run() throws(Cause) -> Value {
        let started = MonotonicTime.now()
        let root = try TreeRoot(order.path, to: "convert")
        let directory = root.directory.number
        let progress = ProgressTeller(tell)
        let path = try caused { () throws(SystemCallError) in try pathOfOpen(directory) }
        let limits = try caused { () throws(SystemCallError) in try nameLimits(of: directory) }
        let planner = try planner(longest: limits.longest)
        if order.applies { try check(root, isReadOnly: limits.isReadOnly) }
        let journal = try journal(root, path)
        var report = ConversionReport()
        if let journal, journal.progress.isWhole {
            (report.renames, report.isFromJournal) = (journal.progress.entries, true)
        } else {
            var plan = ConversionPlan(order, root, path: path, planner, progress)
            report = try caused { () throws(SystemCallError) in
                if let journal { try begin(journal, directory, path) }
                try plan.run(into: journal)
                return plan.report
            }
            if let journal { try finish(journal, report) }
        }
        if order.applies, let journal, journal.progress.entries > 0 {
            var run = JournalRun(journal, root: directory, .convert, calls, progress, report)
            let keepsOwnSpelling = try caused { () throws(SystemCallError) in try run.run() }
            report = run.report
            if keepsOwnSpelling { throw ownSpelling(report) }
        }
        let keptJournal = journal.map { $0.progress.entries > 0 } == true
        return .object(
            [
                .init("path", .string(order.path)), .init("filesystem", root.filesystem.map(Value.string) ?? .null),
                .init("unicode", .string(NormalForm.unicodeVersion)), .init("from", .string(order.from)), .init("to", .string(order.to)),
                .init("applied", .bool(order.applies)), .init("readOnly", .bool(limits.isReadOnly)),
                .init("journal", keptJournal ? order.journal.map(Value.string) ?? .null : .null),
                .init("tookMs", .integer((MonotonicTime.now() - started).wholeNanoseconds / 1_000_000)),
            ] + report.value)
    }

    private func caused<Answer>(_ body: () throws(SystemCallError) -> Answer) throws(Cause) -> Answer {
        do throws(SystemCallError) {
            return try body()
        } catch {
            throw TreeRoot.cause(error, order.path, "convert")
        }
    }

    // MARK: what is asked for

    private func planner(longest: Int) throws(Cause) -> DirectoryPlanner {
        let source: DirectoryPlanner.Source =
            order.from == "auto" ? .guess(GuessModel()) : .charset(try TreeRoot.charset(named: order.from))
        guard order.to == "asis" || NormalForm(rawValue: order.to) != nil else {
            throw refusal(
                .optionUnknown, "there is no form '\(order.to)'",
                "name one of: asis \(NormalForm.allCases.map(\.rawValue).joined(separator: " "))")
        }
        guard let reserved = ReservedCharacters(rawValue: order.reserved) else {
            throw refusal(
                .optionUnknown, "there are no private characters '\(order.reserved)'",
                "name one of: \(ReservedCharacters.allCases.map(\.rawValue).joined(separator: " "))")
        }
        let usual = NamesPolicy.usualLongest
        let rule = NameConversion.Rule(
            form: NormalForm(rawValue: order.to), reserved: reserved, mendsDouble: order.mendsDouble,
            longest: (1...usual).contains(longest) ? longest : usual)
        return DirectoryPlanner(source, rule, order.collisions)
    }

    private func refusal(_ code: CauseCode, _ why: String, _ remedy: String) -> Cause {
        Cause(code, "cannot convert the names of '\(order.path)'", evidence: [why], remedy: [remedy])
    }

    /// What can be known to be in vain before anything is looked at.
    private func check(_ root: TreeRoot, isReadOnly: Bool) throws(Cause) {
        guard order.journal != nil else {
            throw refusal(.optionRefused, "without a journal nothing could be put back", "name one with --journal FILE")
        }
        if isReadOnly { throw TreeRoot.cause(SystemCallError(call: "fstatvfs", errno: EROFS), order.path, "convert") }
        do throws(SystemCallError) {
            try mayChangeNames(in: root.directory.number)
        } catch {
            if error.errno == EROFS { throw TreeRoot.cause(error, order.path, "convert") }
        }
        if order.from == "auto", !order.acceptsGuess {
            throw refusal(
                .optionRefused, "a guess proposes and never decides",
                "name the charset with --from, or say --accept-guess once you have read what would be renamed")
        }
        if let filesystem = root.filesystem, Self.unnumbered.contains(filesystem) {
            throw refusal(
                .filesystemUnsupported, "\(filesystem) numbers its files anew at each mount, so that nothing could be put back for sure",
                "rename by hand, or copy its files to a file system of Linux and convert them there")
        }
    }

    private static let unnumbered: Set<String> = ["vfat", "msdos", "exfat"]

    // MARK: the journal

    private func journal(_ root: TreeRoot, _ path: [UInt8]) throws(Cause) -> JournalFile? {
        guard let file = order.journal else { return nil }
        try checkPlace(file, path)
        let journal = try JournalFile(file, mayBeNew: true, calls)
        guard let header = journal.progress.header, journal.progress.isWhole else { return journal }
        let what = "cannot go on with the journal '\(file)'"
        guard order.applies else {
            throw Cause(
                .targetBusy, what, evidence: ["it holds a plan already"],
                remedy: ["--apply renames as it says; another --journal FILE is for another plan"])
        }
        let inode = try caused { () throws(SystemCallError) in try EntryMark.read(in: root.directory.number).inode }
        guard header.inode == inode, header.wish == order.wish else {
            throw Cause(
                .optionRefused, what,
                evidence: [header.inode == inode ? "it was made with other options" : "it is of '\(FileName.display(header.path))'"],
                remedy: ["say what was said when it was made, or name another file with --journal"])
        }
        guard !journal.progress.isUndoing else {
            throw Cause(
                .targetBusy, what, evidence: ["it is being undone, and that is not finished"],
                remedy: ["shareagent names undo \(file), then convert anew"])
        }
        return journal
    }

    /// A journal in the tree would be where its own renames lead.
    private func checkPlace(_ file: String, _ path: [UInt8]) throws(Cause) {
        let slash = UInt8(ascii: "/")
        var parts = Array(file.utf8).split(separator: slash, omittingEmptySubsequences: false).dropLast()
        var place: [UInt8]?
        // The innermost directory of it that is there.
        while place == nil {
            let parent =
                parts.isEmpty
                ? [UInt8(ascii: ".")] : parts.count == 1 && parts[0].isEmpty ? [slash] : Array(parts.joined(separator: [slash]))
            if let directory = try? OpenDirectory(openDirectory(parent)) { place = try? pathOfOpen(directory.number) }
            if parts.isEmpty { break }
            parts.removeLast()
        }
        guard let place, place == path || place.starts(with: path == [slash] ? path : path + [slash]) else { return }
        throw refusal(.optionRefused, "its journal would be in the tree itself", "name a file elsewhere with --journal FILE")
    }

    private func begin(_ journal: JournalFile, _ directory: CInt, _ path: [UInt8]) throws(SystemCallError) {
        let id = hexadecimal(try randomBytes(4))
        let inode = try EntryMark.read(in: directory).inode
        guard try journal.plan(.header(JournalHeader(id: id, path: path, inode: inode, wish: order.wish))) else {
            throw SystemCallError(call: "write", errno: ENAMETOOLONG)
        }
    }

    /// From here on the journal is what counts.
    private func finish(_ journal: JournalFile, _ report: ConversionReport) throws(Cause) {
        let colliding = report.count(.namesCollide)
        if order.applies, colliding > 0, order.collisions == .report {
            journal.remove()
            let examples = report.listedProblems.filter { $0.code == .namesCollide }.prefix(3)
            throw Cause(
                .namesCollide, "cannot convert the names of '\(order.path)': \(colliding) of them would be alike; nothing was renamed",
                evidence: examples.map { "\(FileName.display($0.path)): \($0.why)" },
                remedy: [
                    "rename one of each by hand", "--collisions suffix gives all but one a suffix",
                    "--collisions leave renames the others only",
                ])
        }
        guard journal.progress.entries > 0 else { return journal.remove() }
        do throws(SystemCallError) {
            try journal.finishPlan()
        } catch {
            throw JournalFile.cause(error, order.journal ?? "")
        }
    }

    private func ownSpelling(_ report: ConversionReport) -> Cause {
        Cause(
            .namesUnconvertible, "cannot convert the names of '\(order.path)': this file system lists names in a form of its own",
            evidence: report.listedProblems.suffix(1).map { "\(FileName.display($0.path)): \($0.why)" },
            remedy: ["shareagent names undo \(order.journal ?? "JOURNAL"), then show them in the wished form with names view"])
    }
}
