import ShareKinds
import ShareModel
import Testing

func ceph(_ fields: [Value.Member] = [], _ rest: [Value.Member] = []) throws -> Share {
    try share([.init("type", "cephfs"), .init("monitors", .array(["10.77.0.1", "mon2:3300", "[fd00::3]:6789"]))] + fields, rest)
}

func gluster(_ fields: [Value.Member] = [], _ rest: [Value.Member] = []) throws -> Share {
    try share([.init("type", "glusterfs"), .init("servers", .array(["10.77.0.1", "backup"])), .init("volume", "team")] + fields, rest)
}

func server9p(_ rest: [Value.Member] = []) throws -> Share {
    try share([.init("type", "9p"), .init("server", "nas")], rest)
}

private func address(_ text: String) throws -> Address { try #require(Address(text)) }

@Suite("Sources that begin with their servers' addresses")
struct AddressedSourceTests {
    @Test("9p over TCP tells the kernel the address alone, and knows it again in the mount table")
    func ninep() throws {
        let plan = try MountPlan.make(try server9p([.init("options", .object(["aname": "/srv/data"]))]), policy: .standard)
        #expect(
            try plan.text() == "trans=tcp,port=564,version=9p2000.L,access=user,uname=root,msize=512000,cache=mmap,aname=/srv/data")
        let source = try #require(plan.addressedSource?.source([(try address("10.77.0.1"), 564)]))
        #expect(source == Array("10.77.0.1".utf8))
        #expect(plan.recognizes(fstype: "9p".utf8, source: source))
        #expect(!plan.recognizes(fstype: "9p".utf8, source: "data".utf8))
        // A name may have any address, so a mount without a mark is nobody's.
        #expect(!plan.isTelling)
        let numeric = try MountPlan.make(try share([.init("type", "9p"), .init("server", "10.77.0.1")]), policy: .standard)
        #expect(numeric.isTelling)
        #expect(!numeric.recognizes(fstype: "9p".utf8, source: "10.77.0.9".utf8))
    }

    @Test("a device's tag is no place for the name of a tree")
    func trees() throws {
        let device = try share([.init("type", "9p"), .init("tag", "data")], [.init("options", .object(["aname": "/srv"]))])
        let cause = #expect(throws: Cause.self) { try MountPlan.make(device, policy: .standard) }
        #expect(cause?.code == .optionRefused)
    }

    @Test("CephFS names every monitor that answered, with ports, and then the path")
    func monitors() throws {
        let plan = try MountPlan.make(
            try ceph([.init("path", "/team"), .init("user", "ann"), .init("filesystem", "fs1")]), policy: .standard)
        #expect(plan.fstype == "ceph")
        #expect(plan.addresses.map(\.port) == [6789, 3300, 6789])
        #expect(try plan.text() == "mount_timeout=7,osd_request_timeout=180,name=ann,mds_namespace=fs1")
        let reached = [(try address("10.77.0.1"), UInt16(6789)), (try address("fd00::3"), 6789)]
        let source = try #require(plan.addressedSource?.source(reached))
        #expect(String(decoding: source, as: UTF8.self) == "10.77.0.1:6789,[fd00:0:0:0:0:0:0:3]:6789:/team")
        #expect(plan.recognizes(fstype: "ceph".utf8, source: source))
        for other in ["10.77.0.1:6789:/other", "10.77.0.1:6790:/team", "/team", ":/team", "nas:6789:/team"] {
            #expect(!plan.recognizes(fstype: "ceph".utf8, source: other.utf8), "\(other)")
        }
        // The monitor that is a name may have any address.
        #expect(plan.recognizes(fstype: "ceph".utf8, source: "10.77.0.9:3300:/team".utf8))
    }

    @Test("the root of a CephFS is known with and without its slash")
    func root() throws {
        let plan = try MountPlan.make(try ceph(), policy: .standard)
        #expect(plan.recognizes(fstype: "ceph".utf8, source: "10.77.0.1:6789:/".utf8))
        #expect(plan.recognizes(fstype: "ceph".utf8, source: "10.77.0.1:6789:".utf8))
    }

    @Test("GlusterFS goes by its helper, its servers first and the backups behind it")
    func glusterfs() throws {
        let plan = try MountPlan.make(try gluster([.init("path", "a/b")], [.init("access", "ro")]), policy: .standard)
        #expect(plan.helper?.path == "/sbin/mount.glusterfs" && plan.helper?.package == "glusterfs-client")
        let reached = [(try address("10.77.0.1"), UInt16(24007)), (try address("10.77.0.2"), 24007)]
        #expect(plan.addressedSource?.source(reached) == Array("10.77.0.1,10.77.0.2:/team/a/b".utf8))
        #expect(try plan.text() == "log-level=WARNING,ro")
        #expect(plan.helperMissing(try #require(plan.helper)).remedy == ["apt install glusterfs-client"])
    }

    @Test(
        "nothing goes to the helper that a shell would take apart", arguments: ["a b", "a*", "$(id)", "`id`", "a;b", "a'b", "a\\b", "a?b"])
    func smuggling(_ path: String) throws {
        let hostile = try gluster([.init("path", .string(path))])
        let cause = #expect(throws: Cause.self) { try MountPlan.make(hostile, policy: .standard) }
        #expect(cause?.code == .optionRefused)
    }
}

@Suite("What goes wrong with a cluster, by its own words")
struct ClusterFailureTests {
    /// What libceph and 9pnet wrote in a guest of Linux 6.1.
    private static let rows: [(source: [Value.Member], credential: Bool, errno: Int32, log: [String], code: CauseCode)] = [
        (pool, false, 113, ["libceph: no secret set (for auth_x protocol)", noServer], .credentialMissing),
        (pool, true, 113, ["libceph: auth protocol 'cephx' mauth authentication failed: -13", noServer], .credentialRejected),
        (pool, true, 113, ["libceph: mon0 (1)10.77.0.1:6789 session established", noServer], .serverUnreachable),
        (pool, true, 2, ["libceph: mon0 (1)10.77.0.1:6789 session established"], .exportNotFound),
        (pool, true, 13, ["libceph: mon0 (1)10.77.0.1:6789 session established"], .accessDenied),
        (pool, true, 110, [], .serverSilent), (pool, true, 126, [], .credentialMissing),
        (device, false, 2, ["9pnet_virtio: no channels available for device data"], .tagNotFound),
        (device, false, 16, ["9pnet_virtio: no channels available for device data"], .tagBusy),
        (tree, false, 104, [], .accessDenied), (tree, false, 1, [], .accessDenied), (tree, false, 13, [], .accessDenied),
        (tree, false, 2, [], .exportNotFound), (tree, false, 111, [], .connectionRefused),
    ]
    private static let pool: [Value.Member] = [.init("type", "cephfs"), .init("monitors", .array(["10.77.0.1"]))]
    private static let device: [Value.Member] = [.init("type", "9p"), .init("tag", "data")]
    private static let tree: [Value.Member] = [.init("type", "9p"), .init("server", "10.77.0.1")]
    private static let noServer = "ceph: No mds server is up or the cluster is laggy"

    @Test("the kernel's words and errno give the cause", arguments: rows.indices)
    func kernel(_ index: Int) throws {
        let row = Self.rows[index]
        let one = try share(row.source, row.credential ? [.init("credential", "c")] : [])
        let plan = try MountPlan.make(one, policy: .standard)
        let connection: ConnectionProbe? = plan.address == nil ? nil : row.code == .connectionRefused ? .refused : .connected
        let failure = MountFailure(
            errno: row.errno, errnoName: "ENAME", errnoText: "words", attempt: plan.attempts[0].label, kernelLog: row.log,
            connection: connection, address: plan.address?.server)
        let cause = plan.cause(of: failure, source: one.source)
        #expect(cause.code == row.code, "\(row)")
        #expect(!cause.remedy.isEmpty && !cause.message.hasSuffix("."))
    }

    /// What mount.glusterfs and its log said in a guest, GlusterFS 10.3.
    private static let words: [(words: [String], tookTooLong: Bool, code: CauseCode)] = [
        (["E [glusterfsd-mgmt.c:2371:mgmt_getspec_cbk] 0-mgmt: failed to fetch volume file (key:/nothing)"], false, .exportNotFound),
        (
            [
                "SETVOLUME on remote-host failed [{remote-error=subdirectory for mount \"/no/such\" is not found}, {errno=2}]",
                "E [fuse-bridge.c:6552:notify] 0-fuse: Server authentication failed. Shutting down.",
            ], false, .exportNotFound
        ),
        (["E [fuse-bridge.c:6552:notify] 0-fuse: Server authentication failed. Shutting down."], false, .accessDenied),
        (
            [
                "Mount failed. Check the log file /var/log/glusterfs/shareagent-dead.log for more details.",
                "E [MSGID: 108006] 0-team-replicate-0: All subvolumes are down. Going offline until at least one of them comes back up. ",
                "E [fuse-bridge.c:5364:fuse_first_lookup] 0-fuse: first lookup on root failed (Transport endpoint is not connected)",
            ], true, .serverUnreachable
        ),
        (["Invalid option: x"], false, .optionUnknown), ([], true, .mountTimeout), (["something new"], false, .ioError),
    ]

    @Test("the helper's words give the cause", arguments: words.indices)
    func helper(_ index: Int) throws {
        let row = Self.words[index]
        let plan = try MountPlan.make(try gluster(), policy: .standard)
        let cause = plan.cause(of: HelperFailure(end: "exit status 1", tookTooLong: row.tookTooLong, words: row.words))
        #expect(cause.code == row.code)
        #expect(cause.evidence == ["/sbin/mount.glusterfs: exit status 1"] + row.words)
        #expect(!cause.remedy.isEmpty && !cause.message.hasSuffix("."))
    }
}

@Suite("The key of a Ceph user")
struct CephKeyTests {
    // 'ceph-authtool --gen-print-key' of a cluster that no longer is.
    private static let text = "AQBfGwVpAAAAABAAKtqLx0DBGfTbG6GmW9oDVA=="

    private func payload(_ text: String) throws -> [UInt8] {
        try CephKey.payload(of: Secret(copying: Array(text.utf8))).withBytes { Array($0) }
    }

    @Test("is decoded, blanks around it or not", arguments: [text, text + "\n", "  \(text) \r\n"])
    func sound(_ text: String) throws {
        let bytes = try payload(text)
        #expect(bytes.count == 28)
        #expect(Array(bytes[..<2]) == [1, 0] && Array(bytes[10..<12]) == [16, 0])
    }

    @Test(
        "or refused, without repeating it",
        arguments: [
            "", "=", "AQ", "not base64!", String(text.dropLast(6)), "\(text)AAAA", "[client.a]\n key = \(text)", "AQBf GwVp",
            "AAAAAAAAAAAAAAAA",
            String(repeating: "A", count: 4096),
        ])
    func unsound(_ text: String) throws {
        let problem = #expect(throws: CephKey.Problem.self) { try self.payload(text) }
        #expect(text.isEmpty || problem?.what.contains(text) == false)
    }

    @Test("reaches the kernel's options as a description only")
    func options() throws {
        let plan = try MountPlan.make(try ceph([], [.init("credential", "c")]), policy: .standard)
        let key = Credential.key(username: "ann", Secret(copying: Array(Self.text.utf8)))
        let data = try plan.data(for: plan.attempts[0], credential: key, key: "shareagent:projects")
        let told = data.withBytes { String(decoding: $0, as: UTF8.self) }
        #expect(told == "mount_timeout=7,osd_request_timeout=180,name=ann,key=shareagent:projects")
    }

    @Test("belongs to a user whose name is one word", arguments: ["a,secret=x", "a b", "", "a\"b"])
    func names(_ name: String) throws {
        let plan = try MountPlan.make(try ceph([], [.init("credential", "c")]), policy: .standard)
        let key = Credential.key(username: name, Secret(copying: Array(Self.text.utf8)))
        let cause = #expect(throws: Cause.self) { try plan.data(for: plan.attempts[0], credential: key, key: "k") }
        #expect(cause?.code == .optionRefused)
    }
}
