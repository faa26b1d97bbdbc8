import Foundation
import LinuxSystem
import ShareModel
import ShareWire
import Testing

/// Fixtures/convert.py does it to the built program; here is where.
@Suite("names of a real tree, converted and put back")
struct ConvertTests {
    let stage: Stage
    let programs: String

    init() throws {
        stage = try Stage()
        programs = URL(fileURLWithPath: try Stage.program("shareagent")).deletingLastPathComponent().path
    }

    private func check(_ check: String, at place: String, within seconds: Double = 300) throws {
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures/convert.py").path
        let out = try stage.run(
            "python3 \(script) \(check) \(programs)/share-names \(place) 2>&1 && echo passed || true", within: seconds)
        #expect(out.hasSuffix("passed\n"), "\(check): \(out)")
    }

    /// Runs the command on the stage; what it printed, what it complained of and how it ended.
    private func names(_ arguments: String, within seconds: Double = 60) throws -> (out: String, errors: String, status: String) {
        try stage.run(
            "SHAREAGENT_LIBEXEC=\(programs) \(programs)/shareagent names \(arguments) >\(stage.folder)/out 2>\(stage.folder)/errors "
                + "&& s=0 || s=$?; echo $s >\(stage.folder)/status", within: seconds)
        func text(_ name: String) throws -> String { try String(contentsOfFile: "\(stage.folder)/\(name)", encoding: .utf8) }
        return (try text("out"), try text("errors"), try text("status").trimmingCharacters(in: .newlines))
    }

    @Test("killed with SIGKILL at each changing system call, it is undone or gone on with: tmpfs")
    func killedOnTmpfs() throws {
        try stage.run("mkdir /mnt/place")
        try check("killed", at: "/mnt/place")
    }

    @Test("the same on ext4, with a journal on another file system")
    func killedOnExt4() throws {
        try stage.run(
            "truncate -s 32M \(stage.folder)/image && mkfs.ext4 -q \(stage.folder)/image && mkdir /mnt/ext4 && mount -o loop \(stage.folder)/image /mnt/ext4"
        )
        try check("killed", at: "/mnt/ext4")
        try stage.run("umount /mnt/ext4")
    }

    @Test("after a power cut the tree is what the journal says: it had the names of before, and nothing brought it on")
    func powerCut() throws {
        let image = "\(stage.folder)/image"
        // Nothing is written by itself meanwhile.
        let mount = "mount -o loop,commit=300 \(image) /mnt/ext4"
        try stage.run(
            """
            truncate -s 32M \(image) && mkfs.ext4 -q \(image) && mkdir /mnt/ext4 && \(mount) && mkdir -p /mnt/ext4/tree/plain
            cd /mnt/ext4/tree; touch $(printf '\\304\\343') plain/$(printf '\\272\\303'); sync -f /mnt/ext4
            """)
        func tree() throws -> String { try stage.run("cd /mnt/ext4/tree && find . -printf '%p %i %T@\n' | LC_ALL=C sort") }
        let cut = "cp \(image) \(image).cut && umount /mnt/ext4 && mv \(image).cut \(image) && \(mount)"
        let before = try tree()
        let convert = "convert /mnt/ext4/tree --from gbk --apply --journal \(stage.folder)/journal"
        #expect(try names(convert).status == "0")
        let after = try tree()
        try stage.run(cut)
        #expect(try tree() == after)
        #expect(try names(convert).status == "0")
        #expect(try tree() == after)
        #expect(try names("undo \(stage.folder)/journal").status == "0")
        try stage.run(cut)
        #expect(try tree() == before)
        try stage.run("umount /mnt/ext4")
    }

    private func view(_ policy: String) throws -> ChildProcess {
        try stage.run("mkdir /mnt/source /mnt/view")
        return try stage.start(ready: "exec \(programs)/share-names-view /mnt/source /mnt/view --policy '\(policy)' >&3")
    }

    @Test("two spellings are one name for the file system: by way of a third, and back")
    func insensitive() throws {
        let view = try view(#"{"case":"insensitive"}"#)
        defer { try? view.killGroup() }
        try check("insensitive", at: "/mnt/view")
    }

    @Test("a file system that lists names in a form of its own is noticed, and nothing is lost")
    func ownForm() throws {
        let view = try view(#"{"form":"nfd"}"#)
        defer { try? view.killGroup() }
        try check("own-form", at: "/mnt/view")
    }

    @Test("as one types it: plan, apply, undo, each with its words and status")
    func byHand() throws {
        let make = "python3 -c \"import os; [os.mknod(b'/mnt/tree/' + n) for n in "
        try stage.run("mkdir /mnt/tree")
        try stage.run(make + "(b'plain', b'cafe\\xcc\\x81.txt', b'\\xc4\\xe3\\xba\\xc3.doc')]\"")
        let before = try stage.run("LC_ALL=C ls -bi /mnt/tree")
        let plan = try names("convert /mnt/tree --from gbk")
        #expect(plan.status == "0" && plan.out.contains("nothing was changed; --apply renames"), "\(plan)")
        #expect(plan.out.contains("\\xc4\\xe3\\xba\\xc3.doc  你好.doc  charset"))
        #expect(try stage.run("LC_ALL=C ls -bi /mnt/tree") == before)
        let applied = try names("convert /mnt/tree --from gbk --apply --journal \(stage.folder)/journal")
        #expect(applied.status == "0" && applied.out.contains("2 names converted"), "\(applied)")
        #expect(applied.out.contains("shareagent names undo \(stage.folder)/journal puts everything back"))
        #expect(try stage.run("ls /mnt/tree") == "café.txt\nplain\n你好.doc\n")
        let undone = try names("undo \(stage.folder)/journal")
        #expect(undone.status == "0" && undone.out.contains("2 names as before"), "\(undone)")
        #expect(try stage.run("LC_ALL=C ls -bi /mnt/tree") == before)
        // One that cannot be: the others are, and the status tells.
        try stage.run("python3 -c \"import os; os.mknod(b'/mnt/tree/caf\\xe9')\"")
        let part = try names("convert /mnt/tree --from gbk --apply --json --journal \(stage.folder)/other")
        #expect(part.status == "2" && part.out.contains(#""code":"names-unconvertible""#), "\(part)")
        // The right charset at last.
        #expect(try names("convert /mnt/tree --from latin1 --apply --journal \(stage.folder)/third").status == "0")
        #expect(try names("convert /mnt/tree --from latin1 --apply --journal \(stage.folder)/fourth").out.contains("nothing to rename"))
    }

    @Test("read-only, not one's own, something mounted inside: told before or instead, and nothing is changed")
    func refused() throws {
        let make = "python3 -c \"import os; [os.mknod(b'/mnt/tree/' + n) for n in "
        try stage.run("mkdir -p /mnt/tree/caf$(printf '\\351') /mnt/tree/open && mount -t tmpfs none /mnt/tree/caf$(printf '\\351')")
        try stage.run(make + "(b'\\xe4', b'open/\\xe4')]\"")
        let journal = "--journal \(stage.folder)/journal"
        let mounted = try names("convert /mnt/tree --from latin1 --apply --json \(journal)")
        #expect(mounted.status == "2" && mounted.out.contains("something is mounted on it"), "\(mounted)")
        #expect(mounted.out.contains(#""otherFilesystems":1"#) && mounted.out.contains(#""done":2"#))
        #expect(try names("undo \(stage.folder)/journal").status == "0")
        try stage.run("umount /mnt/tree/caf* && mount --bind /mnt/tree /mnt/tree && mount -o remount,bind,ro /mnt/tree")
        let readOnly = try names("convert /mnt/tree --from latin1 --apply --json \(journal)2")
        #expect(readOnly.status == "1" && readOnly.out.contains(#""code":"read-only-source""#), "\(readOnly)")
        #expect(try names("convert /mnt/tree --from latin1").out.contains("read-only: nothing can be renamed here"))
        #expect(!FileManager.default.fileExists(atPath: "\(stage.folder)/journal2"))
        try stage.run("umount /mnt/tree && chmod 755 /mnt/tree && chmod 777 /mnt/tree/open && chmod 777 /mnt")
        try stage.run("cp \(programs)/shareagent \(programs)/share-names /mnt/ && chmod 755 /mnt/shareagent /mnt/share-names")
        // As somebody else: what is in open may be renamed, what is beside it not.
        try stage.run(
            "cd /; SHAREAGENT_LIBEXEC=/mnt setpriv --reuid 65534 --clear-groups /mnt/shareagent names convert /mnt/tree --from latin1 --apply "
                + "--journal /mnt/theirs --json >/mnt/out 2>&1 && s=0 || s=$?; echo status $s >>/mnt/out")
        let out = try stage.run("cat /mnt/out")
        #expect(out.contains("status 2") && out.contains(#""permission-denied":2"#) && out.contains(#""done":1"#), "\(out)")
        let others = try names("convert /mnt/tree --from latin1 --apply --json --journal /mnt/tree/open/journal")
        #expect(others.status == "64" && others.out.contains("in the tree itself"), "\(others)")
    }

    @Test("a name that is not UTF-8 is explained as it was typed")
    func explained() throws {
        let told = try names("explain \"$(printf 'caf\\351')\" --encoding cp1252")
        #expect(
            told.status == "0" && told.out.contains("caf\\xe9: not UTF-8, 4 bytes") && told.out.contains("encoding cp1252  café"), "\(told)"
        )
        #expect(try names("explain @636166e9 --encoding cp1252").out == told.out)
        #expect(try names("explain é --json").out.contains(#""name":"LATIN SMALL LETTER E WITH ACUTE""#))
    }

    @Test("a file system that never answers ends it with a clear error, in time")
    func hanging() throws {
        try HangTests.silentFilesystem.write(toFile: "\(stage.folder)/silent.py", atomically: true, encoding: .utf8)
        try stage.run("mkdir -p /mnt/hung")
        let server = try stage.start(ready: "exec python3 \(stage.folder)/silent.py /mnt/hung")
        defer { try? server.killGroup() }
        for task in ["convert /mnt/hung --from gbk", "convert /mnt/hung --from gbk --apply --journal \(stage.folder)/journal"] {
            let began = MonotonicTime.now()
            let (out, errors, status) = try names("\(task) --give-up 2s --json")
            #expect(MonotonicTime.now() - began < .seconds(20))
            #expect(status == "1" && out.contains(#""code":"transport-stalled""#), "\(errors)")
        }
    }
}
