import FileNames
import Glibc
import LinuxSystem
import ShareModel
import ShareWire
import Testing

@testable import NamesWorker

/// A tree to convert, and a journal beside it.
final class Conversion {
    let tree: Tree
    let journal: String

    init() throws {
        tree = try Tree()
        journal = tree.path + ".journal"
    }

    deinit { unlink(journal) }

    func order(_ members: [Value.Member] = [], applies: Bool = true, hasJournal: Bool = true) throws -> ConvertOrder {
        var all: [Value.Member] = [
            .init("path", .string(tree.path)), .init("from", "gb18030"), .init("to", "nfc"), .init("apply", .bool(applies)),
            .init("collisions", "leave"),
        ]
        if hasJournal { all.append(.init("journal", .string(journal))) }
        for member in members {
            all.removeAll { $0.key == member.key }
            all.append(member)
        }
        return try ConvertOrder(.object(all))
    }

    func convert(_ members: [Value.Member] = [], calls: ChangeCalls = ChangeCalls()) throws -> Value {
        try ConvertTask(order: try order(members), tell: { _ in }, calls: calls).run()
    }

    func plan(_ members: [Value.Member] = []) throws -> Value {
        try ConvertTask(order: try order(members, applies: false, hasJournal: false), tell: { _ in }).run()
    }

    func undo(calls: ChangeCalls = ChangeCalls()) throws -> Value {
        try UndoTask(order: try UndoOrder(.object(["journal": .string(journal)])), tell: { _ in }, calls: calls).run()
    }

    /// Names by their bytes, with the number of each file; of a symbolic link, which may be made anew, where it leads to.
    /// - Parameter linksToo: links' numbers as well.
    func snapshot(linksToo: Bool = false) throws -> [[UInt8]: String] {
        var found: [[UInt8]: String] = [:]
        func walk(_ directory: OpenDirectory, _ path: [UInt8]) throws {
            var listing = try DirectoryListing(directory.number)
            var names: [[UInt8]] = []
            while try listing.next({ name, _ in names.append(bytes(of: name)) }) {}
            for name in names {
                let mark = try EntryMark.read(in: directory.number, name)
                let whole = path + [0x2F] + name
                switch mark.kind {
                case .link:
                    let number = linksToo ? mark.inode : 0
                    found[whole] = "link \(number) \(try linkTarget(in: directory.number, name)) \(mark.modified)"
                case .directory:
                    found[whole] = "\(mark.inode) \(mark.modified)"
                    try walk(OpenDirectory(try openDirectoryBeneath(directory.number, name)), whole)
                default: found[whole] = "\(mark.inode) \(mark.links)"
                }
            }
        }
        let root = OpenDirectory(try openDirectory(Array(tree.path.utf8)))
        found[[]] = "\(try EntryMark.read(in: root.number).modified)"
        try walk(root, [])
        return found
    }

    /// What differs, for people.
    static func difference(_ one: [[UInt8]: String], _ other: [[UInt8]: String]) -> String {
        Set(one.keys).union(other.keys).filter { one[$0] != other[$0] }.map {
            "\(FileName.display($0)): \(one[$0] ?? "-") \(other[$0] ?? "-")"
        }
        .sorted().joined(separator: "; ")
    }

    /// How far the journal is; nil where there is none that can be undone.
    func progress() -> JournalProgress? { (try? JournalFile(journal, mayBeNew: false, ChangeCalls()))?.progress }

    /// Makes an entry, if its name is free.
    func attempt(_ kind: UInt64, _ path: [UInt8], _ target: [UInt8]) -> Bool {
        let whole = (Array("\(tree.path)/".utf8) + path + [0]).map { CChar(bitPattern: $0) }
        switch kind {
        case 0: return mkdir(whole, 0o755) == 0
        case 1: return symlink((target + [0]).map { CChar(bitPattern: $0) }, whole) == 0
        default: return close(open(whole, O_CREAT | O_EXCL | O_WRONLY, 0o644)) == 0
        }
    }

    func directory(_ path: [UInt8]) throws { try #require(attempt(0, path, [])) }

    func file(_ path: [UInt8]) throws { try tree.file(path) }

    func link(_ path: [UInt8], to target: [UInt8]) throws { try #require(attempt(1, path, target)) }

    func hardLink(_ path: [UInt8], to other: [UInt8]) throws {
        let root = OpenDirectory(try openDirectory(Array(tree.path.utf8)))
        try linkOnceMore(in: root.number, other, as: path)
    }

    static func gbk(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        let encoder = CharsetEncoder(.gb18030)
        for scalar in text.unicodeScalars { _ = encoder.append(scalar.value, to: &bytes) }
        return bytes
    }

    /// Every kind of entry there is, directories in directories, links up, down and aside, and names that stay.
    static func rich() throws -> Conversion {
        let it = try Conversion()
        let (outer, inner) = (gbk("文件夹"), gbk("子文件夹"))
        try it.directory(outer)
        try it.directory(outer + [0x2F] + inner)
        try it.directory(outer + [0x2F] + gbk("空"))
        try it.directory(Array("plain".utf8))
        for name in [gbk("文件.txt"), Array("e\u{301}.txt".utf8), Array("plain.txt".utf8)] {
            for place in [[], outer + [0x2F], outer + [0x2F] + inner + [0x2F]] { try it.file(place + name) }
        }
        try it.link(Array("down".utf8), to: outer + [0x2F] + inner + [0x2F] + gbk("文件.txt"))
        try it.link(Array("plain/aside".utf8), to: Array("../".utf8) + outer)
        try it.link(outer + [0x2F] + gbk("上"), to: Array("../".utf8) + gbk("文件.txt"))
        try it.link(Array("dangling".utf8), to: gbk("没有"))
        try it.link(Array("absolute".utf8), to: Array("\(it.tree.path)/".utf8) + outer)
        try it.hardLink(gbk("另一个"), to: gbk("文件.txt"))
        try it.file(Array("caf".utf8) + [0xE9])
        return it
    }
}
