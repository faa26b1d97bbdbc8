import LinuxSystem
import ShareKinds
import ShareModel
import Testing

@testable import Worker

@Suite("What the worker decides without touching anything")
struct WorkerTests {
    @Test(
        "a server's address is held against the policy's addresses and networks; names alone say nothing about it",
        arguments: [
            (nil, "10.0.0.1", true), (["nas"], "10.0.0.1", true), (["10.0.0.1"], "10.0.0.1", true), (["10.0.0.2"], "10.0.0.1", false),
            (["nas", "10.77.0.0/24"], "10.77.0.9", true), (["nas", "10.77.0.0/24"], "10.77.1.9", false), (["fd00::/8"], "fd00::1", true),
            (["fd00::/8"], "10.0.0.1", false), (["0.0.0.0/0"], "10.0.0.1", true), ([], "10.0.0.1", true),
        ] as [([String]?, String, Bool)])
    func addresses(_ servers: [String]?, _ address: String, _ isAllowed: Bool) throws {
        var policy = Policy.standard
        policy.servers = servers
        #expect(ServerAddress.allows(try #require(Address(address)), policy) == isAllowed)
    }

    @Test("a target that is called like a variable of the environment comes to a unit as it is written")
    func dollars() {
        #expect(HelperRun.unexpanded(Array("/mnt/${HOME}/$x$".utf8)) == Array("/mnt/$${HOME}/$$x$$".utf8))
        #expect(HelperRun.unexpanded(Array("/mnt/x".utf8)) == Array("/mnt/x".utf8))
    }

    @Test("each monitor's address has to be allowed, not the first one's alone")
    func monitors() throws {
        let source = Value.object([
            .init("type", "cephfs"), .init("monitors", .array(["127.0.0.2:9", "localhost:9"])),
        ])
        let share = try Share(.object([.init("name", "c"), .init("source", source)]), at: "")
        var policy = Policy.standard
        policy.servers = ["127.0.0.2", "::2", "localhost"]
        // Named by a rule, and yet at an address that none names: a name is no way round the addresses.
        #expect(policy.refusal(of: share) == nil)
        let plan = try MountPlan.make(share, policy: policy)
        let refused = #expect(throws: Cause.self) { try ServerAddress.reached(by: plan, policy: policy) }
        #expect(refused?.code == .sourceRefused && refused?.message.contains("localhost") == true)
        policy.servers = ["127.0.0.2"]
        #expect(policy.refusal(of: share)?.code == .sourceRefused)
    }

    private func nfs(_ export: String) throws -> MountPlan {
        let source = Value.object([.init("type", "nfs"), .init("server", "10.77.0.1"), .init("export", .string(export))])
        let share = try Share(.object([.init("name", "n"), .init("source", source)]), at: "")
        return try MountPlan.make(share, policy: .standard)
    }

    private func mount(_ id: UInt64, _ fstype: String, _ source: String) -> MountEntry {
        MountEntry(
            mountID: id, parentID: 1, device: DeviceNumber(major: 0, minor: 1), root: Array("/".utf8), target: Array("/mnt/n".utf8),
            options: [], propagation: MountPropagation(), fstype: Array(fstype.utf8), source: Array(source.utf8), superOptions: [])
    }

    @Test("a mount that was not there before is known as the one that was made, also where its server calls it otherwise")
    func renamed() throws {
        let before = MountTable(entries: [mount(7, "nfs4", "10.77.0.1:/srv/link")])
        func isMade(_ id: UInt64, _ fstype: String, _ source: String) throws -> Bool {
            AttachTask.isMade(mount(id, fstype, source), try nfs("/srv/link"), before: before)
        }
        #expect(try isMade(8, "nfs4", "10.77.0.1:/srv/link"))
        // NFS 4 shows what a symbolic link in the export's path leads to.
        #expect(try isMade(8, "nfs4", "10.77.0.1:/srv/real"))
        #expect(try !isMade(7, "nfs4", "10.77.0.1:/srv/real") && !isMade(7, "nfs4", "10.77.0.1:/srv/link"))
        #expect(try !isMade(8, "cifs", "10.77.0.1:/srv/link") && !isMade(8, "tmpfs", "tmpfs"))
        let memory = try Share(
            .object([.init("name", "n"), .init("source", .object([.init("type", "tmpfs"), .init("sizeBytes", 65536)]))]), at: "")
        let plan = try MountPlan.make(memory, policy: .standard)
        #expect(AttachTask.isMade(mount(8, "tmpfs", "tmpfs"), plan, before: before))
        #expect(!AttachTask.isMade(mount(8, "tmpfs", "other"), plan, before: before))
    }

    @Test("where lines of the kernel's log were lost, a refused password is not taken for one that was accepted")
    func lostLines() throws {
        let source = Value.object([.init("type", "smb"), .init("server", "nas"), .init("share", "team")])
        let share = try Share(.object([.init("name", "n"), .init("source", source), .init("credential", "c")]), at: "")
        let plan = try MountPlan.make(share, policy: .standard)
        func code(_ lines: [String], areAll: Bool) -> CauseCode {
            let seen = MountEvidence.own(lines, by: plan.log, 13, plan.attempts[0], isAlone: true, areAll: areAll)
            let failure = MountFailure(
                errno: 13, errnoName: "EACCES", errnoText: "", attempt: "cifs", kernelLog: seen.own, logIsWhole: seen.areAll)
            return plan.cause(of: failure, source: share.source).code
        }
        let begun = #"CIFS: Attempting to mount \\nas\team"#
        // What a stranger was told, whose beginning was lost.
        let denied = "CIFS: Status code returned 0xc0000022 STATUS_ACCESS_DENIED"
        #expect(code([begun], areAll: true) == .accessDenied && code([begun, denied], areAll: true) == .accessDenied)
        for lines in [[], [begun], [begun, denied], [denied]] { #expect(code(lines, areAll: false) == .credentialRejected, "\(lines)") }
    }

    @Test("a request that MNT_FORCE has ended is a server that does not answer, not a fault of a disk")
    func ended() throws {
        let target = try Target(validating: "/mnt/a")
        let task = ProbeTask(share: try ShareName(validating: "a"), target: target, mountID: 1, readAheadKiB: nil)
        #expect(task.cause(of: SystemCallError(call: "statx", errno: 512)).code == .serverStoppedAnswering)
        #expect(task.cause(of: SystemCallError(call: "statx", errno: 5)).code == .ioError)
    }

    @Test(
        "the kernel's escapes in its log are undone once, and nothing else is",
        arguments: [
            (#"CIFS: \x5c\x5cnas\x5cteam"#, #"CIFS: \\nas\team"#), ("plain", "plain"), (#"\x"#, #"\x"#), (#"\x5"#, #"\x5"#),
            (#"\xzz"#, #"\xzz"#),
            (#"\x5cx41"#, #"\x41"#), ("", ""), (#"\x41"#, "A"),
        ])
    func escapes(_ written: String, _ meant: String) {
        #expect(String(decoding: MountEvidence.plain(Array(written.utf8)), as: UTF8.self) == meant)
    }
}
