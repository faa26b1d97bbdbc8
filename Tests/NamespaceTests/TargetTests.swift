import Foundation
import ShareModel
import Testing

@Suite("A target is used only when it is safe")
struct TargetTests {
    private func attach(_ stage: Stage, _ path: String, _ name: String = "x") throws -> WorkerOutcome {
        let wish = try share(#"{"name":"\#(name)","target":"\#(path)","source":{"type":"tmpfs","sizeBytes":65536}}"#)
        return try stage.ask(.attach(wish, nil, attachedTargets: [:]))
    }

    private func mounts(_ stage: Stage) throws -> [Substring] {
        try stage.run("cat /proc/self/mountinfo").split(separator: "\n")
    }

    @Test(
        "whatever the host wishes, nothing is mounted where it must not be",
        arguments: [
            ("/etc", "true", CauseCode.targetOutsideRoots), ("/mnt", "true", .targetOutsideRoots), ("/mntx/a", "true", .targetOutsideRoots),
            ("/mnt/link", "ln -s /etc /mnt/link", .targetSymlink), ("/mnt/link/a", "ln -s /etc /mnt/link", .targetSymlink),
            ("/mnt/a/link/b", "mkdir /mnt/a; ln -s / /mnt/a/link", .targetSymlink),
            ("/mnt/dangling", "ln -s /nowhere /mnt/dangling", .targetSymlink),
            ("/mnt/self/root", "ln -s /proc/self /mnt/self", .targetSymlink), ("/mnt/file", "touch /mnt/file", .targetNotDirectory),
            ("/mnt/file/a", "touch /mnt/file", .targetNotDirectory), ("/mnt/fifo", "mkfifo /mnt/fifo", .targetNotDirectory),
            ("/mnt/full", "mkdir -p /mnt/full/a", .targetNotEmpty),
            ("/mnt/hidden", "mkdir /mnt/hidden; touch /mnt/hidden/.x", .targetNotEmpty),
            ("/mnt/foreign", "mkdir /mnt/foreign; mount -t tmpfs -o nosuid,nodev,noatime tmpfs /mnt/foreign", .foreignMount),
            ("/mnt/open/a", "mkdir /mnt/open; chmod 777 /mnt/open", .permissionDenied),
            ("/mnt/group/a", "mkdir /mnt/group; chgrp 1000 /mnt/group; chmod 775 /mnt/group", .permissionDenied),
            ("/mnt/hers/a", "mkdir /mnt/hers; chown 1000 /mnt/hers", .permissionDenied),
        ])
    func refused(_ path: String, _ before: String, _ code: CauseCode) throws {
        let stage = try Stage()
        try stage.run(before)
        let mounted = try mounts(stage)
        let cause = try #require(try attach(stage, path).cause)
        #expect(cause.code == code)
        #expect(!cause.remedy.isEmpty)
        #expect(try mounts(stage) == mounted)
    }

    @Test("missing directories are made, root's, and for everybody to look into")
    func made() throws {
        let stage = try Stage()
        #expect(try attach(stage, "/mnt/a/b/c").mountID != nil)
        #expect(try stage.run("stat -c '%U %a' /mnt/a /mnt/a/b") == "root 755\nroot 755\n")
    }

    @Test("a directory that only sticks is no danger, and one with blanks and umlauts is a name like any other")
    func harmless() throws {
        let stage = try Stage()
        try stage.run("mkdir /mnt/sticky; chmod 1777 /mnt/sticky")
        #expect(try attach(stage, "/mnt/sticky/a", "a").mountID != nil)
        #expect(try attach(stage, "/mnt/with blank/größe 🗂 #x", "b").mountID != nil)
        #expect(try stage.run("cat /run/mount/utab").contains("x-shareagent.name=b"))
        let wish = try share(#"{"name":"b","target":"/mnt/with blank/größe 🗂 #x","source":{"type":"tmpfs","sizeBytes":65536}}"#)
        let again = try #require(try stage.ask(.attach(wish, nil, attachedTargets: [:])).mountID)
        #expect(
            try stage.ask(.detach(wish.name, try target("/mnt/with blank/größe 🗂 #x"), mountID: again, lazy: false))
                == .detached(stillInUse: false))
        #expect(!(try stage.run("cat /run/mount/utab")).contains("x-shareagent.name=b"))
    }

    @Test("nothing is mounted over what another program has mounted while the server was asked")
    func mountedMeanwhile() throws {
        let stage = try Stage()
        let listener = try Listener()
        let wish = try share(#"{"name":"n","source":{"type":"nfs","server":"127.0.0.1","export":"/x","port":\#(listener.port)}}"#)
        let running = try stage.start(.attach(wish, nil, attachedTargets: [:]))
        try listener.awaitConnection()
        try stage.run("mkdir /mnt/n; mount -t tmpfs theirs /mnt/n")
        try listener.answer()
        let cause = try #require(try running.outcome(within: 60)?.cause)
        #expect(cause.code == .foreignMount && cause.evidence.contains { $0.hasSuffix(": tmpfs theirs") }, "\(cause)")
        #expect(try mounts(stage).filter { $0.contains(" /mnt/n ") }.count == 1)
    }

    /// A mount helper as others see it: what it makes is there, and answers nobody. While it works, another program mounts at the target.
    private static func slowHelper(_ folder: String) -> String {
        """
        #!/bin/sh
        python3 \(folder)/silent.py "$2" "$1" 3>>\(folder)/ready >/dev/null 2>&1 &
        echo $! >\(folder)/pid
        until grep -q ready \(folder)/ready; do sleep 0.05; done
        mount -t tmpfs theirs /mnt/g
        """
    }

    @Test("what a helper has made is not put over what another program has mounted meanwhile, and does not stay where it was made")
    func mountedMeanwhileOverHelper() throws {
        let stage = try Stage()
        let (second, third) = (UInt32.random(in: 1...254), UInt32.random(in: 1...254))
        let listener = try Listener(at: 0x7F00_0001 | second << 16 | third << 8, port: 24007)
        let silent = HangTests.silentFilesystem.replacingOccurrences(of: #"b"silent""#, with: "sys.argv[2].encode()")
            .replacingOccurrences(of: "fuse.silent", with: "fuse.glusterfs")
        try silent.write(toFile: "\(stage.folder)/silent.py", atomically: true, encoding: .utf8)
        try Self.slowHelper(stage.folder).write(toFile: "\(stage.folder)/helper", atomically: true, encoding: .utf8)
        try stage.run("mkdir /mnt/g; chmod 755 \(stage.folder)/helper; mount --bind \(stage.folder)/helper /sbin/mount.glusterfs")
        defer { _ = try? stage.run("kill $(cat \(stage.folder)/pid)") }
        let source = #"{"type":"glusterfs","servers":["127.\#(second).\#(third).1"],"volume":"v"}"#
        let cause = try withExtendedLifetime(listener) {
            try #require(try stage.ask(.attach(try share(#"{"name":"g","source":\#(source)}"#), nil, attachedTargets: [:])).cause)
        }
        #expect(cause.code == .foreignMount && cause.evidence.contains { $0.hasSuffix(": tmpfs theirs") }, "\(cause)")
        #expect(try mounts(stage).filter { $0.contains(" /mnt/g ") }.count == 1)
        #expect(try mounts(stage).allSatisfy { !$0.contains("/run/shareagent/attaching") })
    }

    @Test("a command that people are told takes the host's name of a target for a name")
    func quoted() throws {
        let stage = try Stage()
        try stage.run("mkdir '/mnt/a;reboot'; mount -t tmpfs theirs '/mnt/a;reboot'")
        let cause = try #require(try attach(stage, "/mnt/a;reboot").cause)
        #expect(cause.code == .foreignMount && cause.remedy.first == "findmnt '/mnt/a;reboot'")
        #expect(cause.remedy.contains("unmount it if it is not needed: umount '/mnt/a;reboot'"))
        try stage.run("mkdir -p '/mnt/$(reboot)/x'")
        let full = try #require(try attach(stage, "/mnt/$(reboot)").cause)
        #expect(full.code == .targetNotEmpty && full.remedy.first == "look at it: ls -la '/mnt/$(reboot)'")
    }

    @Test("two shares that want one target: the first one stays")
    func twoShares() throws {
        let stage = try Stage()
        let first = try #require(try attach(stage, "/mnt/a", "first").mountID)
        #expect(try attach(stage, "/mnt/a", "second").cause?.code == .foreignMount)
        #expect(try attach(stage, "/mnt/a", "first").mountID == first)
    }

    @Test("a failed attach leaves no directory behind")
    func nothingLeft() throws {
        let stage = try Stage()
        let absent = try share(#"{"name":"v","source":{"type":"virtiofs","tag":"none"}}"#)
        #expect(try stage.ask(.attach(absent, nil, attachedTargets: [:])).cause != nil)
        let unknown = try share(#"{"name":"n","source":{"type":"nfs","server":"name.invalid","export":"/x"}}"#)
        #expect(try stage.ask(.attach(unknown, nil, attachedTargets: [:])).cause?.code == .nameResolutionFailed)
        #expect(try stage.run("ls /mnt") == "")
    }

    @Test("the policy of root's files holds, not the daemon's word")
    func policy() throws {
        let stage = try Stage(
            policy:
                "  roots: [/mnt/allowed]\n  defaultRoot: /mnt/allowed\n  allowNonEmptyTarget: true\n  allowExec: false\n  types: [tmpfs]")
        #expect(try attach(stage, "/mnt/other").cause?.code == .targetOutsideRoots)
        try stage.run("mkdir -p /mnt/allowed/full/a")
        #expect(try attach(stage, "/mnt/allowed/full").mountID != nil)
        #expect(try stage.run("grep /mnt/allowed/full /proc/self/mountinfo").contains("nosuid,nodev,noexec,noatime"))
        let nfs = try share(#"{"name":"n","source":{"type":"nfs","server":"127.0.0.1","export":"/x"}}"#)
        #expect(try stage.ask(.attach(nfs, nil, attachedTargets: [:])).cause?.code == .sourceRefused)
    }

    @Test("a policy that cannot be understood allows nothing")
    func brokenPolicy() throws {
        let stage = try Stage(policy: "  rotos: [/mnt]")
        let cause = try #require(try attach(stage, "/mnt/a").cause)
        #expect(cause.message.contains("rotos"))
        #expect(try stage.run("ls /mnt") == "")
    }

    @Test("a name that leads past the policy's networks is refused by its address")
    func poisonedName() throws {
        let stage = try Stage(policy: "  servers: [localhost, 10.77.0.0/24]")
        let wish = try share(#"{"name":"n","source":{"type":"nfs","server":"localhost","export":"/x"}}"#)
        #expect(try stage.ask(.attach(wish, nil, attachedTargets: [:])).cause?.code == .sourceRefused)
    }
}
