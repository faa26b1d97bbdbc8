import Foundation
import ShareModel
import Testing

@Suite("An image is attached when it is known without doubt")
struct ImageTests {
    let stage: Stage
    let holder: [ShareName: Target]

    init() throws {
        stage = try Stage()
        let wish = try share(#"{"name":"images","source":{"type":"tmpfs","sizeBytes":67108864}}"#)
        let outcome = try stage.ask(.attach(wish, nil, attachedTargets: [:]))
        try #require(outcome.mountID != nil, "\(outcome)")
        holder = [wish.name: try target("/mnt/images")]
    }

    private func attach(_ path: String, _ more: String = "", source: String = "", name: String = "disk") throws -> WorkerOutcome {
        let wish = try share(#"{"name":"\#(name)",\#(more)"source":{"type":"image","share":"images",\#(source)"path":"\#(path)"}}"#)
        return try stage.ask(.attach(wish, nil, attachedTargets: holder))
    }

    private func make(_ script: String) throws {
        try stage.run("cd /mnt/images; truncate -s 4M a.img; mkfs.ext4 -q -F a.img; \(script)")
    }

    @Test("ext4 in a file, written to, detached, and its loop device free again")
    func readWrite() throws {
        // A name of its own: losetup shows the loop devices of the whole machine, those of the tests beside this one, too.
        try make("mv a.img written.img")
        let outcome = try attach("written.img")
        let id = try #require(outcome.mountID, "\(outcome)")
        let line = try stage.run("echo hello >/mnt/disk/file; grep ' /mnt/disk ' /proc/self/mountinfo")
        #expect(line.contains("nosuid,nodev,noatime"))
        #expect(line.contains("errors=remount-ro"))
        #expect(try attach("written.img").mountID == id)
        // The kernel lets go of the file when the last one closes the device: another worker may just be looking at all loop devices.
        try stage.run("dev=$(losetup -n -O NAME -j /mnt/images/written.img); (exec 9<$dev; sleep 0.1) >/dev/null 2>&1 &")
        #expect(
            try stage.ask(.detach(try ShareName(validating: "disk"), try target("/mnt/disk"), mountID: id, lazy: false))
                == .detached(stillInUse: false))
        let again = try attach("written.img", #""access":"ro","#)
        #expect(again.mountID != nil, "\(again)")
        #expect(try stage.run("cat /mnt/disk/file; grep ' /mnt/disk ' /proc/self/mountinfo").contains("hello\n"))
        #expect(try stage.run("grep ' /mnt/disk ' /proc/self/mountinfo").contains(" ro,nosuid,nodev,noatime "))
    }

    /// One partition of type Linux from sector 1 on, in a master boot record.
    static let partitionTable = """
        printf '\\200\\0\\2\\0\\203\\0\\0\\0\\1\\0\\0\\0\\0\\20\\0\\0' | dd of=table.img bs=1 seek=446 conv=notrunc status=none; \
        printf '\\125\\252' | dd of=table.img bs=1 seek=510 conv=notrunc status=none
        """

    @Test("a share that holds an attached image stays, and the image is named")
    func holdsImage() throws {
        // A name of its own: loop devices are the whole machine's, and other tests have images at the same path.
        try make("mv a.img held.img")
        #expect(try attach("held.img").mountID != nil)
        let line = try stage.run("grep ' /mnt/images ' /proc/self/mountinfo")
        let id = try #require(line.split(separator: " ").first.flatMap { Int64($0) })
        let cause = try #require(
            try stage.ask(.detach(try ShareName(validating: "images"), try target("/mnt/images"), mountID: id, lazy: false)).cause)
        #expect(cause.code == .targetBusy)
        #expect(cause.evidence.contains { $0.mentionsHeldImage })
    }

    @Test("XFS images made from one template: the second is told so, and attached with the option that is named")
    func template() throws {
        // What mkfs.xfs asks for before it makes a small one.
        let small = "TEST_DIR=x TEST_DEV=x QA_CHECK_FS=x"
        try stage.run("cd /mnt/images; truncate -s 32M t1.img; \(small) mkfs.xfs -q -f t1.img; cp --sparse=always t1.img t2.img")
        let first = try attach("t1.img")
        #expect(first.mountID != nil, "\(first)")
        let cause = try #require(try attach("t2.img", name: "other").cause)
        #expect(cause.code == .alreadyAttached && cause.errno == "EINVAL", "\(cause)")
        #expect(cause.remedy.first?.contains("options: {nouuid: true}") == true)
        let second = try attach("t2.img", #""options":{"nouuid":true},"#, name: "other")
        #expect(second.mountID != nil, "\(second)")
    }

    @Test("one image is not written to from two sides")
    func twice() throws {
        try make("")
        #expect(try attach("a.img").mountID != nil)
        #expect(try attach("a.img", name: "other").cause?.code == .alreadyAttached)
    }

    @Test(
        "what is no sound image has a cause of its own",
        arguments: [
            ("none.img", "", "", "", CauseCode.imageNotFound), ("a.img/x", "", "", "", .imageNotFound),
            ("folder", "mkdir folder", "", "", .imageNotFound), ("link.img", "ln -s a.img link.img", "", "", .imageNotFound),
            ("link/a.img", "ln -s . link", "", "", .imageNotFound), ("pipe.img", "mkfifo pipe.img", "", "", .imageNotFound),
            ("zero.img", "truncate -s 1M zero.img", "", "", .imageUnrecognized), ("empty.img", ": >empty.img", "", "", .imageUnrecognized),
            ("swap.img", "truncate -s 1M swap.img; mkswap -q swap.img", "", "", .imageUnrecognized),
            ("both.img", "cp a.img both.img; printf -- -rom1fs- | dd of=both.img conv=notrunc status=none", "", "", .imageUnrecognized),
            ("table.img", "truncate -s 4M table.img; \(Self.partitionTable)", "", "", .imageUnrecognized),
            ("a.img", "", "", #""filesystem":"xfs","#, .imageUnrecognized),
            (
                "bad.img", "cp a.img bad.img; dd if=/dev/zero of=bad.img bs=1k seek=2 count=200 conv=notrunc status=none", "", "",
                .imageDamaged
            ),
        ])
    func unsound(_ path: String, _ script: String, _ more: String, _ source: String, _ code: CauseCode) throws {
        try make(script)
        let cause = try #require(try attach(path, more, source: source).cause)
        #expect(cause.code == code, "\(cause)")
        #expect(!cause.remedy.isEmpty)
        #expect(!(try stage.run("cat /proc/self/mountinfo")).contains("/mnt/disk"))
        #expect(try stage.run("ls -d /mnt/disk 2>/dev/null || true") == "")
    }

    @Test("a disk found by its label or UUID; never one that is mounted elsewhere")
    func disk() throws {
        let label = "L\(UInt32.random(in: 0 ... .max))"
        let uuid = try stage.run("cat /proc/sys/kernel/random/uuid").split(separator: "\n").joined()
        try make("mkfs.ext4 -q -F -L \(label) -U \(uuid) a.img")
        let device = try stage.run("losetup --find --show /mnt/images/a.img").split(separator: "\n").joined()
        defer { _ = try? stage.run("losetup -d \(device)") }
        let byLabel = try share(#"{"name":"disk","source":{"type":"image","label":"\#(label)"}}"#)
        let byUUID = try share(#"{"name":"again","source":{"type":"image","uuid":"\#(uuid)"}}"#)
        let outcome = try stage.ask(.attach(byLabel, nil, attachedTargets: [:]))
        let id = try #require(outcome.mountID, "\(outcome)")
        #expect(try stage.run("grep ' /mnt/disk ' /proc/self/mountinfo").contains(" ext4 \(device) "))
        #expect(try stage.ask(.attach(byUUID, nil, attachedTargets: [:])).cause?.code == .alreadyAttached)
        #expect(try stage.ask(.detach(byLabel.name, try target("/mnt/disk"), mountID: id, lazy: false)) == .detached(stillInUse: false))
        let second = try stage.ask(.attach(byUUID, nil, attachedTargets: [:]))
        let other = try #require(second.mountID, "\(second)")
        #expect(try stage.ask(.detach(byUUID.name, try target("/mnt/again"), mountID: other, lazy: false)) == .detached(stillInUse: false))
    }

    @Test("an image in a share that is not attached says which share is missing")
    func missingHolder() throws {
        let wish = try share(#"{"name":"disk","source":{"type":"image","share":"elsewhere","path":"a.img"}}"#)
        let cause = try #require(try stage.ask(.attach(wish, nil, attachedTargets: holder)).cause)
        #expect(cause.code == .imageNotFound)
        #expect(cause.message.contains("elsewhere"))
        let outside = try stage.ask(.attach(wish, nil, attachedTargets: [try ShareName(validating: "elsewhere"): try target("/etc")]))
        #expect(outside.cause?.code == .imageNotFound)
    }

    @Test(
        "a disk that this guest has not",
        arguments: [#""label":"NO-SUCH-LABEL""#, #""uuid":"01234567-89ab-cdef-0123-456789abcdef""#, #""serial":"NO-SUCH-SERIAL""#])
    func missingDisk(_ location: String) throws {
        let wish = try share(#"{"name":"disk","source":{"type":"image",\#(location)}}"#)
        #expect(try stage.ask(.attach(wish, nil, attachedTargets: [:])).cause?.code == .imageNotFound)
    }
}

extension String {
    /// `/dev/loop3 shows /mnt/images/held.img: findmnt /dev/loop3`
    fileprivate var mentionsHeldImage: Bool {
        let device = split(separator: " ").first ?? ""
        return device.hasPrefix("/dev/loop") && hasSuffix(" shows /mnt/images/held.img: findmnt \(device)")
    }
}
