import FileNames
import Glibc
import LinuxSystem
import ShareModel

/// What becomes of the names of one directory.
struct DirectoryPlan {
    /// What was seen.
    var names = 0
    /// What can be done.
    var renames: [(rename: DirectoryRenames.Rename, mark: EntryMark)] = []
    /// What cannot.
    var problems: [(name: [UInt8], code: CauseCode, why: String)] = []
    /// Symbolic links with targets that are not ASCII.
    var links: [[UInt8]] = []
    /// What its names were guessed to be.
    var guess: CharsetGuess?
}

/// Finds out what becomes of a directory's names. Changes nothing.
struct DirectoryPlanner {
    /// What names that are not UTF-8 are.
    enum Source {
        case charset(Charset)
        /// What each directory's names are most like.
        case guess(GuessModel)
    }

    let source: Source
    let collisions: ConvertOrder.Collisions
    private var conversion: NameConversion
    private var tally: CharsetTally?

    init(_ source: Source, _ rule: NameConversion.Rule, _ collisions: ConvertOrder.Collisions) {
        (self.source, self.collisions) = (source, collisions)
        conversion = NameConversion(rule)
        if case .guess(let model) = source { tally = CharsetTally(model) }
    }

    /// Plans a directory.
    /// - Parameters:
    ///   - directory: opened for reading.
    ///   - breath: called now and then with the names so far.
    ///   - subdirectory: called with each.
    mutating func plan(
        _ directory: CInt, breath: (Int) -> Void, subdirectory: ([UInt8]) -> Void = { _ in }
    ) throws(SystemCallError) -> DirectoryPlan {
        var plan = DirectoryPlan()
        let charset = try charset(of: directory, &plan, breath)
        var wishes: [DirectoryRenames.Rename] = []
        var listing = try DirectoryListing(directory)
        while try listing.next({ name, kind in
            plan.names += 1
            let isDirectory = isDirectory(name, kind, in: directory)
            if isDirectory { subdirectory(bytes(of: name)) }
            if !isDirectory, kind == .link || kind == .unknown { Self.note(linkNamed: name, in: directory, &plan) }
            switch conversion.convert(name, from: charset) {
            case .keep: if Self.isTemporary(name) { Self.note(leftOver: name, &plan) }
            case .rename(let to, let reason): wishes.append(.init(from: bytes(of: name), to: to, reason: reason))
            case .refuse(let refusal): plan.problems.append((bytes(of: name), .namesUnconvertible, refusal.sentence))
            }
        }) { breath(plan.names) }
        guard !wishes.isEmpty else { return plan }
        let taken = try taken(in: directory, by: Set(wishes.map(\.to)), breath)
        let renames = DirectoryRenames(wishes, taken: taken, suffixes: collisions == .suffix, longest: conversion.rule.longest)
        for collision in renames.collisions { Self.note(collision.from, takenBy: collision.with, collision.to, &plan) }
        try accept(renames.renames, taken, in: directory, &plan, breath)
        return plan
    }

    private mutating func charset(
        of directory: CInt, _ plan: inout DirectoryPlan, _ breath: (Int) -> Void
    ) throws(SystemCallError) -> Charset? {
        if case .charset(let charset) = source { return charset }
        tally?.clear()
        var listing = try DirectoryListing(directory)
        while try listing.next({ name, _ in if !isUTF8(name) { tally?.add(name) } }) { breath(0) }
        plan.guess = tally?.guess()
        return plan.guess.flatMap { $0.isSure ? $0.charset : nil }
    }

    /// Which of these names the directory lists.
    private func taken(in directory: CInt, by wished: Set<[UInt8]>, _ breath: (Int) -> Void) throws(SystemCallError) -> Set<[UInt8]> {
        var taken: Set<[UInt8]> = []
        var listing = try DirectoryListing(directory)
        while try listing.next({ name, _ in
            let name = bytes(of: name)
            if wished.contains(name) { taken.insert(name) }
        }) { breath(0) }
        return taken
    }

    /// Notes the marks of those that can be renamed.
    private func accept(
        _ renames: [DirectoryRenames.Rename], _ taken: Set<[UInt8]>, in directory: CInt, _ plan: inout DirectoryPlan,
        _ breath: (Int) -> Void
    ) throws(SystemCallError) {
        plan.renames.reserveCapacity(renames.count)
        for (count, rename) in renames.enumerated() {
            if count % 256 == 255 { breath(plan.names) }
            do throws(SystemCallError) {
                guard let mark = try EntryMark.readIfThere(in: directory, rename.from) else { continue }
                if mark.isMountRoot {
                    plan.problems.append((rename.from, .targetBusy, "something is mounted on it"))
                    continue
                }
                // Which of two names of one file is which could not be told after a kill.
                if mark.links > 1, mark.kind != .directory, taken.contains(rename.to) {
                    plan.problems.append(
                        (
                            rename.from, .namesCollide,
                            "it has several names (hard links), and '\(FileName.display(rename.to))' is not free yet"
                        ))
                    continue
                }
                // Not listed and yet there: the file system takes it for another spelling of a name.
                if !taken.contains(rename.to), let other = try EntryMark.readIfThere(in: directory, rename.to), other.inode != mark.inode {
                    Self.note(rename.from, takenBy: rename.to, rename.to, &plan)
                    continue
                }
                plan.renames.append((rename, mark))
            } catch {
                if error.endsAll { throw error }
                plan.problems.append((rename.from, error.code, "\(error.call): \(error.text) (\(error.name))"))
            }
        }
    }

    private static func note(_ name: [UInt8], takenBy other: [UInt8], _ wished: [UInt8], _ plan: inout DirectoryPlan) {
        let why =
            other == wished
            ? "'\(FileName.display(wished))' is there already"
            : "'\(FileName.display(other))' would become '\(FileName.display(wished))', too"
        plan.problems.append((name, .namesCollide, why))
    }

    private static func isTemporary(_ name: Span<UInt8>) -> Bool {
        let prefix = JournalHeader.temporaryPrefix.utf8
        guard name.count > prefix.count, name[name.count - 1] != JournalHeader.keptLinkEnd else { return false }
        for (index, byte) in prefix.enumerated() where name[index] != byte { return false }
        return true
    }

    private static func note(leftOver name: Span<UInt8>, _ plan: inout DirectoryPlan) {
        plan.problems.append(
            (bytes(of: name), .targetBusy, "a conversion was interrupted here: finish it with its journal, or undo it"))
    }

    private static func note(linkNamed name: Span<UInt8>, in directory: CInt, _ plan: inout DirectoryPlan) {
        let name = bytes(of: name)
        guard let target = try? linkTarget(in: directory, name), target.contains(where: { $0 >= 0x80 }) else { return }
        plan.links.append(name)
    }
}
