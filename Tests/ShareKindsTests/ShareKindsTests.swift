import ShareKinds
import ShareModel
import Testing

/// A share as it would be written, from its source and what else is said.
func share(_ source: [Value.Member], _ rest: [Value.Member] = []) throws -> Share {
    try Share(.object([Value.Member("name", "projects"), Value.Member("source", .object(source))] + rest), at: "")
}

func nfs(_ fields: [Value.Member] = [], _ rest: [Value.Member] = []) throws -> Share {
    try share([.init("type", "nfs"), .init("server", "10.77.0.1"), .init("export", "/projects")] + fields, rest)
}

func smb(_ fields: [Value.Member] = [], _ rest: [Value.Member] = []) throws -> Share {
    try share([.init("type", "smb"), .init("server", "nas"), .init("share", "team")] + fields, rest)
}

func virtiofs(_ rest: [Value.Member] = []) throws -> Share {
    try share([.init("type", "virtiofs"), .init("tag", "files")], rest)
}

func tmpfs(_ rest: [Value.Member] = []) throws -> Share {
    try share([.init("type", "tmpfs"), .init("sizeBytes", 1_048_576)], rest)
}

let alice = Credential.password(username: "alice", domain: nil, password: Secret(copying: "secret".utf8))

extension MountPlan {
    /// The option string of an attempt as text.
    func text(_ index: Int = 0, _ credential: Credential? = nil) throws -> String {
        let data = try data(for: attempts[index], address: address?.option == nil ? nil : Address("10.77.0.1"), credential: credential)
        return data.withBytes { String(decoding: $0, as: UTF8.self) }
    }

    var flagNames: [String] { flagOptions.map(\.name).sorted() }
}

@Suite("Plans are made of tuned options, each with its reason")
struct PlanTests {
    @Test("virtiofs has no options of its own, and a read-ahead that fits its ring")
    func plainVirtiofs() throws {
        let plan = try MountPlan.make(try virtiofs(), policy: .standard)
        #expect(plan.fstype == "virtiofs")
        #expect(plan.source == Array("files".utf8))
        #expect(try plan.text() == "")
        #expect(plan.flagNames == ["noatime", "nodev", "nosuid"])
        #expect(plan.readAhead?.spelling == "read_ahead_kb=4096")
        #expect(plan.address == nil)
    }

    @Test("NFS walks from 4.2 down and promises an error after 180 seconds for a share that is written to")
    func plainNFS() throws {
        let plan = try MountPlan.make(try nfs(), policy: .standard)
        let common = "addr=10.77.0.1,proto=tcp,softerr,timeo=600,retrans=2,rsize=1048576,wsize=1048576"
        #expect(plan.fstype == "nfs")
        #expect(plan.mountedTypes == ["nfs4", "nfs"])
        #expect(plan.source == Array("10.77.0.1:/projects".utf8))
        #expect(plan.attempts.map(\.label) == ["NFS 4.2", "NFS 4.1", "NFS 4.0", "NFS 3"])
        #expect(try plan.text(0) == "\(common),vers=4.2")
        #expect(try plan.text(2) == "\(common),vers=4.0")
        #expect(try plan.text(3) == "\(common),vers=3,mountproto=tcp")
        #expect(plan.address?.server == "10.77.0.1")
        #expect(plan.address?.port == 2049)
    }

    @Test(
        "what leads nowhere in a path is not spelled for the kernel, which would not show it; '..' is the server's to resolve",
        arguments: [
            ("/srv//data", "/srv/data"), ("/srv/./data", "/srv/data"), ("//srv/data/.", "/srv/data"), ("/", "/"), ("/.", "/"),
            ("/srv/../data", "/srv/../data"), ("/srv/.data/...", "/srv/.data/..."), ("/sr\u{308}v/\u{308}a", "/sr\u{308}v/\u{308}a"),
        ])
    func idleSteps(_ path: String, _ spelled: String) throws {
        let exported = try MountPlan.make(
            try share([.init("type", "nfs"), .init("server", "10.77.0.1"), .init("export", .string(path))]), policy: .standard)
        #expect(exported.source == Array("10.77.0.1:\(spelled)".utf8))
        #expect(exported.recognizes(fstype: "nfs4".utf8, source: "10.77.0.1:\(spelled)".utf8))
        // SMB takes no '..' at all.
        guard !path.split(separator: "/").contains("..") else { return }
        let shared = try MountPlan.make(try smb([.init("path", .string(path))]), policy: .standard)
        #expect(shared.source == Array("//nas/team\(spelled == "/" ? "" : spelled)".utf8))
    }

    @Test("only a source with servers can be called otherwise than it was asked for")
    func renamed() throws {
        let plan = try MountPlan.make(try nfs(), policy: .standard)
        #expect(plan.mayBeRenamed(fstype: "nfs4".utf8) && plan.mayBeRenamed(fstype: "nfs".utf8))
        #expect(!plan.mayBeRenamed(fstype: "tmpfs".utf8))
        for share in [try tmpfs(), try virtiofs()] {
            let plan = try MountPlan.make(share, policy: .standard)
            #expect(!plan.mayBeRenamed(fstype: plan.fstype.utf8))
        }
    }

    @Test(
        "what a share says about NFS becomes the kernel's words",
        arguments: [
            ([Value.Member("version", "4.1")], [], "proto=tcp,softerr,timeo=600,retrans=2,rsize=1048576,wsize=1048576,vers=4.1"),
            (
                [.init("version", "3")], [.init("access", "ro")],
                "proto=tcp,softerr,timeo=150,retrans=2,rsize=1048576,wsize=1048576,vers=3,mountproto=tcp,nolock"
            ),
            (
                [
                    .init("version", "4.2"), .init("security", "krb5p"), .init("port", 20490), .init("connections", 4),
                    .init("transport", "tls"),
                ], [],
                "proto=tcp,softerr,timeo=600,retrans=2,rsize=1048576,wsize=1048576,port=20490,sec=krb5p,xprtsec=tls,nconnect=4,vers=4.2"
            ),
            (
                [.init("version", "4.2")], [.init("failure", "hard")],
                "proto=tcp,hard,timeo=600,retrans=2,rsize=1048576,wsize=1048576,vers=4.2"
            ),
            (
                [.init("version", "4.2")], [.init("giveUpSeconds", 30)],
                "proto=tcp,softerr,timeo=100,retrans=2,rsize=1048576,wsize=1048576,vers=4.2"
            ),
            (
                [.init("version", "4.2")], [.init("giveUpSeconds", 86_400)],
                "proto=tcp,softerr,timeo=2000,retrans=2,rsize=1048576,wsize=1048576,vers=4.2"
            ),
            (
                [.init("version", "4.2")], [.init("profile", "constrained")],
                "proto=tcp,softerr,timeo=600,retrans=2,rsize=131072,wsize=131072,vers=4.2"
            ),
            (
                [.init("version", "4.2")], [.init("profile", "coherent")],
                "proto=tcp,softerr,timeo=600,retrans=2,rsize=1048576,wsize=1048576,actimeo=1,lookupcache=pos,vers=4.2"
            ),
            (
                [.init("version", "4.2")], [.init("profile", "throughput")],
                "proto=tcp,softerr,timeo=600,retrans=2,rsize=1048576,wsize=1048576,nconnect=4,vers=4.2"
            ),
            (
                [.init("version", "4.2")],
                [.init("options", .object(["hard": "", "rsize": "65536", "nocto": true] as KeyValuePairs<String, Value?>))],
                "proto=tcp,hard,timeo=600,retrans=2,rsize=65536,wsize=1048576,nocto,vers=4.2"
            ),
        ] as [([Value.Member], [Value.Member], String)])
    func saidAboutNFS(_ fields: [Value.Member], _ rest: [Value.Member], _ expected: String) throws {
        let plan = try MountPlan.make(try nfs(fields, rest), policy: .standard)
        #expect(try plan.text() == "addr=10.77.0.1," + expected)
    }

    @Test("an IPv6 server is bracketed in the source and numeric in addr=")
    func version6() throws {
        let plan = try MountPlan.make(
            try share([.init("type", "nfs"), .init("server", "fd00::1"), .init("export", "/p"), .init("version", "4.2")]), policy: .standard
        )
        #expect(plan.source == Array("[fd00::1]:/p".utf8))
        let data = try plan.data(for: plan.attempts[0], address: Address("fd00::1"))
        // The kernel answers EINVAL to proto=tcp beside such an address.
        #expect(data.withBytes { String(decoding: $0, as: UTF8.self) }.hasPrefix("addr=fd00:0:0:0:0:0:0:1,proto=tcp6,"))
        #expect(Address(bytes: [0xFE, 0x80] + [UInt8](repeating: 0, count: 13) + [1], zone: 3)?.text == "fe80:0:0:0:0:0:0:1%3")
    }

    @Test("by version 3 the mount protocol goes the same way")
    func mountProtocol() throws {
        let plan = try MountPlan.make(try nfs([.init("version", "3")]), policy: .standard)
        func text(_ address: String) throws -> String {
            try plan.data(for: plan.attempts[0], address: Address(address)).withBytes { String(decoding: $0, as: UTF8.self) }
        }
        #expect(try text("fd00::1").hasSuffix(",mountproto=tcp6") && text("10.77.0.1").hasSuffix(",mountproto=tcp"))
    }

    @Test("a share that wishes encryption asks the server for it, and is not content with a mount that has none")
    func encryption() throws {
        let plain = try MountPlan.make(try nfs(), policy: .standard)
        #expect(plain.address?.expected.isEmpty == true && plain.encryptionShortfall(superOptions: Array("rw,vers=4.2".utf8)) == nil)
        for transport in ["tls", "mtls"] {
            let plan = try MountPlan.make(try nfs([.init("transport", .string(transport))]), policy: .standard)
            let need = try #require(plan.address)
            // The flavor AUTH_TLS where the plain call has AUTH_NONE, and nothing else is different.
            #expect(need.greeting.count == plain.address?.greeting.count && need.greeting[31] == 7 && plain.address?.greeting[31] == 0)
            #expect(need.expected == Array("STARTTLS".utf8))
            #expect(plan.encryptionShortfall(superOptions: Array("rw,vers=4.2,sec=sys,xprtsec=\(transport),addr=x".utf8)) == nil)
            for seen in ["rw,sec=sys", "rw,xprtsec=none", transport == "tls" ? "xprtsec=mtls" : "xprtsec=tls"] {
                #expect(plan.encryptionShortfall(superOptions: Array(seen.utf8))?.code == .encryptionRequired, "\(seen)")
            }
            let cause = plan.cause(unreachable: "10.77.0.1", errnoName: "EPROTONOSUPPORT", errnoText: "", connection: .declined)
            #expect(cause.code == .encryptionRequired && !cause.remedy.isEmpty)
        }
    }

    @Test("the same export under another name of its server is told from somebody else's mount")
    func otherName() throws {
        let plan = try MountPlan.make(try nfs(), policy: .standard)
        let path = String(decoding: plan.source, as: UTF8.self).split(separator: ":")[1]
        let twin = Array("/mnt/twin".utf8)
        #expect(plan.otherName(source: Array("[fd77::2]:\(path)".utf8), twin: twin)?.code == .alreadyAttached)
        #expect(plan.otherName(source: Array("nas:\(path)/more".utf8), twin: twin) == nil)
        #expect(try MountPlan.make(try tmpfs(), policy: .standard).otherName(source: Array("tmpfs".utf8), twin: twin) == nil)
    }

    @Test("a link-local server without its zone is told what is missing")
    func zone() throws {
        let plan = try MountPlan.make(
            try share([.init("type", "nfs"), .init("server", "fe80::1"), .init("export", "/p")]), policy: .standard)
        let cause = plan.cause(unreachable: "fe80::1", errnoName: "EINVAL", errnoText: "invalid argument", connection: .unreachable("x"))
        #expect(cause.code == .serverUnreachable && cause.remedy.contains { $0.contains("fe80::1%") })
    }

    static let smbTail = "soft,echo_interval=10,nodfs,nosharesock,iocharset=utf8,mapposix,serverino,file_mode=0640,dir_mode=0750"

    @Test(
        "what a share says about SMB becomes the kernel's words, the password last",
        arguments: [
            ([], [.init("credential", "c")], "sign,\(smbTail),username=alice,password=secret"),
            ([], [], "sec=none,\(smbTail)"),
            ([.init("encryption", "required")], [.init("credential", "c")], "\(smbTail),vers=3,seal,username=alice,password=secret"),
            (
                [.init("version", "3.1.1"), .init("domain", "CORP"), .init("port", 4450)], [.init("credential", "c")],
                "sign,\(smbTail),vers=3.1.1,domain=CORP,port=4450,username=alice,password=secret"
            ),
            (
                [],
                [
                    .init("credential", "c"),
                    .init(
                        "ownership",
                        .object(["uid": 1000, "gid": 1000, "fileMode": "0644", "directoryMode": "0755"] as KeyValuePairs<String, Value?>)),
                ],
                "sign,soft,echo_interval=10,nodfs,nosharesock,iocharset=utf8,mapposix,serverino,file_mode=0644,dir_mode=0755,uid=1000,forceuid,gid=1000,forcegid,"
                    + "username=alice,password=secret"
            ),
            (
                [],
                [
                    .init("credential", "c"),
                    .init("options", .object(["nosharesock": false, "cache": "none"] as KeyValuePairs<String, Value?>)),
                ],
                "sign,soft,echo_interval=10,nodfs,iocharset=utf8,mapposix,serverino,file_mode=0640,dir_mode=0750,cache=none,username=alice,password=secret"
            ),
        ] as [([Value.Member], [Value.Member], String)])
    func saidAboutSMB(_ fields: [Value.Member], _ rest: [Value.Member], _ expected: String) throws {
        let plan = try MountPlan.make(try smb(fields, rest), policy: .standard)
        #expect(plan.source == Array("//nas/team".utf8))
        #expect(try plan.text(0, alice) == "ip=10.77.0.1," + expected)
    }

    @Test("encryption cannot be had with dialect 2.1, and that is said before anything is tried")
    func impossibleEncryption() throws {
        let share = try smb([.init("version", "2.1"), .init("encryption", "required")], [.init("credential", "c")])
        #expect(throws: Cause.self) { try MountPlan.make(share, policy: .standard) }
    }

    @Test("tmpfs always has a limit of bytes, of files, and of readers")
    func plainTmpfs() throws {
        #expect(try MountPlan.make(try tmpfs(), policy: .standard).text() == "size=1048576,nr_inodes=1024,mode=0700")
    }

    @Test("9p speaks Linux's dialect with the largest message that a queue carries")
    func plainNineP() throws {
        let plan = try MountPlan.make(try share([.init("type", "9p"), .init("tag", "data")]), policy: .standard)
        #expect(plan.fstype == "9p" && plan.source == Array("data".utf8) && plan.address == nil)
        #expect(try plan.text() == "trans=virtio,version=9p2000.L,access=client,msize=512000,cache=mmap")
    }

    @Test("a tuning table has no row that another one of the same profile and condition hides, and each says why and whence")
    func tables() {
        for type in SourceType.allCases {
            var seen: Set<String> = []
            for row in type.tunings {
                #expect(
                    !row.why.isEmpty && !row.why.hasSuffix(".") && !row.basis.fact.isEmpty && !row.profiles.isEmpty, "\(type) \(row.option)"
                )
                for profile in row.profiles {
                    let isNew = seen.insert("\(row.option) \(profile) \(row.condition?.words ?? "")").inserted
                    #expect(isNew, "\(type): \(row.option) stands twice for \(profile)")
                }
            }
        }
    }

    @Test("every option of every plan has a reason")
    func reasons() throws {
        var count = 0
        for profile in Share.Profile.allCases {
            let rest = [Value.Member("profile", .string(profile.rawValue))]
            for one in [
                try nfs([], rest), try smb([], rest), try virtiofs(rest), try tmpfs(rest), try ceph([], rest), try gluster([], rest),
            ] {
                let plan = try MountPlan.make(one, policy: .standard)
                let options = plan.flagOptions + plan.attempts.flatMap(\.options) + [plan.readAhead].compactMap(\.self)
                for option in options { #expect(!option.why.isEmpty && !option.why.hasSuffix("."), "\(option.spelling)") }
                count += options.count
            }
        }
        #expect(count > 100)
    }
}
