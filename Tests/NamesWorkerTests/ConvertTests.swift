import FileNames
import Glibc
import LinuxSystem
import ShareModel
import ShareWire
import Testing

@testable import NamesWorker

@Suite("converting a tree's names, and putting them back")
struct ConvertTests {
    @Test("a plan changes nothing; what is applied is what was planned; undoing brings each file back, by bytes, number and time")
    func wholeWay() throws {
        let it = try Conversion.rich()
        let before = try it.snapshot()
        let plan = try it.plan()
        #expect(try it.snapshot() == before)
        #expect(plan["applied"]?.truth == false && plan["journal"]?.text == nil)
        let done = try it.convert()
        #expect(done["renames"]?.number == plan["renames"]?.number)
        #expect(done["listed"] == plan["listed"])
        #expect(done["done"]?.number == 13)
        #expect(done["links"]?.number == 3)
        let after = try it.snapshot()
        #expect(after.count == before.count)
        let other = after.keys.filter { !isUTF8($0.span) }
        #expect(other == [Array("/caf".utf8) + [0xE9]])
        #expect(after[Array("/down".utf8)]?.contains("\(Array("文件夹/子文件夹/文件.txt".utf8))") == true)
        #expect(after[Array("/dangling".utf8)] == before[Array("/dangling".utf8)])
        #expect(after[Array("/absolute".utf8)] == before[Array("/absolute".utf8)])
        // é is not GB 18030; an absolute link says where it did.
        #expect(done["problems"]?["count"]?.number == 2)
        let undone = try it.undo()
        #expect(undone["done"]?.number == 13 && undone["problems"]?["count"]?.number == 0)
        #expect(try it.snapshot() == before)
        // And once more in both directions.
        #expect(try it.convert()["done"]?.number == 13)
        #expect(try it.snapshot() == after)
        _ = try it.undo()
        #expect(try it.snapshot() == before)
    }

    /// Ends everything before the n-th change, as a kill does: nothing that comes later happens, clearing up included.
    private static func killed(before number: Int, canKeepOthers: Bool) -> (calls: ChangeCalls, count: () -> Int) {
        let calls = ChangeCalls()
        calls.canKeepOthers = canKeepOthers
        final class Count { var value = 0 }
        let count = Count()
        calls.before = { name throws(SystemCallError) in
            count.value += 1
            if count.value >= number { throw SystemCallError(call: name, errno: ESHUTDOWN) }
        }
        return (calls, { count.value })
    }

    @Test(
        "killed before any change, undoing brings everything back, and going on finishes; whether or not the file system can keep others",
        arguments: [true, false], [true, false])
    func killedAnywhere(canKeepOthers: Bool, keepsOldLinks: Bool) throws {
        var wanted: [[UInt8]: String]?
        let wish: [Value.Member] = keepsOldLinks ? [.init("keepOldLinks", .bool(true))] : []
        var number = 1
        while true {
            let it = try Conversion.rich()
            let before = try it.snapshot(linksToo: keepsOldLinks)
            let (calls, count) = Self.killed(before: number, canKeepOthers: canKeepOthers)
            let ended = (try? it.convert(wish, calls: calls)) != nil
            if ended, count() < number { break }
            // Put back, at once or after another kill.
            let again = ChangeCalls()
            again.canKeepOthers = canKeepOthers
            if it.progress() != nil {
                if number % 3 == 0 { _ = try? it.undo(calls: Self.killed(before: number % 11 + 1, canKeepOthers: canKeepOthers).calls) }
                let undone = try it.undo(calls: again)
                #expect(undone["problems"]?["count"]?.number == 0, "before change \(number): \(undone["problems"] ?? .null)")
            }
            let now = try it.snapshot(linksToo: keepsOldLinks)
            #expect(now == before, "before change \(number): \(Conversion.difference(now, before))")
            // Gone on with, by the same journal.
            let other = try Conversion.rich()
            _ = try? other.convert(wish, calls: Self.killed(before: number, canKeepOthers: canKeepOthers).calls)
            if number % 2 == 0 {
                _ = try? other.convert(wish, calls: Self.killed(before: number % 7 + 1, canKeepOthers: canKeepOthers).calls)
            }
            let done = try other.convert(wish, calls: again)
            #expect(done["done"]?.number == 13, "before change \(number): \(done["problems"] ?? .null)")
            let names = Dictionary(uniqueKeysWithValues: try other.snapshot().keys.map { (Self.withoutID($0), "") })
            #expect(names.keys.count { Self.isTemporary($0) } == (keepsOldLinks ? 3 : 0), "before change \(number)")
            if let wanted { #expect(names == wanted, "before change \(number)") }
            wanted = names
            number += 1
        }
        print("converting: ended before each of \(number - 1) changes, RENAME_NOREPLACE \(canKeepOthers)")
        #expect(number > (canKeepOthers ? 25 : 40))
    }

    private static func isTemporary(_ path: [UInt8]) -> Bool { name(of: path).starts(with: prefix) }

    /// A journal's id, which is another each time, taken out of a temporary name.
    private static func withoutID(_ path: [UInt8]) -> [UInt8] {
        isTemporary(path) ? path.dropLast(name(of: path).count) + prefix + name(of: path).dropFirst(prefix.count + 8) : path
    }

    private static let prefix = Array(JournalHeader.temporaryPrefix.utf8)
    private static func name(of path: [UInt8]) -> ArraySlice<UInt8> { path[(path.lastIndex(of: 0x2F).map { $0 + 1 } ?? 0)...] }

    @Test("killed while it is undone, at any change, undoing again brings everything back", arguments: [true, false], [true, false])
    func undoKilledAnywhere(canKeepOthers: Bool, keepsOldLinks: Bool) throws {
        let wish: [Value.Member] = keepsOldLinks ? [.init("keepOldLinks", .bool(true))] : []
        var number = 1
        while true {
            let it = try Conversion.rich()
            let before = try it.snapshot(linksToo: keepsOldLinks)
            let calls = ChangeCalls()
            calls.canKeepOthers = canKeepOthers
            _ = try it.convert(wish, calls: calls)
            let (killed, count) = Self.killed(before: number, canKeepOthers: canKeepOthers)
            let ended = (try? it.undo(calls: killed)) != nil
            if ended, count() < number { break }
            // It cannot be gone on with half-way back.
            if it.progress()?.isUndoing == true { #expect(throws: Cause.self) { try it.convert(wish) } }
            #expect(try it.undo(calls: calls)["problems"]?["count"]?.number == 0)
            let now = try it.snapshot(linksToo: keepsOldLinks)
            #expect(now == before, "before change \(number): \(Conversion.difference(now, before))")
            number += 1
        }
        print("undoing: ended before each of \(number - 1) changes, RENAME_NOREPLACE \(canKeepOthers)")
        #expect(number > 15)
    }

    @Test("any tree that is converted and undone is what it was")
    func anyTree() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        let words =
            ["目录", "e\u{301}", "é", "plain", "文", "文件", "A\u{30A}", "Å", "a"].map(Conversion.gbk)
            + ["e\u{301}", "é", "文"].map { Array($0.utf8) } + [[0xFF]]
        for round in 0..<12 {
            let it = try Conversion()
            var directories: [[UInt8]] = [[]]
            for _ in 0..<40 {
                let name =
                    words[Int(random.next() % UInt64(words.count))] + (random.next() % 2 == 0 ? [] : [UInt8(0x61 + random.next() % 4)])
                let parent = directories[Int(random.next() % UInt64(directories.count))]
                let path = parent.isEmpty ? name : parent + [0x2F] + name
                let target = directories[Int(random.next() % UInt64(directories.count))]
                let up = Array(repeating: Array("../".utf8), count: path.filter { $0 == 0x2F }.count).flatMap { $0 }
                let kind = random.next() % 4
                if it.attempt(kind, path, up + (target.isEmpty ? [0x2E] : target)), kind == 0 { directories.append(path) }
            }
            let before = try it.snapshot()
            let collisions: Value = round % 2 == 0 ? "leave" : "suffix"
            let done = try it.convert([.init("collisions", collisions)])
            #expect(try it.snapshot().count == before.count, "seed \(seed)")
            if done["journal"]?.text != nil {
                #expect(try it.undo()["problems"]?["count"]?.number == 0, "seed \(seed)")
            }
            #expect(try it.snapshot() == before, "seed \(seed), round \(round)")
        }
    }

    @Test("names that would be alike are told, and nothing is renamed unless they are left or get suffixes")
    func collisions() throws {
        let it = try Conversion()
        for name in ["é", "e\u{301}", "ü", "u\u{308}x"] { try it.file(Array(name.utf8)) }
        let before = try it.snapshot()
        do {
            _ = try it.convert([.init("collisions", "report")])
            Issue.record("applied")
        } catch let cause as Cause {
            #expect(cause.code == .namesCollide)
        }
        #expect(try it.snapshot() == before)
        #expect(access(it.journal, F_OK) != 0)
        #expect(try it.convert([.init("collisions", "suffix")])["done"]?.number == 2)
        #expect(try it.snapshot().keys.contains { $0.starts(with: Array("/é~".utf8)) })
        _ = try it.undo()
        #expect(try it.snapshot() == before)
    }

    @Test("what others do between plan and renaming is never replaced, and told")
    func changedMeanwhile() throws {
        let it = try Conversion()
        for name in ["中", "二", "三", "四"] { try it.file(Conversion.gbk(name)) }
        // A plan in a file, which is applied later.
        _ = try ConvertTask(order: try it.order(applies: false), tell: { _ in }).run()
        #expect(access(it.journal, F_OK) == 0)
        try it.file(Array("中".utf8))
        let root = OpenDirectory(try openDirectory(Array(it.tree.path.utf8)))
        try remove(in: root.number, Conversion.gbk("二"))
        try remove(in: root.number, Conversion.gbk("三"))
        try it.file(Array("other".utf8))
        try it.file(Conversion.gbk("三"))
        let before = try it.snapshot()
        #expect(throws: Cause.self) { _ = try ConvertTask(order: try it.order(applies: false), tell: { _ in }).run() }
        #expect(throws: Cause.self) { _ = try it.convert([.init("to", "nfd")]) }
        let done = try it.convert()
        #expect(done["problems"]?["byCode"]?["names-collide"]?.number == 1)
        #expect((done["problems"]?["byCode"]?["io-error"]?.number ?? 0) >= 1)
        #expect(try it.snapshot()[Array("/四".utf8)] != nil)
        #expect(try it.snapshot()[Array("/中".utf8)] == before[Array("/中".utf8)])
        #expect(try it.snapshot()[[0x2F] + Conversion.gbk("中")] == before[[0x2F] + Conversion.gbk("中")])
        // Undone, the one that was renamed is back; somebody who has its old name keeps it.
        try it.file(Conversion.gbk("四"))
        let undone = try it.undo()
        #expect(undone["problems"]?["byCode"]?["names-collide"]?.number == 1)
        #expect(try it.snapshot()[Array("/四".utf8)] != nil)
        try remove(in: root.number, Conversion.gbk("四"))
        _ = try it.undo()
        #expect(try it.snapshot()[[0x2F] + Conversion.gbk("四")] != nil)
    }

    @Test("a guess is shown with its confidence and applied only where that is accepted")
    func guessed() throws {
        let it = try Conversion()
        for name in ScanTests.chinese { try it.file(name) }
        let plan = try it.plan([.init("from", "auto")])
        #expect(plan["renames"]?.number == Int64(ScanTests.chinese.count))
        #expect(plan["listed"]?.elements?.first?["charset"]?.text == "gb18030")
        #expect(throws: Cause.self) { _ = try it.convert([.init("from", "auto")]) }
        #expect(try it.convert([.init("from", "auto"), .init("acceptGuess", true)])["done"]?.number == Int64(ScanTests.chinese.count))
        let other = try Conversion()
        try other.file([0xC4, 0xE3])
        #expect(try other.plan([.init("from", "auto")])["problems"]?["count"]?.number == 1)
    }

    @Test("a journal that is none, is damaged, is another's or lies in the tree is refused before anything is renamed")
    func journals() throws {
        let it = try Conversion.rich()
        let before = try it.snapshot()
        func refused(_ code: CauseCode, _ members: [Value.Member] = []) throws {
            do {
                _ = try it.convert(members)
                Issue.record("\(code) was applied")
            } catch let cause as Cause {
                #expect(cause.code == code, "\(cause)")
            }
            #expect(try it.snapshot() == before)
        }
        try refused(.optionRefused, [.init("journal", .string(it.tree.path + "/plain/journal"))])
        try refused(.optionRefused, [.init("journal", .null)])
        try writeFileAtomically(Array(it.journal.utf8), Array("my letters\n".utf8), mode: 0o600)
        try refused(.ioError)
        #expect(throws: Cause.self) { _ = try it.undo() }
        unlink(it.journal)
        _ = try it.convert()
        _ = try it.undo()
        // A bit of the plan turned over.
        var bytes = try readFile(Array(it.journal.utf8), limit: 1 << 20)
        let place = try #require(bytes.indices.first { bytes[$0...].starts(with: Array(#""kind":"file""#.utf8)) })
        bytes[place + 8] = UInt8(ascii: "l")
        try writeFileAtomically(Array(it.journal.utf8), bytes, mode: 0o600)
        try refused(.ioError)
    }

    @Test("what was being written when the power went is passed over; a plan that was not finished is made anew")
    func torn() throws {
        let it = try Conversion.rich()
        let before = try it.snapshot()
        _ = try it.convert()
        let whole = try readFile(Array(it.journal.utf8), limit: 1 << 20)
        try writeFileAtomically(Array(it.journal.utf8), whole.dropLast(4) + [], mode: 0o600)
        _ = try it.undo()
        #expect(try it.snapshot() == before)
        for length in [0, 10, 60, whole.count / 4] {
            try writeFileAtomically(Array(it.journal.utf8), Array(whole.prefix(length)), mode: 0o600)
            #expect(throws: Cause.self) { _ = try it.undo() }
            #expect(try it.convert()["done"]?.number == 13, "\(length)")
            _ = try it.undo()
            #expect(try it.snapshot() == before)
            unlink(it.journal)
        }
    }

    @Test("each record of a journal comes back as it was written")
    func records() throws {
        let mark = JournalMark(
            kind: .link, inode: .max, size: 1 << 60, modified: .init(seconds: -5, nanoseconds: 999_999_999), born: nil)
        let records: [JournalRecord] = [
            .header(.init(id: "0011aabb", path: Array("/a\u{0301}".utf8) + [0xFF], inode: 7, wish: .object(["from": "gb18030"]))),
            .directory(.init(path: [], inode: .max, modified: .init(seconds: 1, nanoseconds: 0))),
            .entry(.init(from: [0xE9], to: Array("é".utf8), mark: mark)),
            .entry(.init(from: [0x61], to: [0x61], mark: mark, retarget: .init(old: [0xE9], new: Array("é/..".utf8)))),
            .end(directories: 1, entries: 2, mark: .max), .begun(0), .done(3), .undoing, .undone,
        ]
        for record in records {
            let line = try #require(record.line)
            #expect(JournalRecord(line: line.dropLast() + []) == record)
        }
        for text in [
            #"{"from":"2e2e","to":"61","kind":"file","inode":"1","size":"1","modified":[1,1]}"#,
            #"{"from":"612f62","to":"61","kind":"file","inode":"1","size":"1","modified":[1,1]}"#,
            #"{"from":"61","kind":"file","inode":"1","size":"1","modified":[1,1]}"#,
            #"{"directory":"2e2e","inode":"1","modified":[1,1]}"#, #"{"directory":"2f61","inode":"1","modified":[1,1]}"#,
            #"{"begun":-1}"#, #"{"undone":false}"#, "[]", "",
        ] { #expect(JournalRecord(line: Array(text.utf8)) == nil, "\(text)") }
    }
}
