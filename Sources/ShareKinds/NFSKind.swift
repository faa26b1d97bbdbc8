import ShareModel

/// NFS, by the kernel's client alone: no mount.nfs, no rpc.statd. The kernel neither resolves names nor walks versions.
struct NFSKind: ShareKind {
    let source: NFSSource

    var natives: [NativeOption] {
        let bytes = NativeOption.Form.number(1024...(4 << 20))
        let seconds = NativeOption.Form.number(0...86_400)
        return [
            NativeOption("rsize", bytes), NativeOption("wsize", bytes), NativeOption("timeo", .number(1...6000)),
            NativeOption("retrans", .number(0...100)), NativeOption("acregmin", seconds), NativeOption("acregmax", seconds),
            NativeOption("acdirmin", seconds), NativeOption("acdirmax", seconds), NativeOption("actimeo", seconds),
            NativeOption("lookupcache", .word(["all", "none", "pos", "positive"])), NativeOption("nconnect", .number(1...16)),
            NativeOption("max_connect", .number(1...16)), NativeOption("local_lock", .word(["all", "flock", "posix", "none"])),
            NativeOption("write", .word(["lazy", "eager", "wait"])), NativeOption("mountport", .number(1...65_535)),
            NativeOption("fatal_neterrors", .word(["default", "none", "ENETDOWN:ENETUNREACH"])), NativeOption("fsc", .flag),
        ] + NativeOption.either("hard", "soft", "softerr") + NativeOption.either("softreval", "nosoftreval")
            + NativeOption.either("ac", "noac")
            + NativeOption.either("cto", "nocto") + NativeOption.either("sharecache", "nosharecache")
            + NativeOption.either("lock", "nolock")
            + NativeOption.either("resvport", "noresvport") + NativeOption.either("rdirplus", "nordirplus")
            + NativeOption.either("acl", "noacl")
            + NativeOption.either("migration", "nomigration") + NativeOption.either("trunkdiscovery", "notrunkdiscovery")
            + NativeOption.either("alignwrite", "noalignwrite")
    }

    var refusals: [String: String] {
        var all = [
            "port": "say source.port", "sec": "say source.security", "xprtsec": "say source.transport", "proto": "NFS goes over TCP",
            "tcp": "NFS goes over TCP", "udp": "Debian's kernels have no NFS over UDP", "rdma": "NFS goes over TCP",
            "mountproto": "NFS goes over TCP", "mountaddr": "it follows from source.server", "mounthost": "it follows from source.server",
            "addr": "it follows from source.server", "clientaddr": "the kernel fills it in", "source": "say source",
        ]
        for name in ["vers", "nfsvers", "minorversion", "v2", "v3", "v4", "v4.0", "v4.1", "v4.2"] { all[name] = "say source.version" }
        for name in ["retry", "bg", "fg"] { all[name] = "it is a word of mount.nfs; the agent tries again by itself" }
        for name in ["intr", "nointr"] { all[name] = "kernels from 2.6.25 on ignore it" }
        return all
    }

    func plan(_ draft: inout PlanDraft) throws(Cause) {
        draft.fstype = "nfs"
        draft.mountedTypes = source.version == .auto ? ["nfs4", "nfs"] : [source.version == .v3 ? "nfs" : "nfs4"]
        draft.source =
            Array((source.server.contains(":") ? "[\(source.server)]" : source.server).utf8) + [UInt8(ascii: ":")]
            + Array(source.export.utf8)
        draft.address = MountPlan.AddressNeed(
            server: source.server, option: "addr", port: UInt16(source.port ?? 2049),
            greeting: source.transport == .tcp ? Self.nullCall : [])
        draft.logWords = ["nfs", "rpc", "sunrpc"]
        tuneTransport(&draft)
        tunePatience(&draft)
        tuneSizes(&draft)
        tuneProfile(&draft)
        draft.walk = versions.map { version in walkStep(version, draft.share) }
    }

    /// A call of procedure 0 of program 100003, which does nothing and needs no rights (RFC 5531, RFC 7530 section 15.1), as one
    /// record. A server without version 4 answers with the versions it has, which is as good a sign of life.
    static let nullCall: [UInt8] =
        [0x80, 0, 0, 40] + [0x53, 0x41, 0x00, 0x01] + word(0) + word(2) + word(100_003) + word(4) + word(0) + word(0) + word(0) + word(0)
        + word(0)

    private static func word(_ value: UInt32) -> [UInt8] {
        [
            UInt8(value >> 24), UInt8(truncatingIfNeeded: value >> 16), UInt8(truncatingIfNeeded: value >> 8),
            UInt8(truncatingIfNeeded: value),
        ]
    }

    private var versions: [NFSSource.Version] {
        // From the best down; sessions (4.1 and newer) give exactly-once semantics and need no rpcbind.
        source.version == .auto ? [.v42, .v41, .v40, .v3] : [source.version]
    }

    private func walkStep(_ version: NFSSource.Version, _ share: Share) -> (label: String, options: [TunedOption]) {
        var options = [
            TunedOption(
                "vers", version.rawValue, source.version == .auto ? .standard : .share,
                why: source.version == .auto ? "the newest version the server has; the kernel itself does not walk" : "the share says so")
        ]
        if version == .v3 {
            options.append(TunedOption("mountproto", "tcp", .standard, why: "the mount protocol of version 3 goes over TCP as well"))
            let chosen = share.options["lock"] != nil || share.options["nolock"] != nil
            if share.access == .ro, !chosen {
                options.append(TunedOption("nolock", nil, .standard, why: "nothing is written, so no lock manager is needed on the server"))
            }
        }
        return ("NFS \(version.rawValue)", options)
    }

    private func tuneTransport(_ draft: inout PlanDraft) {
        draft.options.tune("proto", "tcp", why: "Debian's kernels have no NFS over UDP")
        if let port = source.port {
            draft.options.share("port", String(port), why: "the share says so")
        }
        if source.security != .sys {
            draft.options.share("sec", source.security.rawValue, why: "the share says so")
        }
        if source.transport != .tcp {
            draft.options.share(
                "xprtsec", source.transport.rawValue, why: "the share wishes the RPCs encrypted; tlshd must run in the guest")
        }
        if let connections = source.connections {
            draft.options.share("nconnect", String(connections), why: "the share says so; the first mount from a server decides for all")
        }
        if let wished = draft.share.keepaliveSeconds {
            draft.warnings.append(
                "keepaliveSeconds: \(wished) cannot be set for NFS: version 4 takes it from the server's lease, version 3 uses 60 seconds")
        }
    }

    /// timeo (tenths of a second) and retrans so that timeo × (1 + retrans) is the promised wait; the kernel bounds it at 600 s.
    private func tunePatience(_ draft: inout PlanDraft) {
        let share = draft.share
        guard let patience = share.patience else {
            draft.options.share("hard", why: "the share wishes to wait for ever rather than to lose a write")
            draft.options.tune("timeo", "600", why: "a minute between two tries")
            draft.options.tune("retrans", "2", why: "tries before the kernel log says that the server does not respond")
            return
        }
        let said = share.failure == .soft || share.giveUpSeconds != nil
        let origin: TunedOption.Origin = said ? .share : .standard
        draft.options.put(
            TunedOption("softerr", nil, origin, why: "an error (ETIMEDOUT) after the promised wait instead of an endless one"))
        let tries = Self.retransmissions + 1
        let tenths = min(max(patience * 10 / tries, 1), Self.longestTimeout / tries)
        draft.options.put(
            TunedOption("timeo", String(tenths), origin, why: "with retrans, an error after \(min(patience, Self.longestTimeout / 10)) s"))
        draft.options.put(TunedOption("retrans", String(Self.retransmissions), origin, why: "see timeo"))
        if patience * 10 > Self.longestTimeout {
            draft.warnings.append("giveUpSeconds: the NFS client gives up after \(Self.longestTimeout / 10) s at the latest")
        }
    }

    static let retransmissions = 2
    /// NFS_MAX_TCP_TIMEOUT of the kernel, in tenths of a second.
    static let longestTimeout = 6000

    private func tuneSizes(_ draft: inout PlanDraft) {
        if draft.share.profile == .constrained {
            draft.options.put(["rsize", "wsize"], "131072", .profile, why: "small requests for little memory or a slow link")
            return
        }
        draft.options.put(["rsize", "wsize"], "1048576", .standard, why: "the most the client takes; the server may lower it")
        if draft.share.profile == .throughput {
            draft.readAhead = TunedOption("read_ahead_kb", "15360", .profile, why: "fifteen full-size reads under way")
        } else {
            draft.readAhead = TunedOption("read_ahead_kb", "4096", .standard, why: "the kernel's 128 KiB would cut every read to 128 KiB")
        }
    }

    private func tuneProfile(_ draft: inout PlanDraft) {
        switch draft.share.profile {
        case .throughput where source.connections == nil:
            draft.options.profile(
                "nconnect", "4", why: "four connections carry more than one on fast links; the first mount from a server decides")
        case .metadata:
            draft.options.profile("actimeo", "60", why: "attributes are believed for a minute, so listing asks the server less")
        case .coherent:
            draft.options.profile("actimeo", "1", why: "changes made elsewhere are seen within a second")
            draft.options.profile("lookupcache", "pos", why: "a file that was missing is asked for again each time")
        case .balanced, .throughput, .constrained: break
        }
    }
}
