import FileNames
import Glibc
import LinuxSystem
import ShareModel
import ShareWire
import Testing

@testable import NamesWorker

/// A tree of a test's own, removed with it.
final class Tree {
    let path: String

    init() throws {
        var template = Array("/tmp/shareagent-names-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { $0.baseAddress.flatMap { mkdtemp($0) } }
        path = String(cString: try #require(made))
    }

    deinit {
        var arguments: [UnsafeMutablePointer<CChar>?] = ["rm", "-rf", "--", path].map { (word: String) in strdup(word) } + [nil]
        var id: pid_t = 0
        if posix_spawnp(&id, "rm", nil, nil, &arguments, environ) == 0 { waitpid(id, nil, 0) }
        for argument in arguments { free(argument) }
    }

    func file(_ name: [UInt8], in directory: String = "") throws {
        let whole = Array("\(path)/\(directory)/".utf8) + name
        let descriptor = (whole + [0]).map { CChar(bitPattern: $0) }.withUnsafeBufferPointer { path in
            path.baseAddress.map { open($0, O_CREAT | O_WRONLY, 0o644) } ?? -1
        }
        try #require(descriptor >= 0, "\(FileName.display(whole)): \(errno)")
        close(descriptor)
    }

    func file(_ name: String, in directory: String = "") throws { try file(Array(name.utf8), in: directory) }

    func directory(_ name: String) throws {
        try #require(mkdir("\(path)/\(name)", 0o755) == 0)
    }

    func scan(charset: String? = nil, resume: String? = nil) throws -> Value {
        try ScanTask(order: ScanOrder(path: path, charset: charset, resume: resume), tell: { _ in }).run()
    }
}

extension Value {
    /// How many names have a finding.
    func count(_ code: String) -> Int64? {
        self["findings"]?.elements?.first { $0["code"]?.text == code }?["count"]?.number
    }
}

@Suite("scanning a tree's names")
struct ScanTests {
    static let chinese: [[UInt8]] = ["会议记录.doc", "照片.jpg", "合同扫描件.pdf", "北京旅游.txt", "项目计划.xls", "财务报表.xls"].map { name in
        var bytes: [UInt8] = []
        let encoder = CharsetEncoder(.gb18030)
        for scalar in name.unicodeScalars { _ = encoder.append(scalar.value, to: &bytes) }
        return bytes
    }

    @Test("each finding is found, and nothing in names that are the same everywhere")
    func findings() throws {
        let tree = try Tree()
        for name in ["one", "two.txt", "Three-3_x.tar.gz", "日本語.txt", "é"] { try tree.file(name) }
        #expect(try tree.scan()["findings"]?.elements?.isEmpty == true)
        let cases: [(code: String, names: [[UInt8]])] = [
            ("N1", [Array("e\u{301}1".utf8)]), ("N2", [Array("ä".utf8), Array("a\u{308}".utf8)]),
            ("N3", [Array("Case".utf8), Array("cASE".utf8)]),
            ("N4", [[0x78, 0xE9]]), ("N6", [Array("Ã©tÃ©".utf8)]), ("N7", [Array("x\u{FFFD}".utf8)]),
            ("N8", [Array("a:b".utf8), Array("back\\".utf8)]),
            ("N9", [Array("dot.".utf8), Array("blank ".utf8)]), ("N10", [Array("aux".utf8), Array("COM7.log".utf8)]),
            ("N11", [Array("\u{F025}".utf8)]), ("N12", [Array(String(repeating: "\u{DD8}\u{DCA}\u{FB1D}", count: 27).utf8) + [0x31]]),
            ("N13", [Array("a\u{202E}b".utf8), [0x07]]), ("N14", [Array("\u{F900}".utf8)]),
        ]
        for (code, names) in cases {
            let tree = try Tree()
            for name in names { try tree.file(name) }
            #expect(try tree.scan().count(code) == Int64(names.count), "\(code)")
        }
        for harmless in ["console", "com10", "nulls.txt", "lpt0", ".hidden", "a b"] {
            let tree = try Tree()
            try tree.file(harmless)
            #expect(try tree.scan()["findings"]?.elements?.isEmpty == true, "\(harmless)")
        }
    }

    @Test("a directory's charset is told with its confidence, and proposed; --assume says otherwise")
    func charset() throws {
        let tree = try Tree()
        for name in Self.chinese { try tree.file(name) }
        let found = try tree.scan()
        let listed = try #require(found["listed"]?.elements?.first)
        #expect(listed["charset"]?.text == "gb18030")
        #expect((listed["confidencePermille"]?.number ?? 0) >= 990)
        let proposed = found["proposal"]?["names"]?.elements ?? []
        #expect(proposed.first { $0["key"]?.text == "encoding" }?["value"]?.text == "gb18030")
        let assumed = try tree.scan(charset: "big5")["proposal"]?["names"]?.elements ?? []
        #expect(assumed.first { $0["key"]?.text == "encoding" }?["value"]?.text == "cp950")
        try tree.file("中文 UTF-8.txt")
        #expect(try tree.scan().count("N5") == 1)
    }

    @Test("an unknown charset, no directory and no right are told apart")
    func problems() throws {
        let tree = try Tree()
        try tree.file("file")
        func code(_ path: String, _ charset: String? = nil) -> CauseCode? {
            do throws(Cause) {
                _ = try ScanTask(order: ScanOrder(path: path, charset: charset), tell: { _ in }).run()
                return nil
            } catch { return error.code }
        }
        #expect(code(tree.path, "klingon") == .charsetUnavailable)
        #expect(code(tree.path + "/none") == .targetMissing)
        #expect(code(tree.path + "/file") == .targetNotDirectory)
    }

    /// A tree with directories in directories, names of all kinds, and a way deeper than what stays open.
    private static func wideAndDeep() throws -> Tree {
        let tree = try Tree()
        for outer in ["a", "b", "c.d", "z"] {
            try tree.directory(outer)
            try tree.file("README", in: outer)
            try tree.file("readme", in: outer)
            for inner in ["x", "y"] {
                try tree.directory("\(outer)/\(inner)")
                for name in chinese.prefix(4) { try tree.file(name, in: "\(outer)/\(inner)") }
                try tree.file("e\u{301}", in: "\(outer)/\(inner)")
                try tree.file("é", in: "\(outer)/\(inner)")
            }
        }
        var way = "deep"
        try tree.directory(way)
        for _ in 0..<(TreeWalk.mostOpen * 2) {
            way += "/d"
            try tree.directory(way)
            try tree.directory(way + "/e")
        }
        try tree.file("a:b", in: way)
        return tree
    }

    @Test("a scan that ends anywhere goes on from there and finds the same")
    func resumed() throws {
        let tree = try Self.wideAndDeep()
        let whole = try Self.walked(tree, stops: [])
        let directories = whole.directories
        #expect(directories == 1 + 4 + 8 + 1 + TreeWalk.mostOpen * 4)
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        for stop in 1..<20 { #expect(try Self.walked(tree, stops: [stop]).value == whole.value, "after \(stop) directories") }
        for _ in 0..<10 {
            let stops = Set((0..<4).map { _ in 1 + Int(random.next() % UInt64(directories)) })
            #expect(try Self.walked(tree, stops: stops).value == whole.value, "seed \(seed), \(stops)")
        }
    }

    /// Walks a tree, putting everything away and taking it up again after some directories.
    private static func walked(_ tree: Tree, stops: Set<Int>) throws -> ScanReport {
        let root = OpenDirectory(try openDirectory(Array(tree.path.utf8)))
        var scan = DirectoryScan(report: ScanReport(), assumed: nil, losesCharacters: false)
        let subdirectories = try scan.scan(root.number, []) { _ in }
        var walk = TreeWalk(root: root, subdirectories: subdirectories)
        while true {
            if stops.contains(scan.report.directories) {
                let kept = try StrictJSON.parse(StrictJSON.bytes(of: scan.report.value))
                scan = DirectoryScan(report: try #require(ScanReport(kept)), assumed: nil, losesCharacters: false)
                walk = try TreeWalk(root: root, behind: walk.way)
            }
            let (name, step) = try walk.next()
            guard case .visit(let directory) = step else { return scan.report }
            let path = walk.path.isEmpty ? name : walk.path + [0x2F] + name
            let subdirectories = try scan.scan(directory.number, path) { _ in }
            walk.descend(directory, name, subdirectories)
        }
    }

    @Test("a large directory is looked at in parts and the same is found")
    func parts() throws {
        let tree = try Tree()
        for number in 0..<300 { try tree.file("name\(number)") }
        for name in ["Name7", "NAME7", "name299\u{301}", "ä", "a\u{308}"] { try tree.file(name) }
        let root = OpenDirectory(try openDirectory(Array(tree.path.utf8)))
        for limit in [7, 64, 1000] {
            var scan = DirectoryScan(report: ScanReport(), assumed: nil, losesCharacters: false, limit: limit)
            _ = try scan.scan(root.number, []) { _ in }
            #expect(scan.report.counts[.caseDuplicate] == 3, "\(limit)")
            #expect(scan.report.counts[.canonicalDuplicate] == 2, "\(limit)")
        }
    }

    @Test("directories come in the order of their names, however many at a time")
    func batches() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        for _ in 0..<50 {
            let names = Array(Set((0..<200).map { _ in [UInt8(random.next() % 9 + 97), UInt8(random.next() % 26 + 97)] }))
            var taken: [[UInt8]] = []
            var hasMore = true
            while hasMore {
                var batch = SubdirectoryBatch(after: taken.last, limit: 1 + Int(random.next() % 30))
                for name in names.shuffled(using: &random) { batch.add(name) }
                let (reversed, more) = batch.taken()
                taken += reversed.reversed()
                hasMore = more
            }
            #expect(taken == names.sorted { $0.lexicographicallyPrecedes($1) }, "seed \(seed)")
        }
    }

    @Test("the file of another scan, or of none, is refused; one that is whole is taken and removed at the end")
    func marks() throws {
        let tree = try Tree()
        try tree.directory("a")
        try tree.file("x:y", in: "a")
        let file = "/tmp/\(tree.path.split(separator: "/").last ?? "x").mark"
        defer { unlink(file) }
        let mark = ScanMark(file: Array(file.utf8), path: "/elsewhere")
        try mark.write([Array("a".utf8)], ScanReport())
        #expect(throws: Cause.self) { try tree.scan(resume: file) }
        var report = ScanReport()
        (report.names, report.directories) = (40, 7)
        try ScanMark(file: Array(file.utf8), path: tree.path).write([Array("a".utf8)], report)
        // Behind a there is nothing: what was found before is all.
        #expect(try tree.scan(resume: file)["names"]?.number == 40)
        #expect(access(file, F_OK) != 0)
        #expect(try tree.scan(resume: file)["names"]?.number == 2)
        try tree.file("garbage")
        #expect(throws: Cause.self) { try tree.scan(resume: tree.path + "/garbage") }
    }
}
