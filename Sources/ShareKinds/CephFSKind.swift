import ShareModel

/// CephFS, by the kernel's client alone. mount.ceph would read ceph.conf and put the secret into the options; here the monitors stand
/// in the share and the secret goes through the kernel's keyring.
struct CephFSKind: ShareKind {
    let source: CephFSSource

    var natives: [NativeOption] {
        let bytes = NativeOption.Form.number(4096...(64 << 20))
        let count = NativeOption.Form.number(1...1_000_000)
        return [
            NativeOption("rsize", bytes), NativeOption("wsize", bytes), NativeOption("rasize", .number(0...(256 << 20))),
            // More than the agent gives an attach would only make a hung worker of it.
            NativeOption("mount_timeout", .number(1...9)), NativeOption("osd_request_timeout", .number(0...86_400)),
            NativeOption("osdkeepalive", .number(1...3600)), NativeOption("osd_idle_ttl", .number(1...86_400)),
            NativeOption("recover_session", .word(["no", "clean"])),
            NativeOption("ms_mode", .word(["legacy", "crc", "secure", "prefer-crc", "prefer-secure"])),
            NativeOption("read_from_replica", .word(["no", "balance", "localize"])), NativeOption("crush_location", .text),
            NativeOption("caps_max", .number(0...1_000_000)), NativeOption("caps_wanted_delay_min", .number(1...3600)),
            NativeOption("caps_wanted_delay_max", .number(1...3600)), NativeOption("readdir_max_entries", count),
            NativeOption("readdir_max_bytes", .number(4096...(64 << 20))), NativeOption("write_congestion_kb", .number(1024...(1 << 20))),
            NativeOption("snapdirname", .text), NativeOption("fsc", .flag), NativeOption("abort_on_full", .flag),
        ] + NativeOption.either("acl", "noacl") + NativeOption.either("asyncreaddir", "noasyncreaddir")
            + NativeOption.either("copyfrom", "nocopyfrom")
            + NativeOption.either("crc", "nocrc") + NativeOption.either("dcache", "nodcache") + NativeOption.either("dirstat", "nodirstat")
            + NativeOption.either("ino32", "noino32") + NativeOption.either("pagecache", "nopagecache")
            + NativeOption.either("poolperm", "nopoolperm") + NativeOption.either("quotadf", "noquotadf")
            + NativeOption.either("rbytes", "norbytes") + NativeOption.either("require_active_mds", "norequire_active_mds")
            + NativeOption.either("share", "noshare") + NativeOption.either("sparseread", "nosparseread")
            + NativeOption.either("tcp_nodelay", "notcp_nodelay") + NativeOption.either("wsync", "nowsync")
    }

    var refusals: [String: String] {
        var all = [
            "name": "say source.user", "user": "say source.user", "mon_addr": "say source.monitors", "mon_host": "say source.monitors",
            "ip": "the kernel chooses its own address", "fsid": "say source.fsid", "source": "say source",
            "conf": "no ceph.conf is read", "fsname": "say source.filesystem",
            "nocephx_sign_messages": "messages stay signed", "nocephx_require_signatures": "messages stay signed",
        ]
        for name in ["fs", "mds_namespace"] { all[name] = "say source.filesystem" }
        for name in ["secret", "secretfile", "key"] { all[name] = "say credential" }
        return all
    }

    func plan(_ draft: inout PlanDraft) throws(Cause) {
        draft.fstype = "ceph"
        // Why nobody is let in stands in lines that name neither monitor nor user.
        draft.log = LogEvidence(words: ["ceph"], takesTurns: true)
        let path = Array(":\(source.path)".utf8)
        draft.source = Array(source.monitors.map(\.spelling).joined(separator: ",").utf8) + path
        draft.addressedSource = MountPlan.AddressedSource(takesAll: true, hasPorts: true, rest: path)
        draft.addresses = source.monitors.map { monitor in
            let port = UInt16(monitor.port ?? Self.standardPort)
            return MountPlan.AddressNeed(
                server: monitor.server, option: nil, port: port, greeting: port == Self.secondProtocolPort ? Self.banner2 : Self.banner1)
        }
        draft.apply(Self.tunings)
        if let user = source.user { draft.options.share("name", user, why: "the share says so") }
        if let filesystem = source.filesystem {
            draft.options.share("mds_namespace", filesystem, why: "the share says so; the kernel's word for the file system's name")
        }
        if let fsid = source.fsid { draft.options.share("fsid", fsid, why: "the share says so: no other cluster will do") }
        if draft.share.credential != nil { draft.credential = .key }
        if draft.share.failure == .soft || draft.share.giveUpSeconds != nil {
            draft.warnings.append(
                "giveUpSeconds holds for reading and writing; while no metadata server answers, opening and listing wait until one does")
        }
    }

    static let standardPort = 6789
    /// IANA: ceph, where monitors speak the second version of the messenger.
    static let secondProtocolPort: UInt16 = 3300
    /// What each side sends first, unasked (include/linux/ceph/msgr.h: CEPH_BANNER, CEPH_BANNER_V2 with its two sets of features).
    private static let banner1: [UInt8] = Array("ceph v027".utf8)
    private static let banner2: [UInt8] = Array("ceph v2\n".utf8) + [16, 0] + Array(repeating: 0, count: 16)
}
