import ShareModel

/// 9P2000.L, by the kernel's client: a directory of QEMU (`-virtfs`) behind a virtio device, or a server reached over TCP.
struct NinePKind: ShareKind {
    static let tunings: [Tuning] = [
        Tuning(
            "version", .fixed("9p2000.L"),
            why: "the dialect with Linux's own attributes, locks and names; without it symbolic links are lost",
            fact: "Documentation/filesystems/9p.rst"),
        Tuning(
            "access", .fixed("client"), when: isDevice, why: "each user's rights are checked in this guest, as on a local file system",
            fact: "Documentation/filesystems/9p.rst"),
        Tuning(
            "access", .fixed("user"), when: isServer, why: "each user comes to the server as themselves, and it checks their rights",
            fact: "Documentation/filesystems/9p.rst"),
        Tuning(
            "uname", .fixed("root"), when: isServer,
            why: "the tree is attached by who mounts it; the kernel would say nobody, whom servers let in nowhere",
            fact: "fs/9p/v9fs.h: V9FS_DEFUSER; seen with diod 1.0.24"),
        Tuning(
            "msize", .fixed("512000"), in: .allBut(.constrained),
            why: "the largest message that a virtio queue carries; the kernel's 128 KiB make four requests of one",
            fact: "net/9p/trans_virtio.c: 125 pages; measured: reading takes 0.55 of the time, writing 0.5 to 0.7"),
        Tuning(
            "cache", .fixed("mmap"), in: .allBut(.coherent, .metadata),
            why: "programs may map files for writing; nothing else is kept, so what the host changes is seen at once",
            fact: "Documentation/filesystems/9p.rst; measured: as fast as none"),
        Tuning(
            "cache", .fixed("mmap"), in: [.metadata], when: .writes, why: "keeping more would hide what others write",
            fact: "Documentation/filesystems/9p.rst"),
        Tuning(
            "cache", .fixed("loose"), in: [.metadata], when: .readsOnly,
            why: "names and attributes are kept and never asked for again: for trees that do not change while they are attached",
            fact: "Documentation/filesystems/9p.rst; measured: listing takes 0.13 of the time, bulk reading 2.8"),
        Tuning(
            "cache", .fixed("none"), in: [.coherent], why: "nothing is kept; programs that map files for writing do not run",
            fact: "Documentation/filesystems/9p.rst"),
    ]

    let source: NinePSource

    private static let isDevice = Tuning.Condition("the share names a tag") { $0.source.server == nil }
    private static let isServer = Tuning.Condition("the share names a server") { $0.source.server != nil }

    var natives: [NativeOption] {
        // A device shows one tree; a server may have several, each by its name.
        let trees = isOverTCP ? [NativeOption("aname", .text), NativeOption("uname", .text)] : []
        return trees + [
            NativeOption("msize", .number(4096...(1 << 20))), NativeOption("access", .word(["client", "user", "any"])),
            NativeOption("dfltuid", .number(0...0xFFFF_FFFE)), NativeOption("dfltgid", .number(0...0xFFFF_FFFE)),
            NativeOption("locktimeout", .number(1...3600)),
        ] + NativeOption.flags("posixacl", "nodevmap", "noxattr", "ignoreqv")
    }

    private var isOverTCP: Bool { if case .tcp = source.transport { true } else { false } }

    var refusals: [String: String] {
        var all = [
            "trans": "it follows from source.tag or source.server", "port": "say source.port", "cache": "say source.cache",
            "version": "9P2000.L is what Linux servers speak",
            "rfdno": "no descriptors are handed to the kernel", "wfdno": "no descriptors are handed to the kernel",
            "cachetag": "say source.cache: fscache", "debug": "the kernel's log is for everybody", "privport": "TCP from any port",
        ]
        if !isOverTCP { for name in ["aname", "uname"] { all[name] = "a device shows one tree" } }
        return all
    }

    func plan(_ draft: inout PlanDraft) throws(Cause) {
        draft.fstype = "9p"
        draft.log = LogEvidence(words: ["9p"])
        switch source.transport {
        case .virtio(let tag):
            draft.source = Array(tag.utf8)
            draft.options.share("trans", "virtio", why: "the share names a device's tag")
        case .tcp(let server, let port):
            draft.source = Array(server.utf8)
            draft.options.share("trans", "tcp", why: "the share names a server")
            draft.options.share("port", String(port), why: "the share says so")
            draft.addressedSource = MountPlan.AddressedSource(takesAll: false, hasPorts: false, rest: [])
            draft.addresses = [MountPlan.AddressNeed(server: server, option: nil, port: UInt16(port), greeting: Self.versionRequest)]
        }
        draft.apply(Self.tunings)
        if let cache = source.cache { draft.options.share("cache", cache.rawValue, why: "the share says so") }
        if let msize = source.msize { draft.options.share("msize", String(msize), why: "the share says so") }
        if draft.share.failure != .auto || draft.share.giveUpSeconds != nil {
            draft.warnings.append("9p has no timeout: while its server is stopped, programs wait until it is back or the share is detached")
        }
    }

    /// Tversion with the kernel's own words (9P2000.L): size[4] type[1]=100 tag[2] msize[4] version[s].
    static let versionRequest: [UInt8] = [21, 0, 0, 0, 100, 0xFF, 0xFF, 0, 0x20, 0, 0, 8, 0] + Array("9P2000.L".utf8)

    func reading(of failure: MountFailure, for plan: MountPlan) -> FailureReading? {
        switch (failure.errno, source.transport) {
        case (.enoent, .virtio(let tag)):
            FailureReading(
                .tagNotFound, "no 9p device has the tag '\(tag)'",
                remedy: [
                    "compare with the guest's tags: grep -H . /sys/bus/virtio/drivers/9pnet_virtio/virtio*/mount_tag",
                    "add the device on the host: -virtfs local,path=…,mount_tag=\(tag.quotedForShell),security_model=mapped-xattr",
                ])
        case (.ebusy, .virtio(let tag)):
            FailureReading(
                .tagBusy, "the device with the tag '\(tag)' is mounted already, and a device carries one mount",
                remedy: ["findmnt -t 9p", "mount it elsewhere with: mount --bind"])
        case (.econnreset, .tcp(let server, _)):
            FailureReading(
                .accessDenied, "\(server) hangs up on this guest",
                remedy: ["see the server's log: diod wants to find the guest's name by its address, in DNS or /etc/hosts"])
        case (.einval, .tcp(let server, _)) where failure.address?.contains(":") == true:
            FailureReading(
                .versionUnsupported, "\(server) has an IPv6 address only, and this kernel's 9p client takes IPv4 alone",
                remedy: ["give the server an IPv4 address, or use Linux 6.13 or newer in the guest"])
        case (.enoent, .tcp), (.enotdir, .tcp):
            FailureReading(.exportNotFound, "the server has no such tree", remedy: ["say which one: options: {aname: /srv/tree}"])
        case (.eperm, .tcp), (.eacces, .tcp):
            FailureReading(
                .accessDenied, "the server does not let this guest attach the tree",
                remedy: [
                    "say which tree it is: options: {aname: /srv/tree}",
                    "on the server: its exports and whether it wants to know who asks (diod: exports, auth_required)",
                ])
        default: nil
        }
    }
}
