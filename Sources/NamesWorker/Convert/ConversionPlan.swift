import FileNames
import Glibc
import LinuxSystem
import ShareModel

/// Walks a tree and says what becomes of its names; into a journal, too, where there is one. Changes nothing in the tree.
///
/// A directory comes before what is in it. Going through a journal backwards, each directory's entries are renamed before it gets its own
/// new name, and forwards the other way round; so paths always are those of before.
struct ConversionPlan {
    let order: ConvertOrder
    let root: TreeRoot
    let progress: ProgressTeller
    private var planner: DirectoryPlanner
    private var links: LinkPlanner
    private(set) var report = ConversionReport()

    init(_ order: ConvertOrder, _ root: TreeRoot, path: [UInt8], _ planner: DirectoryPlanner, _ progress: ProgressTeller) {
        (self.order, self.root, self.progress, self.planner) = (order, root, progress, planner)
        links = LinkPlanner(root: root.directory.number, path: path, planner)
    }

    /// Does it.
    mutating func run(into journal: JournalFile?) throws(SystemCallError) {
        var walk = TreeWalk(root: root.directory, subdirectories: try visit(root.directory, [], journal))
        while true {
            let (name, step) = try walk.next()
            switch step {
            case .done: return
            case .leaveOut(let path, let error): try leaveOut(path, error)
            case .visit(let directory):
                let path = walk.path.isEmpty ? name : walk.path + [UInt8(ascii: "/")] + name
                do throws(SystemCallError) {
                    walk.descend(directory, name, try visit(directory, path, journal))
                } catch {
                    try leaveOut(path, error)
                }
            }
        }
    }

    private mutating func leaveOut(_ path: [UInt8], _ error: SystemCallError) throws(SystemCallError) {
        if error.endsAll { throw error }
        switch error.errno {
        case ENOENT, ENOTDIR, ELOOP: return  // Gone or replaced since it was listed.
        case EXDEV: report.otherFilesystems += 1
        default: report.note(path, error.code, "what is in it stays: \(error.text) (\(error.name))")
        }
    }

    private mutating func visit(_ directory: OpenDirectory, _ path: [UInt8], _ journal: JournalFile?) throws(SystemCallError)
        -> SubdirectoryBatch
    {
        var batch = SubdirectoryBatch(after: nil)
        let (progress, names, directories) = (progress, report.names, report.directories)
        let plan = try planner.plan(
            directory.number, breath: { progress.breathe(names + $0, directories, path) }, subdirectory: { batch.add($0) })
        report.names += plan.names
        report.directories += 1
        for problem in plan.problems { report.note(Self.join(path, problem.name), problem.code, problem.why) }
        try note(plan, directory.number, path, journal)
        return batch
    }

    private mutating func note(_ plan: DirectoryPlan, _ directory: CInt, _ path: [UInt8], _ journal: JournalFile?) throws(SystemCallError) {
        var entries = plan.renames.map { JournalEntry(from: $0.rename.from, to: $0.rename.to, mark: JournalMark($0.mark)) }
        if order.followsLinks { try follow(plan, directory, path, &entries) }
        guard !entries.isEmpty else { return }
        do throws(SystemCallError) {
            try mayChangeNames(in: directory)
        } catch {
            // A read-only file system is told once, for all of it.
            if error.errno != EROFS {
                report.note(path, error.code, "\(entries.count) names in it stay: \(error.text) (\(error.name))", count: entries.count)
                return
            }
        }
        let reasons = Dictionary(plan.renames.map { ($0.rename.from, $0.rename.reason) }, uniquingKeysWith: { first, _ in first })
        if let journal {
            let mark = try EntryMark.read(in: directory)
            let head = JournalDirectory(path: path, inode: mark.inode, modified: JournalMark.Moment(mark.modified))
            guard try journal.plan(.directory(head)) else {
                report.note(path, .namesUnconvertible, "\(entries.count) names in it stay: its path is too long", count: entries.count)
                return
            }
            for entry in entries { _ = try journal.plan(.entry(entry)) }
        }
        for entry in entries {
            let reason = reasons[entry.from]
            report.note(.init(directory: path, entry: entry, reason: reason, guess: reason == .charset ? plan.guess : nil))
        }
    }

    /// Adds the links that have to say something else.
    private mutating func follow(
        _ plan: DirectoryPlan, _ directory: CInt, _ path: [UInt8], _ entries: inout [JournalEntry]
    ) throws(SystemCallError) {
        let (progress, names, directories) = (progress, report.names, report.directories)
        for name in plan.links {
            guard let mark = try EntryMark.readIfThere(in: directory, name), mark.kind == .link else { continue }
            let answer = try links.plan(name, mark, in: directory, path) { _ in progress.breathe(names, directories, path) }
            switch answer {
            case .keep: break
            case .refuse(let why): report.note(Self.join(path, name), .namesUnconvertible, why)
            case .retarget(let retarget):
                let place = entries.firstIndex { $0.from == name }
                let entry = JournalEntry(from: name, to: place.map { entries[$0].to } ?? name, mark: JournalMark(mark), retarget: retarget)
                if let place { entries[place] = entry } else { entries.append(entry) }
            }
        }
    }

    static func join(_ path: [UInt8], _ name: [UInt8]) -> [UInt8] {
        path.isEmpty ? name : path + [UInt8(ascii: "/")] + name
    }
}
