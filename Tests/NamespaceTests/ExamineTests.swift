import LinuxSystem
import ShareModel
import Testing

@Suite("A real worker looks into a share")
struct ExamineTests {
    let stage: Stage

    init() throws {
        stage = try Stage()
    }

    private func examine(_ text: String, mountID: Int64? = nil, mounted: Bool? = nil) throws -> [Finding] {
        let share = try share(text)
        let mount = mountID.map { StandingMount(share, at: Policy.standard.target(of: share), mountID: $0) }
        let order = Examination(share, isAttached: mounted ?? (mountID != nil), mount: mount, attachedTargets: [:])
        return try stage.start(.examine(order)).findings(within: 60)
    }

    private func told(_ findings: [Finding]) -> [String] { findings.map { "\($0.check) \($0.status)" } }

    private static let scratch = #"{"name":"scratch","source":{"type":"tmpfs","sizeBytes":1048576}}"#

    private func attached() throws -> Int64 {
        let outcome = try stage.ask(.attach(try share(Self.scratch), nil, attachedTargets: [:]))
        return try #require(outcome.mountID, "\(outcome)")
    }

    @Test("from the policy to the bytes of a file, further down where the top has none; a link and an empty file are passed by")
    func file() throws {
        let id = try attached()
        let before = try stage.run("cat /proc/self/mountinfo")
        #expect(try examine(Self.scratch, mountID: id).last?.note == "there is nothing in it")
        try stage.run("cd /mnt/scratch; ln -s /etc/passwd link; mkfifo fifo; : >empty; mkdir -p below; echo hello >below/text")
        let findings = try examine(Self.scratch, mountID: id)
        #expect(
            told(findings) == ["policy ok", "options ok", "kernel ok", "target ok", "answer ok", "names ok", "read ok"])
        #expect(findings.last?.note == "empty, which is empty")
        try stage.run("rm /mnt/scratch/empty")
        #expect(try #require(try examine(Self.scratch, mountID: id).last?.note).hasPrefix("6 bytes of below/text in "))
        #expect(try stage.run("cat /proc/self/mountinfo") == before)
    }

    @Test("names that are not UTF-8 are told with one of them, and no such names as none")
    func names() throws {
        let id = try attached()
        try stage.run("cd /mnt/scratch; touch good; touch \"$(printf 'caf\\351.txt')\"")
        let names = try #require(try examine(Self.scratch, mountID: id).first { $0.check == .names })
        #expect(names.status == .warning && names.cause?.code == .namesUnconvertible)
        #expect(names.cause?.evidence == [#"one of them: caf\xe9.txt"#])
        let wished = #"{"name":"scratch","source":{"type":"tmpfs","sizeBytes":1048576},"names":{"encoding":"utf-8"}}"#
        #expect(try !examine(wished, mountID: id).contains { $0.check == .names }, "what becomes of a wish is the daemon's to say")
    }

    @Test("a target that is full, a link, somebody else's, or outside the roots; a wrong option; a server that is not there")
    func wrong() throws {
        func failed(_ text: String) throws -> [String] {
            try examine(text).filter { $0.status == .failed }.map { "\($0.check) \($0.cause?.code.rawValue ?? "")" }
        }
        func tmpfs(_ more: String) -> String { #"{"name":"x","source":{"type":"tmpfs","sizeBytes":1048576}\#(more)}"# }
        try stage.run("mkdir /mnt/x /mnt/y /mnt/z; touch /mnt/x/file; ln -s /etc /mnt/link; mount -t tmpfs tmpfs /mnt/y")
        #expect(try failed(tmpfs("")) == ["target target-not-empty"])
        #expect(try failed(tmpfs(#","target":"/mnt/link""#)) == ["target target-symlink"])
        #expect(try failed(tmpfs(#","target":"/mnt/y""#)) == ["target foreign-mount"])
        #expect(try failed(tmpfs(#","target":"/etc""#)) == ["policy target-outside-roots"])
        #expect(try failed(tmpfs(#","target":"/mnt/z","options":{"mode":"no"}"#)) == ["options option-refused"])
        #expect(try failed(tmpfs(#","target":"/mnt/z""#)) == [])
        let nowhere = #"{"name":"n","source":{"type":"glusterfs","servers":["127.0.0.1"],"volume":"v"}}"#
        #expect(try failed(nowhere).contains("source connection-refused"))
        let unknown = #"{"name":"n","source":{"type":"nfs","server":"nothere.invalid","export":"/x"}}"#
        #expect(try failed(unknown).contains("source name-resolution-failed"))
        #expect(try stage.run("ls /mnt") == "link\nx\ny\nz\n", "no directory is made")
    }

    @Test("an image is looked at, and no loop device is left")
    func image() throws {
        try stage.run(
            "mkdir /mnt/files; cd /mnt/files; truncate -s 4M disk.img; mke2fs -q -t ext4 disk.img; head -c 4M /dev/zero >zero.img")
        func source(_ file: String) throws -> Finding? {
            let share = try share(#"{"name":"disk","source":{"type":"image","share":"files","path":"\#(file)"},"access":"ro"}"#)
            let order = Examination(
                share, isAttached: false, mount: nil, attachedTargets: [try ShareName(validating: "files"): try target("/mnt/files")])
            return try stage.start(.examine(order)).findings(within: 60).first { $0.check == .source }
        }
        #expect(try source("disk.img")?.note == "files:disk.img holds ext4")
        #expect(try source("zero.img")?.cause?.code == .imageUnrecognized)
        #expect(try source("none.img")?.cause?.code == .imageNotFound)
        #expect(try !stage.run("losetup -a").contains("/mnt/files/"))
    }

    @Test("a mount that is gone or covered has failed where the share is asked; a file's reading is then not tried")
    func gone() throws {
        let id = try attached()
        try stage.run("mount -t tmpfs tmpfs /mnt/scratch")
        let covered = try examine(Self.scratch, mountID: id)
        #expect(covered.last?.check == .answer && covered.last?.cause?.code == .foreignMount)
        try stage.run("umount /mnt/scratch; umount /mnt/scratch")
        #expect(try examine(Self.scratch, mountID: id).last?.cause?.code == .targetMissing)
    }

    @Test("a broken policy file allows nothing, and is what is told")
    func brokenPolicy() throws {
        try stage.run("printf 'policy: [' >\(stage.folder)/agent.yaml")
        let findings = try examine(Self.scratch)
        #expect(told(findings) == ["policy failed"])
        #expect(findings.last?.cause?.message.contains("agent.yaml") == true)
    }
}
