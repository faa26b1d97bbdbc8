import Glibc
import LinuxSystem

/// A directory that is open as long as somebody holds it.
final class OpenDirectory {
    private let descriptor: OwnedDescriptor
    var number: CInt { descriptor.rawValue }

    init(_ descriptor: consuming OwnedDescriptor) { self.descriptor = descriptor }
}

/// Where a walk through a tree is: the way from the root to the directory that was visited last, and what is still to do on it.
/// Directories come before what is in them, and beside each other in the order of their names, so that the way alone says what was visited.
struct TreeWalk {
    private struct Level {
        let name: [UInt8]
        var directory: OpenDirectory?
        /// Names of subdirectories, the next one last.
        var pending: [[UInt8]]
        var hasMore: Bool
        var last: [UInt8]?
    }

    private var levels: [Level] = []

    /// Directories of the way that stay open; deeper ways are walked anew.
    static let mostOpen = 64

    /// The way to the directory that was visited last.
    var way: [[UInt8]] { levels.dropFirst().map(\.name) }

    /// The same as a path below the root.
    var path: [UInt8] { Array(way.joined(separator: [UInt8(ascii: "/")])) }

    /// What became of a step.
    enum Step {
        /// This directory is next.
        case visit(OpenDirectory)
        /// It cannot be entered; it is left out.
        case leaveOut(path: [UInt8], SystemCallError)
        case done
    }

    /// Begins at a root that was visited.
    init(root: OpenDirectory, subdirectories: consuming SubdirectoryBatch) {
        push([], root, subdirectories)
    }

    /// Goes on below the directory that `next` gave out, once it was listed.
    mutating func descend(_ directory: OpenDirectory, _ name: [UInt8], _ subdirectories: consuming SubdirectoryBatch) {
        push(name, directory, subdirectories)
    }

    private mutating func push(_ name: [UInt8], _ directory: OpenDirectory, _ batch: consuming SubdirectoryBatch) {
        let (pending, hasMore) = batch.taken()
        levels.append(Level(name: name, directory: directory, pending: pending, hasMore: hasMore, last: pending.first))
        let old = levels.count - 1 - Self.mostOpen
        if old > 0 { levels[old].directory = nil }
    }

    /// The next directory, opened, with its name.
    mutating func next() throws(SystemCallError) -> (name: [UInt8], step: Step) {
        while let top = levels.indices.last {
            if levels[top].pending.isEmpty, levels[top].hasMore { try refill(top) }
            guard let name = levels[top].pending.popLast() else {
                if top == 0 { return ([], .done) }
                levels.removeLast()
                continue
            }
            do throws(SystemCallError) {
                let parent = try open(top)
                return (name, .visit(OpenDirectory(try openDirectoryBeneath(parent.number, name))))
            } catch {
                return (name, .leaveOut(path: path.isEmpty ? name : path + [UInt8(ascii: "/")] + name, error))
            }
        }
        return ([], .done)
    }

    private mutating func refill(_ level: Int) throws(SystemCallError) {
        var batch = SubdirectoryBatch(after: levels[level].last)
        try listSubdirectories(of: try open(level).number, into: &batch)
        (levels[level].pending, levels[level].hasMore) = batch.taken()
        levels[level].last = levels[level].pending.first ?? levels[level].last
    }

    /// The directory of a level, opened anew from the nearest one that is open.
    private mutating func open(_ level: Int) throws(SystemCallError) -> OpenDirectory {
        var at = level
        while levels[at].directory == nil { at -= 1 }
        while at < level, let directory = levels[at].directory {
            levels[at + 1].directory = OpenDirectory(try openDirectoryBeneath(directory.number, levels[at + 1].name))
            if at > 0 { levels[at].directory = nil }
            at += 1
        }
        guard let directory = levels[level].directory else { throw SystemCallError(call: "openat2", errno: ENOENT) }
        return directory
    }

    /// Goes on behind a way that was visited: everything up to its last directory is done.
    /// Where a part of the way is gone, the walk goes on behind its place.
    init(root: OpenDirectory, behind way: [[UInt8]]) throws(SystemCallError) {
        var batch = SubdirectoryBatch(after: way.first)
        try listSubdirectories(of: root.number, into: &batch)
        push([], root, batch)
        var directory = root
        for (depth, name) in way.enumerated() {
            guard let opened = try? openDirectoryBeneath(directory.number, name) else { return }
            directory = OpenDirectory(opened)
            var batch = SubdirectoryBatch(after: depth + 1 < way.count ? way[depth + 1] : nil)
            try listSubdirectories(of: directory.number, into: &batch)
            push(name, directory, batch)
        }
    }
}

/// Adds the directories in a directory to a batch.
func listSubdirectories(of directory: CInt, into batch: inout SubdirectoryBatch) throws(SystemCallError) {
    var listing = try DirectoryListing(directory)
    while try listing.next({ name, kind in
        if isDirectory(name, kind, in: directory) { batch.add(bytes(of: name)) }
    }) {}
}

/// Asks the file system where the listing does not tell.
func isDirectory(_ name: Span<UInt8>, _ kind: DirectoryListing.Kind, in directory: CInt) -> Bool {
    switch kind {
    case .directory: true
    case .other, .link: false
    case .unknown: (try? FileFacts.read(in: directory, bytes(of: name)))?.isDirectory ?? false
    }
}
