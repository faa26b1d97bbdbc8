import Foundation
import Glibc
import LinuxSystem
import ShareModel
import Testing

/// Fixtures/view.py says in what a mounted view must be like a plain directory; here is under which policies.
@Suite("a live view of names, mounted")
struct ViewTests {
    let stage: Stage

    init() throws {
        stage = try Stage()
        try stage.run("mkdir /mnt/source /mnt/view")
    }

    private static func script(_ name: String = "view.py") -> String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures/\(name)").path
    }

    /// A view that stands. The shell in front of it reports that, and is what is signalled; the view is its child's successor.
    private func mount(_ policy: String, _ more: String = "", from source: String = "/mnt/source", to target: String = "/mnt/view") throws
        -> ChildProcess
    {
        let program = try Stage.program("share-names-view")
        return try stage.start(
            ready: "exec \(program) \(source) \(target) --policy '\(policy)' \(more) >&3")
    }

    private func check(_ check: String, _ environment: String = "") throws {
        // What it says is the reason where it fails, with its seed in it.
        let out = try stage.run(
            "\(environment) python3 \(Self.script()) \(check) /mnt/source /mnt/view 2>&1 && echo passed || true", within: 240)
        #expect(out.hasSuffix("passed\n"), "\(check): \(out)")
    }

    private func end(_ view: ChildProcess) throws {
        try view.signal(SIGTERM)
        #expect(Stage.wait(view, within: 15) == .exited(0))
        #expect(!(try stage.run("cat /proc/self/mountinfo")).contains(" /mnt/view "))
    }

    static let policies = [
        #"{"form":"nfc"}"#, #"{"encoding":"gb18030","form":"nfc-hfs","invalid":"percent"}"#,
        #"{"form":"nfc","newNames":"nfd","reserved":"sfm"}"#, #"{"encoding":"cp932"}"#, #"{"form":"nfd","case":"insensitive"}"#,
    ]

    @Test("everything is shown once, reachable and unchanged", arguments: policies)
    func invariants(policy: String) throws {
        let view = try mount(policy)
        try check("invariants", policy.contains("insensitive") || policy.contains("percent") ? "ROUNDS=15" : "ROUNDS=15 SENSITIVE=1")
        try end(view)
    }

    @Test(
        "any order of calls does what it does in a plain directory, with eight descriptors to spare, too",
        arguments: [(policies[0], ""), (policies[2], "--descriptors 8")])
    func oracle(policy: String, more: String) throws {
        let view = try mount(policy, more)
        try check("oracle", "STEPS=2000")
        try end(view)
    }

    @Test("what is shown, and what moving and removing makes of the source, is what a model of the rules says")
    func model() throws {
        let view = try mount(Self.policies[0])
        let out = try stage.run("python3 \(Self.script("odd.py")) /mnt/source /mnt/view 2>&1 && echo passed || true", within: 120)
        #expect(out.hasSuffix("passed\n"), "\(out)")
        try end(view)
    }

    @Test("data is what was written: reads, writes, mappings, holes, copies", arguments: ["", "ANSWERED=1"])
    func data(way: String) throws {
        let view = try mount(Self.policies[0])
        try check("data", "STEPS=1000 \(way)")
        try end(view)
    }

    @Test("a view reads ahead further than the 128 KiB that the kernel offers it")
    func readsAhead() throws {
        let view = try mount(Self.policies[0])
        #expect(try stage.run("cat /sys/class/bdi/$(mountpoint -d /mnt/view)/read_ahead_kb") == "4096\n")
        try end(view)
    }

    @Test("a file without a name is written and read, is given one, and goes with its last user otherwise")
    func nameless() throws {
        let view = try mount(#"{"form":"nfc","newNames":"nfd"}"#)
        let out = try stage.run(
            """
            python3 - 2>&1 <<'END' && echo passed || true
            import os
            file = os.open("/mnt/view", os.O_TMPFILE | os.O_RDWR, 0o640)
            assert os.listdir("/mnt/source") == [] and os.fstat(file).st_nlink == 0
            assert os.pwrite(file, b"held", 0) == 4 and os.pread(file, 9, 0) == b"held"
            os.fchmod(file, 0o600)
            name = "caf\\u00e9"
            # With a directory it is linkat(2), which follows.
            os.link(str(file), "/mnt/view/" + name, src_dir_fd=os.open("/proc/self/fd", os.O_RDONLY), follow_symlinks=True)
            assert os.listdir("/mnt/source") == ["cafe\\u0301"] and os.listdir("/mnt/view") == [name]
            assert open("/mnt/view/" + name).read() == "held" and os.stat("/mnt/view/" + name).st_mode == 0o100600
            os.close(file)
            assert open("/mnt/source/cafe\\u0301").read() == "held"
            other = os.open("/mnt/view", os.O_TMPFILE | os.O_EXCL | os.O_WRONLY)
            os.close(other)
            assert os.listdir("/mnt/view") == [name]
            END
            """)
        #expect(out.hasSuffix("passed\n"), "\(out)")
        try end(view)
    }

    @Test("on Linux 6.9 and newer the data of files goes past the view's process, and a write takes the set-user-id bit away")
    func passedThrough() throws {
        let view = try mount(Self.policies[0])
        let shell = view.processID
        // Bytes that the process has read and written so far.
        let count = "cat /proc/$(cat /proc/\(shell)/task/\(shell)/children | tr -d ' ')/io | head -2"
        let before = try stage.run(count)
        try stage.run(
            """
            head -c 16777216 /dev/urandom >/mnt/source/data; cat /mnt/source/data >/mnt/view/copy; cmp /mnt/source/copy /mnt/view/data
            chown 1000 /mnt/view/copy; chmod 4755 /mnt/view/copy; chmod 755 /mnt
            """)
        try stage.run("setpriv --reuid 1000 --regid 1000 --clear-groups sh -c 'echo more >>/mnt/view/copy'")
        #expect(try stage.run("stat -c %a /mnt/source/copy") == "755\n")
        func bytes(_ lines: String) -> Int { lines.split(whereSeparator: { $0.isWhitespace }).compactMap { Int($0) }.reduce(0, +) }
        let moved = bytes(try stage.run(count)) - bytes(before)
        let version = Machine.kernelRelease.split(separator: ".").compactMap { Int($0) }
        if version[0] > 6 || version[0] == 6 && version[1] >= 9 {
            #expect(moved < 1 << 20)
        } else {
            #expect(moved >= 48 << 20)
        }
        try end(view)
    }

    @Test("many at a time, while the kernel forgets")
    func stress() throws {
        let view = try mount(Self.policies[0], "--descriptors 16")
        try check("stress", "DURATION=4")
        try end(view)
    }

    @Test("20,000 names in one directory")
    func large() throws {
        let view = try mount(Self.policies[0])
        try check("large")
        try end(view)
    }
}
