import FileNames
import Glibc
import LinuxSystem

/// Gives one entry of a directory another name so that nothing is ever replaced or lost, whatever others do there meanwhile.
///
/// Where the file system can rename without replacing (renameat2), that is used. Where it cannot (NFS, 9p, CephFS: EINVAL), a file gets its new name
/// as a second one, which fails where that is taken, and then loses the old one by way of a name that nobody else uses, where it is
/// looked at once more; a directory is renamed over an empty one that was made for it, which fails where that is no longer empty.
struct EntryMove {
    let directory: CInt
    let calls: ChangeCalls
    let entry: JournalEntry
    /// Two names that nobody else uses.
    let ways: (first: [UInt8], second: [UInt8])

    /// What an empty directory has as its mode that only holds a place: what hardly anybody else would give it. Without the owner's rights
    /// NFS-Ganesha makes it and then says EIO.
    static let placeMode: UInt32 = 0o1700

    /// How a move ended other than by a system call's failure.
    enum Failure: Error {
        /// Somebody has the new name.
        case taken
        /// What had the old name is not this entry any more.
        case changed
        /// Neither way to rename is to be had.
        case unsafe(SystemCallError)
        case call(SystemCallError)
    }

    /// Moves it.
    /// - Parameter isListed: whether a name stands in the directory's listing, byte for byte: of two spellings of one name only one does.
    func run(from: [UInt8], to: [UInt8], isListed: ([UInt8]) -> Bool) throws(Failure) {
        do throws(Failure) {
            try step(from, to)
        } catch .taken {
            // On a file system that takes both spellings for one name, the entry itself is in its own way.
            guard from != ways.first, to != ways.first, !isListed(to), isItself(from, to) else { throw .taken }
            try step(from, ways.first)
            do throws(Failure) {
                try step(ways.first, to)
            } catch {
                try? step(ways.first, from)
                throw error
            }
        }
    }

    private func isItself(_ name: [UInt8], _ other: [UInt8]) -> Bool {
        guard let first = try? EntryMark.read(in: directory, name), let second = try? EntryMark.read(in: directory, other) else {
            return false
        }
        return first.inode == second.inode && first.kind == second.kind
    }

    /// Whether what has this name now is the entry.
    func holds(_ name: [UInt8]) throws(SystemCallError) -> EntryMark? {
        guard let mark = try EntryMark.readIfThere(in: directory, name) else { return nil }
        if let retarget = entry.retarget {
            guard mark.kind == .link else { return nil }
            let target = try linkTarget(in: directory, name)
            return target == retarget.old || target == retarget.new ? mark : nil
        }
        return JournalMark(mark).isSame(as: entry.mark) ? mark : nil
    }

    private func step(_ from: [UInt8], _ to: [UInt8]) throws(Failure) {
        do throws(SystemCallError) {
            try calls.rename(directory, from, to: to)
        } catch {
            if error.errno != EINVAL { throw Self.failure(error) }
            return entry.mark.kind == .directory ? try stepDirectory(from, to) : try stepFile(from, to)
        }
        if !(try isHeld(to)) {
            // Somebody put another file there between looking and renaming: it gets its name back.
            try? calls.rename(directory, to, to: from)
            throw .changed
        }
    }

    private func stepFile(_ from: [UInt8], _ to: [UInt8]) throws(Failure) {
        do throws(SystemCallError) {
            try calls.link(directory, from, as: to)
        } catch {
            if [EPERM, EOPNOTSUPP, EMLINK, ENOSYS, EINVAL].contains(error.errno) { throw .unsafe(error) }
            throw Self.failure(error)
        }
        guard try isHeld(to) else {
            try? drop(to, keeping: from)
            throw .changed
        }
        try drop(from, keeping: to)
    }

    /// Takes a name away from an entry that has another one as well.
    /// - Parameter kept: that other one.
    func drop(_ name: [UInt8], keeping kept: [UInt8]) throws(Failure) {
        let last = kept == ways.second ? ways.first : ways.second
        do throws(SystemCallError) {
            if try EntryMark.readIfThere(in: directory, name) == nil { return }
            if name != last {
                if try EntryMark.readIfThere(in: directory, last) != nil { try removeHeld(last) }
                try calls.renameOver(directory, name, to: last)
            }
            if try holds(last) != nil { return try calls.remove(directory, last) }
            // Somebody else's: it gets its name back, as long as that is free.
            try calls.link(directory, last, as: name)
            try calls.remove(directory, last)
        } catch {
            throw .call(error)
        }
        throw .changed
    }

    private func removeHeld(_ name: [UInt8]) throws(SystemCallError) {
        guard try holds(name) != nil else { throw SystemCallError(call: "unlinkat", errno: EEXIST, path: name) }
        try calls.remove(directory, name)
    }

    private func stepDirectory(_ from: [UInt8], _ to: [UInt8]) throws(Failure) {
        do throws(SystemCallError) {
            try calls.makeDirectory(directory, to, mode: Self.placeMode)
        } catch {
            throw Self.failure(error)
        }
        guard try isHeld(from) else {
            try? calls.remove(directory, to, isDirectory: true)
            throw .changed
        }
        do throws(SystemCallError) {
            try calls.renameOver(directory, from, to: to)
        } catch {
            try? calls.remove(directory, to, isDirectory: true)
            throw error.errno == ENOTEMPTY ? .taken : .call(error)
        }
    }

    private func isHeld(_ name: [UInt8]) throws(Failure) -> Bool {
        do throws(SystemCallError) {
            return try holds(name) != nil
        } catch {
            throw .call(error)
        }
    }

    private static func failure(_ error: SystemCallError) -> Failure {
        switch error.errno {
        case EEXIST, ENOTEMPTY: .taken
        case ENOENT: .changed
        default: .call(error)
        }
    }
}

extension JournalMark {
    /// As the file system tells it.
    init(_ mark: EntryMark) {
        let kind: Kind =
            switch mark.kind {
            case .file: .file
            case .directory: .directory
            case .link: .link
            case .other: .other
            }
        self.init(
            kind: kind, inode: mark.inode, size: mark.size, modified: Moment(mark.modified), born: mark.born.map { Moment($0) })
    }
}

extension JournalMark.Moment {
    init(_ moment: EntryMark.Moment) { self.init(seconds: moment.seconds, nanoseconds: moment.nanoseconds) }

    var systems: EntryMark.Moment { EntryMark.Moment(seconds: seconds, nanoseconds: nanoseconds) }
}
