import LinuxSystem
import ShareModel
import Testing

@Suite("A mount that stands is changed for real")
struct MountChangeTests {
    let stage: Stage
    let place: Target

    init() throws {
        stage = try Stage()
        place = try target("/mnt/scratch")
    }

    private func scratch(_ more: String = "", size: Int = 1_048_576) throws -> Share {
        try share(#"{"name":"scratch","source":{"type":"tmpfs","sizeBytes":\#(size)}\#(more.isEmpty ? "" : ",")\#(more)}"#)
    }

    private func attach(_ share: Share) throws -> StandingMount {
        let outcome = try stage.ask(.attach(share, nil, attachedTargets: [:]))
        return StandingMount(share, at: place, mountID: try #require(outcome.mountID, "\(outcome)"))
    }

    private func line() throws -> String { try stage.run("grep ' /mnt/scratch ' /proc/self/mountinfo") }

    @Test("read-only and back, with what is in it, under the same mount id")
    func access() throws {
        let mount = try attach(try scratch())
        try stage.run("echo kept > /mnt/scratch/file")
        let readOnly = try scratch(#""access":"ro","mount":{"exec":false}"#)
        guard case .remounted(let options, let warnings) = try stage.ask(.change(mount, .remount(as: readOnly))) else {
            Issue.record("not remounted")
            return
        }
        #expect(options["ro"] == "")
        #expect(warnings.isEmpty)
        #expect(try line().contains(" / /mnt/scratch ro,nosuid,nodev,noexec,noatime "))
        #expect(try line().hasPrefix("\(mount.mountID) "))
        let back = StandingMount(readOnly, at: place, mountID: mount.mountID)
        let outcome = try stage.ask(.change(back, .remount(as: try scratch())))
        #expect(outcome.cause == nil, "\(outcome)")
        #expect(try line().contains(" / /mnt/scratch rw,nosuid,nodev,noatime "))
        #expect(try stage.run("cat /mnt/scratch/file") == "kept\n")
    }

    @Test("one that was mounted read-only becomes writable")
    func unlocked() throws {
        let mount = try attach(try scratch(#""access":"ro""#))
        let outcome = try stage.ask(.change(mount, .remount(as: try scratch())))
        #expect(outcome.cause == nil, "\(outcome)")
        try stage.run("echo x > /mnt/scratch/file")
    }

    @Test("a tmpfs grows, also while it is read-only, and keeps what is in it")
    func size() throws {
        let mount = try attach(try scratch())
        try stage.run("echo kept > /mnt/scratch/file")
        let bigger = try scratch(#""access":"ro""#, size: 4_194_304)
        let outcome = try stage.ask(.change(mount, .remount(as: bigger)))
        #expect(outcome.cause == nil, "\(outcome)")
        #expect(try line().contains("size=4096k"))
        #expect(try line().contains(" ro,"))
        #expect(try stage.run("cat /mnt/scratch/file") == "kept\n")
    }

    @Test("with a file open for writing it is not made read-only, and who holds it is named")
    func inUse() throws {
        let mount = try attach(try scratch())
        let writer = try stage.start(user: "exec sleep 60 >> /mnt/scratch/open")
        defer { try? writer.killGroup() }
        let cause = try #require(try stage.ask(.change(mount, .remount(as: try scratch(#""access":"ro""#)))).cause)
        #expect(cause.code == .targetBusy)
        #expect(cause.evidence.contains { $0.contains("sleep") })
        #expect(try line().contains(" rw,"))
    }

    @Test("what the kernel cannot change is refused by name, and nothing changes")
    func refused() throws {
        let mount = try attach(try scratch())
        let cause = try #require(try stage.ask(.change(mount, .remount(as: try scratch(#""options":{"mode":"0711"}"#)))).cause)
        #expect(cause.code == .optionRefused)
        #expect(cause.message.contains("'mode'"))
        #expect(try line().contains("mode=700"))
    }

    @Test("a tmpfs with files in it is not taken away for a change; an empty one is")
    func retired() throws {
        let mount = try attach(try scratch())
        try stage.run("echo kept > /mnt/scratch/file")
        let cause = try #require(try stage.ask(.change(mount, .retire)).cause)
        #expect(cause.code == .targetBusy)
        #expect(try stage.run("cat /mnt/scratch/file") == "kept\n")
        try stage.run("rm /mnt/scratch/file")
        #expect(try stage.ask(.change(mount, .retire)) == .detached(stillInUse: false))
    }

    @Test("another mount that has come over it is not touched")
    func foreign() throws {
        let mount = try attach(try scratch())
        try stage.run("mount -t tmpfs other /mnt/scratch")
        #expect(try stage.ask(.change(mount, .remount(as: try scratch(#""access":"ro""#)))).cause?.code == .foreignMount)
        #expect(try stage.ask(.change(mount, .endWaiting)).cause?.code == .foreignMount)
        #expect(try stage.run("grep -c ' /mnt/scratch rw' /proc/self/mountinfo") == "2\n")
    }

    @Test("the policy holds for what it would become")
    func policy() throws {
        let strict = try Stage(policy: "  types: [virtiofs]")
        let mount = try attach(try scratch())
        #expect(try strict.ask(.change(mount, .remount(as: try scratch(#""access":"ro""#)))).cause?.code == .sourceRefused)
    }

    @Test("a new mount takes the old one's place")
    func replaced() throws {
        let old = try attach(try scratch())
        let user = try stage.start(user: "exec sleep 60", after: "true")
        defer { try? user.killGroup() }
        let outcome = try stage.ask(.change(old, .replace(as: try scratch(size: 2_097_152))))
        #expect(outcome.mountID != nil, "\(outcome)")
        #expect(try line().contains("size=2048k"))
        #expect(try stage.run("grep -c ' /mnt/scratch ' /proc/self/mountinfo") == "1\n")
    }

    @Test("a share inside another one's tree: its directory is made there, and it goes first")
    func nested() throws {
        let outer = try attach(try scratch())
        let inner = try share(#"{"name":"inner","target":"/mnt/scratch/deep/inner","source":{"type":"tmpfs","sizeBytes":1048576}}"#)
        let id = try #require(try stage.ask(.attach(inner, nil, attachedTargets: [:])).mountID)
        let busy = try stage.ask(.detach(outer.share.name, place, mountID: outer.mountID, lazy: false)).cause
        #expect(busy?.code == .targetBusy)
        #expect(busy?.evidence.contains { $0.contains("/mnt/scratch/deep/inner") } == true)
        let innerPlace = try target("/mnt/scratch/deep/inner")
        #expect(try stage.ask(.detach(inner.name, innerPlace, mountID: id, lazy: false)) == .detached(stillInUse: false))
        #expect(try stage.ask(.detach(outer.share.name, place, mountID: outer.mountID, lazy: false)) == .detached(stillInUse: false))
    }
}
