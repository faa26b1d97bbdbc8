import ShareKinds
import ShareModel
import Testing

@Suite("An explanation tells what was asked, what is in force and why they differ")
struct ExplanationTests {
    private func told(_ share: Share, _ options: [String: String], _ more: (inout ReadBack) -> Void = { _ in }) throws -> Explanation {
        var back = ReadBack(options: options, kernel: "6.1.0-50-amd64")
        more(&back)
        return try MountPlan.make(share, policy: .standard).explanation(of: share, readBack: back)
    }

    private func option(_ name: String, _ told: Explanation) throws -> Explanation.Option {
        try #require(told.options.first { $0.name == name }, "\(name) is not told")
    }

    /// As a Debian 12 guest shows a mount of a small Linux server.
    private let mounted = [
        "vers": "4.1", "rsize": "131072", "wsize": "131072", "namlen": "255", "acregmin": "3", "acregmax": "60", "acdirmin": "30",
        "acdirmax": "60", "softerr": "", "softreval": "", "proto": "tcp", "timeo": "600", "retrans": "2", "sec": "sys",
        "clientaddr": "10.77.0.2", "local_lock": "none", "addr": "10.77.0.1", "rw": "", "nosuid": "", "nodev": "", "noatime": "",
    ]

    @Test("a server that takes less than was asked for is named, with what changes it there")
    func clamped() throws {
        let told = try told(try nfs(), mounted) {
            $0.readAheadKiB = 4096
            $0.leaseSeconds = 90
            $0.connections = 1
        }
        let rsize = try option("rsize", told)
        #expect(rsize.requested == "1048576" && rsize.effective == "131072" && rsize.origin == .standard)
        #expect(rsize.difference?.mentions("echo 1048576 >/proc/fs/nfsd/max_block_size") == true)
        let version = try option("vers", told)
        #expect(version.requested == "4.1" && version.difference == nil, "of a walk the version in force counts")
        #expect(told.negotiated.first { $0.name == "version" }?.note != nil)
        #expect(told.negotiated.first { $0.name == "keepalive" }?.state == "after 30 s of silence, then every 30 s, given up after 3")
        #expect(try option("softerr", told).effective == "")
        #expect(try option("read_ahead_kb", told).difference == nil)
        let kernels = told.options.filter { $0.origin == .kernel }
        #expect(kernels.allSatisfy { $0.requested == nil && $0.effective != nil && !$0.why.isEmpty })
        #expect(kernels.map(\.name).contains("namlen") && !kernels.map(\.name).contains("rw"))
    }

    @Test("what somebody else decided is told: another mount's connections, a read-ahead that was set back, a hard mount")
    func decidedElsewhere() throws {
        var options = mounted
        options["softerr"] = nil
        options["hard"] = ""
        let told = try told(try nfs([.init("version", "4.1")], [.init("profile", "throughput")]), options) {
            $0.readAheadKiB = 128
            $0.connections = 1
        }
        #expect(try option("nconnect", told).effective == "1")
        #expect(try option("nconnect", told).difference?.mentions("first mount from a server decides") == true)
        #expect(try option("read_ahead_kb", told).difference?.mentions("udev") == true)
        #expect(try option("softerr", told).effective == "hard")
        #expect(!told.options.contains { $0.name == "hard" }, "a group is one row")
    }

    @Test("actimeo is put together from the four times that the kernel shows")
    func attributeTimes() throws {
        var options = mounted
        for name in ["acregmin", "acregmax", "acdirmin", "acdirmax"] { options[name] = "60" }
        let told = try told(try nfs([], [.init("profile", "metadata")]), options)
        #expect(try option("actimeo", told).effective == "60")
        #expect(try option("actimeo", told).difference == nil)
    }

    struct Alive: Sendable {
        let lease: Int?
        let kernel: String
        let wished: Int
        let inForce: String
        let advice: String?
    }

    @Test(
        "a wished keepalive is met where the server's lease gives it, else the lease that would is named",
        arguments: [
            Alive(lease: nil, kernel: "6.1.0", wished: 60, inForce: "after 60 s", advice: nil),
            Alive(lease: nil, kernel: "6.1.0", wished: 30, inForce: "after 60 s", advice: "always has 60"),
            Alive(lease: 90, kernel: "6.1.0-50-amd64", wished: 30, inForce: "after 30 s", advice: nil),
            Alive(lease: 90, kernel: "6.1.0-50-amd64", wished: 60, inForce: "after 30 s", advice: "echo 180 >"),
            Alive(lease: 90, kernel: "6.1.0-50-amd64", wished: 20, inForce: "after 30 s", advice: "echo 60 >"),
            Alive(lease: 90, kernel: "6.12.107+deb13-amd64", wished: 60, inForce: "after 90 s", advice: "echo 60 >"),
            Alive(lease: 60, kernel: "6.12.107+deb13-amd64", wished: 60, inForce: "after 60 s", advice: nil),
            Alive(lease: 180, kernel: "6.12.1", wished: 60, inForce: "after 60 s", advice: nil),
            Alive(lease: 90, kernel: "6.1.0", wished: 300, inForce: "after 30 s", advice: "60 at most"),
        ])
    func keepalive(_ alive: Alive) throws {
        let sentence = MountPlan.keepaliveShortfall(wished: alive.wished, leaseSeconds: alive.lease, kernel: alive.kernel)
        guard let advice = alive.advice else {
            #expect(sentence == nil)
            return
        }
        #expect(sentence?.mentions(alive.inForce) == true && sentence?.mentions(advice) == true, "\(sentence ?? "nothing")")
    }

    @Test("SMB: encryption that the server imposes is in force though no option says so; an own connection, channels and dialect are told")
    func smbConnection() throws {
        let share = try smb([.init("channels", 4)], [.init("credential", "u"), .init("profile", "metadata")])
        let told = try told(share, ["vers": "3.1.1", "soft": "", "rsize": "4194304", "file_mode": "0640", "echo_interval": "10"]) {
            $0.smb = ReadBack.SMBState(dialect: "3.1.1", isSigned: false, isEncrypted: true, channels: 2, isOwnSocket: false)
        }
        #expect(told.negotiated.first { $0.name == "encryption" }?.note == "not asked for: the server imposes it")
        #expect(told.negotiated.first { $0.name == "dialect" }?.state == "3.1.1")
        #expect(try option("sign", told).difference == nil, "encryption proves as much")
        #expect(try option("max_channels", told).effective == "2")
        #expect(try option("max_channels", told).difference != nil)
        #expect(try option("nosharesock", told).effective == "shared")
        #expect(try option("rsize", told).origin == .kernel)
        #expect(try option("file_mode", told).difference == nil)
    }

    @Test("sizes and modes are the same in both spellings")
    func spellings() throws {
        let told = try told(try tmpfs(), ["size": "1024k", "nr_inodes": "1024", "mode": "700", "inode64": ""])
        #expect(told.options.allSatisfy { $0.difference == nil }, "\(told.options.filter { $0.difference != nil })")
        #expect(try option("size", told).effective == "1024k")
    }

    @Test("9p: a message size that the queue does not carry is told; the cache mode is found as a flag")
    func ninep() throws {
        let share = try share([.init("type", "9p"), .init("tag", "t"), .init("msize", 1_048_576)])
        let told = try told(share, ["dirsync": "", "mmap": "", "access": "client", "msize": "512000", "trans": "virtio"])
        #expect(try option("cache", told).effective == "mmap")
        #expect(try option("cache", told).difference == nil)
        #expect(try option("msize", told).difference?.mentions("512000") == true)
        #expect(!told.options.contains { $0.origin == .kernel }, "\(told.options.filter { $0.origin == .kernel }.map(\.name))")
    }

    @Test("the way by hand holds no secret, and is quoted for a shell")
    func byHand() throws {
        let named = try share(
            [.init("type", "smb"), .init("server", "nas"), .init("share", "my team")],
            [.init("credential", "u"), .init("target", "/mnt/it's")])
        let commands = try MountPlan.make(named, policy: .standard).explanation(of: named, readBack: nil).commands
        #expect(commands[0] == #"mkdir -p '/mnt/it'\''s'"#)
        #expect(commands[1] == "ADDRESS=$(getent ahosts nas | awk '{print $1; exit}')")
        #expect(commands[2].hasPrefix("mount -t cifs -o rw,nosuid,nodev,noatime,credentials=/root/projects.credentials,"))
        #expect(commands[2].hasSuffix(#",ip="$ADDRESS" '//nas/my team' '/mnt/it'\''s'"#))
        let plain = try nfs([], [.init("access", "ro")])
        let told = try MountPlan.make(plain, policy: .standard).explanation(of: plain, readBack: nil)
        #expect(told.commands[1].hasPrefix("mount -i -t nfs -o ro,nosuid,nodev,noatime,proto=tcp,"))
        #expect(told.commands[1].hasSuffix(",vers=4.2,addr=10.77.0.1 10.77.0.1:/projects /mnt/projects"))
        #expect(told.commands[2] == "udevadm settle; echo 4096 >/sys/class/bdi/$(mountpoint -d /mnt/projects)/read_ahead_kb")
        #expect(told.needs.isEmpty)
    }

    @Test("it survives its JSON")
    func roundTrip() throws {
        var told = try told(try nfs(), mounted)
        told.state = .attached
        told.mountID = 97
        told.cause = Cause(.targetBusy, "m", evidence: ["e"], remedy: ["r"])
        #expect(try Explanation(told.value, at: "") == told)
    }
}

@Suite("What the running kernel does not take")
struct KernelObjectionTests {
    private func plan(_ share: Share, _ objections: [String: KernelObjection]) throws -> MountPlan {
        var facts = MountPlan.Facts()
        facts.objections = objections
        return try MountPlan.make(share, policy: .standard, facts: facts)
    }

    private func code(_ share: Share, _ objections: [String: KernelObjection]) -> CauseCode? {
        do {
            _ = try plan(share, objections)
            return nil
        } catch {
            return (error as? Cause)?.code
        }
    }

    @Test("a tuned option is left out with a warning, once, from every attempt")
    func tuned() throws {
        let plan = try plan(try nfs([], [.init("profile", "coherent")]), ["lookupcache=pos": .unknown])
        #expect(plan.attempts.count == 4)
        #expect(plan.attempts.allSatisfy { !$0.options.contains { $0.name == "lookupcache" } })
        #expect(plan.warnings.filter { $0.mentions("lookupcache=pos") }.count == 1)
        let share = try nfs([], [.init("profile", "coherent")])
        let told = plan.explanation(of: share, readBack: nil).options.filter { $0.name == "lookupcache" }
        #expect(told.count == 1 && told[0].difference?.mentions("left out") == true)
    }

    @Test("what the share wrote is named, by option and by value")
    func written() throws {
        let share = try nfs([], [.init("options", .object([.init("trunkdiscovery", "true"), .init("rsize", "65536")]))])
        #expect(code(share, ["trunkdiscovery": .unknown]) == .optionUnknown)
        #expect(code(share, ["rsize=65536": .refused("Bad value for 'rsize'")]) == .optionRefused)
        #expect(code(share, ["rsize=1048576": .unknown]) == nil, "what is not in the plan is not objected to")
        #expect(code(try nfs([.init("transport", "tls")]), ["xprtsec=tls": .unknown]) == .securityUnsupported)
    }

    @Test("a version that the kernel lacks is not tried, and a share that wants just that one is told")
    func versions() throws {
        let walked = try plan(try nfs(), ["vers=4.2": .refused("Unsupported NFS version"), "vers=3": .unknown])
        #expect(walked.attempts.map(\.label) == ["NFS 4.1", "NFS 4.0"])
        #expect(code(try nfs([.init("version", "4.2")]), ["vers=4.2": .refused("x")]) == .optionRefused)
        let none = Dictionary(uniqueKeysWithValues: ["4.2", "4.1", "4.0", "3"].map { ("vers=\($0)", KernelObjection.unknown) })
        #expect(code(try nfs(), none) == .versionUnsupported)
    }

    @Test("what protects this guest is never left out: then the share is not attached")
    func protection() throws {
        let signed = try smb([], [.init("credential", "u")])
        #expect(code(signed, ["sign": .unknown]) == .optionUnknown)
        #expect(code(signed, ["nodfs": .unknown]) == .optionUnknown)
        #expect(code(signed, ["nosharesock": .unknown]) == nil)
    }

    @Test("each spelling is asked about once")
    func questions() throws {
        let spellings = try plan(try nfs(), [:]).questions.map(\.spelling)
        #expect(Set(spellings).count == spellings.count)
        #expect(spellings.contains("vers=4.2") && spellings.contains("vers=3") && spellings.contains("nolock") == false)
    }
}
