import FileNames
import Glibc
import LinuxSystem
import ShareModel

/// Which way a journal is gone.
enum JournalWay {
    case convert, undo
}

/// Brings the entries of one directory to their new names or back to their old ones, from whatever state an earlier run left them in.
///
/// It does not ask what that run did. It looks where each entry is: under its old name, its new one, or one of two temporary ones.
struct DirectoryMoves {
    let directory: CInt
    let calls: ChangeCalls
    let way: JournalWay
    /// The journal's, for temporary names.
    let id: String
    /// Whether a link that was made anew stays beside the new one, so that undoing has the very same.
    let keepsOldLinks: Bool
    /// Called now and then.
    let breath: (Int) -> Void

    /// An entry that is not as wished.
    struct Problem {
        let entry: Int
        let code: CauseCode
        let why: String
    }

    private(set) var problems: [Problem] = []
    /// Names of the directory that matter here, byte for byte as it lists them.
    private var present: Set<[UInt8]> = []

    /// Whether the file system listed a new name otherwise than it was given, so that more of it would be of no use.
    private(set) var keepsOwnSpelling = false

    init(directory: CInt, calls: ChangeCalls, way: JournalWay, _ header: JournalHeader?, breath: @escaping (Int) -> Void) {
        (self.directory, self.calls, self.way, self.breath) = (directory, calls, way, breath)
        id = header?.id ?? ""
        keepsOldLinks = header?.wish[ConvertOrder.keepOldLinks]?.truth == true
    }

    /// - Parameters:
    ///   - entries: of the journal.
    ///   - first: how many entries stand before them in the journal, which numbers temporary names.
    ///   - isBegun: whether an earlier run may have begun with them; else what has a new name already is somebody else's.
    mutating func run(_ entries: [JournalEntry], first: Int, isBegun: Bool) throws(SystemCallError) {
        let moves = entries.indices.map { index in
            let name = Array("\(JournalHeader.temporaryPrefix)\(id)-\(first + index)".utf8)
            let aside = keepsOldLinks && entries[index].retarget != nil ? JournalHeader.keptLinkEnd : UInt8(ascii: "a")
            return EntryMove(
                directory: directory, calls: calls, entry: entries[index], ways: (name + [aside], name + [UInt8(ascii: "b")]))
        }
        try look(for: moves)
        var live: [Int] = []
        var places: [[UInt8]] = []
        for (index, move) in moves.enumerated() {
            guard let place = try place(of: move, index, isBegun) else { continue }
            live.append(index)
            places.append(place)
        }
        let goals = live.map { goal(of: entries[$0]) }
        let order = RenameOrder(places: places, goals: goals, taken: present.subtracting(places))
        for number in order.blocked { note(live[number], .namesCollide, Self.taken(way)) }
        var done: [Int] = []
        for (count, step) in order.steps.enumerated() {
            switch step {
            case .park(let number):
                if try attempt(moves[live[number]], live[number], from: places[number], to: moves[live[number]].ways.first) {
                    places[number] = moves[live[number]].ways.first
                }
            case .settle(let number):
                if try attempt(moves[live[number]], live[number], from: places[number], to: goals[number]) {
                    places[number] = goals[number]
                    done.append(live[number])
                }
            }
            if count % 64 == 63 { breath(count) }
        }
        for (number, index) in live.enumerated() where entries[index].retarget != nil && places[number] == goals[number] {
            do throws(EntryMove.Failure) {
                try retarget(moves[index], goals[number])
            } catch {
                try note(index, error)
            }
        }
        try check(moves, done)
    }

    private func goal(of entry: JournalEntry) -> [UInt8] { way == .convert ? entry.to : entry.from }
    private func other(of entry: JournalEntry) -> [UInt8] { way == .convert ? entry.from : entry.to }

    private mutating func look(for moves: [EntryMove]) throws(SystemCallError) {
        var interest: Set<[UInt8]> = []
        for move in moves { interest.formUnion([move.entry.from, move.entry.to, move.ways.first, move.ways.second]) }
        present = []
        var found: Set<[UInt8]> = []
        // Opened anew: cifs lists what it listed before as long as the same descriptor asks.
        let fresh = OpenDirectory(try openDirectoryBeneath(directory, [UInt8(ascii: ".")]))
        var listing = try DirectoryListing(fresh.number)
        while try listing.next({ name, _ in
            let name = bytes(of: name)
            if interest.contains(name) { found.insert(name) }
        }) { breath(0) }
        present = found
    }

    /// The name that an entry has now, every other one that an interrupted run gave it taken away.
    private mutating func place(of move: EntryMove, _ index: Int, _ isBegun: Bool) throws(SystemCallError) -> [UInt8]? {
        let entry = move.entry
        var names = isBegun ? [goal(of: entry), other(of: entry), move.ways.first, move.ways.second] : [entry.from]
        if entry.from == entry.to, isBegun { names.removeFirst() }
        var found: [(name: [UInt8], mark: EntryMark)] = []
        for name in names where present.contains(name) {
            if let mark = try move.holds(name) { found.append((name, mark)) }
        }
        // Of a link that was made anew the old one comes back, as long as it is there. A number alone may be given anew.
        let original =
            way == .undo && entry.retarget != nil
            ? found.first { JournalMark($0.mark).isSame(as: entry.mark) && JournalMark.Moment($0.mark.modified) == entry.mark.modified }
            : nil
        guard let kept = original ?? found.first else {
            note(index, .ioError, "it is not there any more, or another file has its name")
            return nil
        }
        for (name, mark) in found where name != kept.name {
            guard entry.retarget != nil || mark.inode == kept.mark.inode else { continue }
            if keepsOldLinks, way == .convert, name == move.ways.first, kept.name == goal(of: entry) { continue }
            do throws(EntryMove.Failure) {
                try move.drop(name, keeping: kept.name)
                present.remove(name)
            } catch {
                try note(index, error)
                return nil
            }
        }
        if isBegun, entry.mark.kind == .directory { clearPlaces(move, except: kept.name) }
        return kept.name
    }

    /// Empty directories that only held a name free.
    private mutating func clearPlaces(_ move: EntryMove, except place: [UInt8]) {
        for name in [move.entry.from, move.entry.to, move.ways.first] where name != place && present.contains(name) {
            guard let mark = try? EntryMark.read(in: directory, name), mark.kind == .directory,
                // A set-group-ID directory hands its bit on.
                mark.permissions & ~UInt32(S_ISGID) == EntryMove.placeMode
            else { continue }
            if (try? calls.remove(directory, name, isDirectory: true)) != nil { present.remove(name) }
        }
    }

    private mutating func attempt(_ move: EntryMove, _ index: Int, from: [UInt8], to: [UInt8]) throws(SystemCallError) -> Bool {
        let present = present
        do throws(EntryMove.Failure) {
            try move.run(from: from, to: to) { present.contains($0) }
            self.present.remove(from)
            self.present.insert(to)
            return true
        } catch {
            try note(index, error)
            return false
        }
    }

    /// Makes a symbolic link anew, with its other target. The new one is whole before it gets the name; the old one has a temporary name until then.
    private func retarget(_ move: EntryMove, _ name: [UInt8]) throws(EntryMove.Failure) {
        guard let retarget = move.entry.retarget else { return }
        let (aside, wished) = (move.ways.first, way == .convert ? retarget.new : retarget.old)
        do throws(SystemCallError) {
            let mark = try EntryMark.read(in: directory, name)
            if try linkTarget(in: directory, name) == wished { return }
            guard try EntryMark.readIfThere(in: directory, aside) == nil else { throw SystemCallError(call: "renameat", errno: EEXIST) }
            try calls.makeLink(directory, move.ways.second, to: wished)
            // Whoever may not give links away leaves them to whoever converts.
            if mark.user != geteuid() || mark.group != getegid() {
                try? calls.setOwner(directory, move.ways.second, user: mark.user, group: mark.group)
            }
            try? calls.setModified(directory, move.ways.second, mark.modified)
            try calls.renameOver(directory, name, to: aside)
            guard try move.holds(aside) != nil else {
                try giveName(aside, name)
                throw SystemCallError(call: "renameat", errno: EEXIST)
            }
            do throws(SystemCallError) {
                try giveName(move.ways.second, name)
            } catch {
                try? giveName(aside, name)
                throw error
            }
        } catch {
            throw error.errno == EEXIST ? .taken : .call(error)
        }
        if !keepsOldLinks || way == .undo { try move.drop(aside, keeping: name) }
    }

    /// Gives what has a temporary name another one that nobody has.
    private func giveName(_ temporary: [UInt8], _ name: [UInt8]) throws(SystemCallError) {
        do throws(SystemCallError) {
            try calls.rename(directory, temporary, to: name)
        } catch {
            guard error.errno == EINVAL else { throw error }
            try calls.link(directory, temporary, as: name)
            try calls.remove(directory, temporary)
        }
    }

    /// Looks whether the directory lists what was given: `stat` would find either spelling.
    private mutating func check(_ moves: [EntryMove], _ done: [Int]) throws(SystemCallError) {
        guard !done.isEmpty else { return }
        try look(for: moves)
        for index in done where !present.contains(goal(of: moves[index].entry)) {
            if (try EntryMark.readIfThere(in: directory, goal(of: moves[index].entry))) != nil {
                keepsOwnSpelling = true
                note(index, .namesUnconvertible, "the file system lists names in a form of its own, whatever they are given")
            } else {
                note(index, .ioError, "it is not there any more")
            }
        }
    }

    private static func taken(_ way: JournalWay) -> String {
        way == .convert ? "another file has that name" : "another file has its old name now"
    }

    private mutating func note(_ index: Int, _ code: CauseCode, _ why: String) {
        problems.append(Problem(entry: index, code: code, why: why))
    }

    /// A file system that answers no more ends all.
    private mutating func note(_ index: Int, _ failure: EntryMove.Failure) throws(SystemCallError) {
        switch failure {
        case .taken: note(index, .namesCollide, Self.taken(way))
        case .changed: note(index, .ioError, "it was replaced by another file meanwhile")
        case .unsafe(let error):
            note(
                index, .namesUnconvertible,
                "this file system can neither rename without replacing (renameat2) nor link (\(error.text)), so that nothing is safe here")
        case .call(let error):
            if error.endsAll { throw error }
            note(index, error.code, "\(error.call): \(error.text) (\(error.name))")
        }
    }
}

extension SystemCallError {
    /// What stands behind it where a name could not be changed.
    var code: CauseCode {
        switch errno {
        case EACCES, EPERM: .permissionDenied
        case EROFS: .readOnlySource
        case ENOSPC: .outOfSpace
        case EDQUOT: .quotaExceeded
        case EEXIST, ENOTEMPTY: .namesCollide
        case ENAMETOOLONG, EILSEQ: .namesUnconvertible
        case EBUSY: .targetBusy
        default: .ioError
        }
    }

    /// Whether the file system answers no more, so that going on is of no use.
    var endsAll: Bool {
        [
            ENOTCONN, ESTALE, ETIMEDOUT, EHOSTDOWN, EHOSTUNREACH, ENETUNREACH, ECONNABORTED, ENOLINK, ESHUTDOWN, EMFILE, ENFILE, ENOMEM,
        ].contains(errno)
    }
}
