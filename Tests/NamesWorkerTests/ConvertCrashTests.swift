import Glibc
import LinuxSystem
import ShareModel
import Testing

@testable import NamesWorker

@Suite("conversions of names and what a crash leaves")
struct ConvertCrashTests {
    /// What was called, in its order.
    private final class Log { var names: [String] = [] }

    private static func logged() -> (ChangeCalls, Log) {
        let (calls, log) = (ChangeCalls(), Log())
        calls.before = { name throws(SystemCallError) in log.names.append(name) }
        return (calls, log)
    }

    @Test("the journal says that something is done, or undone, only once that is on the disk, and one wait does for many directories")
    func journalFollowsDisk() throws {
        let it = try Conversion()
        for number in 0..<40 {
            try it.directory(Array("plain\(number)".utf8))
            try it.file(Array("plain\(number)/".utf8) + Conversion.gbk("文件"))
        }
        let (calls, log) = Self.logged()
        _ = try it.convert(calls: calls)
        let last = try #require(log.names.lastIndex { $0 == "renameat2" })
        let end = Array(log.names[last...].drop { $0 != "syncfs" })
        #expect(end == ["syncfs"] + [String](repeating: "write", count: 40))
        #expect(log.names.count { $0 == "syncfs" } == 1)
        log.names = []
        _ = try it.undo(calls: calls)
        #expect(log.names.suffix(3) == ["syncfs", "write", "fsync"])
        #expect(log.names.count { $0 == "syncfs" } == 1)
    }

    @Test("what is done below a directory is on the disk, and in the journal, before that one's names change")
    func innerFirst() throws {
        let it = try Conversion.rich()
        let (calls, log) = Self.logged()
        _ = try it.convert(calls: calls)
        // plain, the two directories in each other, the root.
        #expect(log.names.count { $0 == "syncfs" } == 3)
    }

    @Test("what the journal calls done and the disk has lost is done again; what others did since is left alone")
    func lost() throws {
        let it = try Conversion.rich()
        let before = try it.snapshot()
        _ = try it.convert()
        let after = try it.snapshot()
        let root = OpenDirectory(try openDirectory(Array(it.tree.path.utf8)))
        try renameWithoutReplacing(in: root.number, Array("文件.txt".utf8), to: Conversion.gbk("文件.txt"))
        #expect(try it.convert()["done"]?.number == 13)
        #expect(Set(try it.snapshot().keys) == Set(after.keys))
        try remove(in: root.number, Array("é.txt".utf8))
        let again = try it.convert()
        #expect(again["done"]?.number == 13 && again["problems"]?["count"]?.number == 0)
        #expect(try it.undo()["problems"]?["count"]?.number == 1)
        #expect(Set(try it.snapshot().keys) == Set(before.keys).subtracting([Array("/e\u{301}.txt".utf8)]))
    }

    @Test("old links that are kept are nobody's business later on, and what somebody puts in the place of one is not lost")
    func keptLinks() throws {
        let it = try Conversion()
        try it.file(Conversion.gbk("文件"))
        try it.link(Array("link".utf8), to: Conversion.gbk("文件"))
        let before = try it.snapshot(linksToo: true)
        let wish: [Value.Member] = [.init("keepOldLinks", .bool(true))]
        _ = try it.convert(wish)
        let (kept, _) = try #require(try it.snapshot().first { $0.key.starts(with: Array("/.shareagent-names-".utf8)) })
        #expect(kept.last == UInt8(ascii: "o"))
        #expect(try it.plan()["problems"]?["count"]?.number == 0)
        #expect(try it.convert(wish)["problems"]?["count"]?.number == 0)
        #expect(try it.undo()["problems"]?["count"]?.number == 0)
        #expect(try it.snapshot(linksToo: true) == before)

        _ = try it.convert(wish)
        let again = try #require(try it.snapshot().keys.first { $0.starts(with: Array("/.shareagent-names-".utf8)) }).dropFirst()
        let root = OpenDirectory(try openDirectory(Array(it.tree.path.utf8)))
        try remove(in: root.number, Array(again))
        try it.tree.file(Array(again))
        let undone = try it.undo()
        #expect(undone["problems"]?["count"]?.number == 1 && undone["problems"]?["byCode"]?["names-collide"]?.number == 1)
        let now = try it.snapshot()
        #expect(now.keys.contains(Array("/".utf8) + again) && now.keys.contains(Array("/link".utf8)))
        #expect(now.keys.contains(Array("/".utf8) + Conversion.gbk("文件")))
    }

    @Test(
        "killed in a set-group-ID directory on a file system without RENAME_NOREPLACE, it leaves no place behind", arguments: [true, false])
    func setGroupID(isUndone: Bool) throws {
        let it = try Conversion()
        try #require(chmod(it.tree.path, 0o2755) == 0)
        try it.directory(Conversion.gbk("文件夹"))
        let before = try it.snapshot()
        let (calls, log) = Self.logged()
        calls.canKeepOthers = false
        calls.before = { name throws(SystemCallError) in
            if log.names.last == "mkdirat" { throw SystemCallError(call: name, errno: ESHUTDOWN) }
            log.names.append(name)
        }
        #expect(throws: Cause.self) { try it.convert(calls: calls) }
        #expect(try it.snapshot().count == before.count + 1)
        let again = ChangeCalls()
        again.canKeepOthers = false
        if !isUndone { #expect(try it.convert(calls: again)["done"]?.number == 1) }
        #expect(try it.undo(calls: again)["problems"]?["count"]?.number == 0)
        let now = try it.snapshot()
        #expect(now == before, "\(Conversion.difference(now, before))")
    }
}
