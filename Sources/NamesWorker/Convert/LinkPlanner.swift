import FileNames
import Glibc
import LinuxSystem
import ShareModel

/// Finds out what a symbolic link has to say once the names on its way are others. Changes nothing.
struct LinkPlanner {
    let root: CInt
    /// The root's own path, absolute.
    let rootPath: [UInt8]
    private var planner: DirectoryPlanner
    /// New names of directories that were on a link's way, by the directory's number.
    private var known: [UInt64: [[UInt8]: [UInt8]]] = [:]

    private static let mostKnown = 64
    private static let longestTarget = 4095

    /// What becomes of a link.
    enum Answer {
        case keep
        case retarget(JournalEntry.Retarget)
        case refuse(String)
    }

    init(root: CInt, path: [UInt8], _ planner: DirectoryPlanner) {
        (self.root, rootPath, self.planner) = (root, path, planner)
    }

    /// - Parameters:
    ///   - directory: the link's, below the root.
    ///   - mark: the link's.
    mutating func plan(
        _ name: [UInt8], _ mark: EntryMark, in directory: CInt, _ path: [UInt8], breath: (Int) -> Void
    ) throws(SystemCallError) -> Answer {
        let target = try linkTarget(in: directory, name)
        let slash = UInt8(ascii: "/")
        var (way, rest) = (path, target)
        if target.first == slash {
            // An absolute one is looked at, so that it can be told.
            let prefix = rootPath == [slash] ? rootPath : rootPath + [slash]
            guard target.starts(with: prefix) else { return .keep }
            (way, rest) = ([], Array(target.dropFirst(prefix.count)))
        }
        var components = rest.split(separator: slash, omittingEmptySubsequences: false).map(Array.init)
        var isChanged = false
        for (place, component) in components.enumerated() {
            if FileName(component) != nil, let new = try newName(of: component, below: way, breath) {
                components[place] = new
                isChanged = true
            }
            if !component.isEmpty { way += (way.isEmpty ? [] : [slash]) + component }
        }
        guard isChanged else { return .keep }
        if target.first == slash { return .refuse("its target is absolute and has names that change; it is left as it is") }
        let new = Array(components.joined(separator: [slash]))
        if new.count > Self.longestTarget { return .refuse("its target would be \(new.count) bytes long") }
        if mark.links > 1 { return .refuse("it has \(mark.links) names (hard links), so that its target cannot change") }
        if mark.user != geteuid(), geteuid() != 0 { return .refuse("its target has names that change, and the link is somebody else's") }
        return .retarget(JournalEntry.Retarget(old: target, new: new))
    }

    /// What a name on a link's way becomes; nil where it stays, is not there, or is outside.
    private mutating func newName(of name: [UInt8], below way: [UInt8], _ breath: (Int) -> Void) throws(SystemCallError) -> [UInt8]? {
        guard name.contains(where: { $0 >= 0x80 }), let directory = try? openDirectoryFollowing(root, path: way) else { return nil }
        let number = try EntryMark.read(in: directory.rawValue).inode
        if let names = known[number] { return names[name] }
        let plan = try planner.plan(directory.rawValue, breath: breath)
        let isWritable = (try? mayChangeNames(in: directory.rawValue)) != nil
        let names =
            isWritable ? Dictionary(plan.renames.map { ($0.rename.from, $0.rename.to) }, uniquingKeysWith: { first, _ in first }) : [:]
        if known.count >= Self.mostKnown { known = [:] }
        known[number] = names
        return names[name]
    }
}
