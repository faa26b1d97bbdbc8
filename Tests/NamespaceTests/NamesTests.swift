import Foundation
import LinuxSystem
import ShareModel
import ShareWire
import Testing

@Suite("names of a real tree, scanned by a process of its own")
struct NamesTests {
    let stage: Stage

    init() throws { stage = try Stage() }

    /// Runs the command on the stage; what it printed, what it complained of and how it ended.
    private func scan(_ arguments: String, within seconds: Double = 60) throws -> (out: String, errors: String, status: String) {
        let programs = URL(fileURLWithPath: try Stage.program("shareagent")).deletingLastPathComponent().path
        try stage.run(
            "SHAREAGENT_LIBEXEC=\(programs) \(programs)/shareagent names scan \(arguments) >\(stage.folder)/out 2>\(stage.folder)/errors "
                + "&& s=0 || s=$?; echo $s >\(stage.folder)/status", within: seconds)
        func text(_ name: String) throws -> String { try String(contentsOfFile: "\(stage.folder)/\(name)", encoding: .utf8) }
        return (try text("out"), try text("errors"), try text("status").trimmingCharacters(in: .newlines))
    }

    @Test("the four names that other tools lose, hundreds of hostile ones, and nothing is changed by looking")
    func hostile() throws {
        let script = """
            import os
            def touch(n): os.close(os.open(b'/mnt/' + n, os.O_CREAT | os.O_WRONLY, 0o644))
            for d in (b'four', b'all', b'gone\\xe9'): os.mkdir(b'/mnt/' + d)
            for n in ('caf\\u00e9.txt'.encode(), 'cafe\\u0301.txt'.encode(), b'caf\\xe9.txt', b'\\xc4\\xe3\\xba\\xc3.doc'): touch(b'four/' + n)
            for b in range(1, 256):
                if b not in (0x2f, 0x2e): touch(b'all/' + bytes([b]))
                touch(b'all/x' + bytes([b]).replace(b'/', b'_') + b'y')
            touch(b'all/' + b'\\xe4' * 255)
            """
        try script.write(toFile: "\(stage.folder)/make.py", atomically: true, encoding: .utf8)
        try stage.run("python3 \(stage.folder)/make.py")
        let list = "cd /mnt && find . -printf '%p %i %T@ %C@\\n' | sort | sha256sum"
        let before = try stage.run(list)
        let (out, errors, status) = try scan("/mnt --json")
        #expect(status == "0", "\(errors)")
        let found = try StrictJSON.parse(Array(out.trimmingCharacters(in: .newlines).utf8))
        // 253 bytes alone, 255 between letters (47 and 95 fall together), one long one, four, and three directories: 515.
        #expect(found["names"]?.number == 515)
        #expect(found["directories"]?.number == 4)
        #expect(found["filesystem"]?.text == "tmpfs")
        #expect(found["classes"]?["not-utf-8"]?.number == 260)
        let codes = (found["findings"]?.elements ?? []).compactMap { $0["code"]?.text }
        for code in ["N1", "N2", "N3", "N4", "N5", "N8", "N9", "N12", "N13"] { #expect(codes.contains(code), "\(code)") }
        #expect(try stage.run(list) == before)
        let table = try scan("/mnt").out
        #expect(table.contains("N12") && table.contains("\\xe9"))
        #expect(table.unicodeScalars.allSatisfy { $0.value >= 0x20 || $0 == "\n" })
    }

    @Test("a file system that never answers ends the scan with a clear error, in time")
    func hanging() throws {
        try HangTests.silentFilesystem.write(toFile: "\(stage.folder)/silent.py", atomically: true, encoding: .utf8)
        try stage.run("mkdir -p /mnt/tree/hung")
        let server = try stage.start(ready: "exec python3 \(stage.folder)/silent.py /mnt/tree/hung")
        defer { try? server.killGroup() }
        // Beside it the tree is scanned: what is mounted on a directory is not entered.
        let beside = try scan("/mnt/tree --json --give-up 5s")
        #expect(beside.status == "0", "\(beside.errors)")
        #expect(beside.out.contains(#""otherFilesystems":1"#))
        let began = MonotonicTime.now()
        let (out, errors, status) = try scan("/mnt/tree/hung --give-up 2s --json")
        #expect(MonotonicTime.now() - began < .seconds(20))
        #expect(status == "1")
        #expect(errors.contains("has not answered for 2s"))
        #expect(out.contains(#""code":"transport-stalled""#))
        // Over ssh, and wherever else somebody waits for its output to end: what is stuck must not hold that open.
        let programs = URL(fileURLWithPath: try Stage.program("shareagent")).deletingLastPathComponent().path
        let all = try stage.run(
            "( SHAREAGENT_LIBEXEC=\(programs) \(programs)/shareagent names scan /mnt/tree/hung --give-up 2s 2>&1 || true ) | cat",
            within: 20)
        #expect(all.contains("has not answered for 2s"))
    }

    @Test("something is mounted beside the tree that is scanned, and a directory nobody may list")
    func leftOut() throws {
        try stage.run(
            "mkdir -p /mnt/tree/other /mnt/tree/closed /mnt/tree/open && mount -t tmpfs none /mnt/tree/other && touch /mnt/tree/other/a:b /mnt/tree/open/a:b"
        )
        try stage.run("chmod 0 /mnt/tree/closed && chmod 755 /mnt/tree /mnt/tree/open")
        let programs = URL(fileURLWithPath: try Stage.program("shareagent")).deletingLastPathComponent().path
        // As somebody else: root may list everything. The programs are where only root may come.
        try stage.run("cp \(programs)/shareagent \(programs)/share-names /mnt/ && chmod 755 /mnt/shareagent /mnt/share-names")
        try stage.run(
            "SHAREAGENT_LIBEXEC=/mnt setpriv --reuid 65534 --clear-groups /mnt/shareagent names scan /mnt/tree >/mnt/out 2>&1 && s=0 || s=$?; echo status $s >>/mnt/out"
        )
        let out = try stage.run("cat /mnt/out")
        #expect(out.contains("status 2"), "\(out)")
        #expect(out.contains("left out: 1 directory, the first 'closed': permission denied (EACCES)"))
        #expect(out.contains("not entered: 1 directory"))
        #expect(out.contains("N8        1"))
    }
}
