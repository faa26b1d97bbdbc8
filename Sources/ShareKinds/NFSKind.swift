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
            + [UInt8(ascii: "/")] + withoutIdleSteps(source.export)
        draft.addresses = [
            MountPlan.AddressNeed(
                server: source.server, option: "addr", port: UInt16(source.port ?? 2049),
                greeting: source.transport == .tcp ? Self.nullCall : Self.encryptionCall,
                expected: source.transport == .tcp ? [] : Array("STARTTLS".utf8))
        ]
        draft.log = LogEvidence(words: ["nfs", "rpc", "sunrpc"])
        draft.apply(Self.always)
        applyFields(&draft)
        warn(&draft)
        draft.walk = versions.map { version in walkStep(version, draft.share) }
    }

    /// A call of procedure 0 of program 100003, which does nothing and needs no rights (RFC 5531, RFC 7530 section 15.1), as one
    /// record. A server without version 4 answers with the versions it has, which is as good a sign of life.
    static let nullCall = call(flavor: 0)

    /// The same with the flavor AUTH_TLS, to which a server that can encrypt answers `STARTTLS` (RFC 9289, section 4.1). The client
    /// says EACCES both of a server without it and of a handshake that failed, so the server is asked beforehand.
    static let encryptionCall = call(flavor: 7)

    private static func call(flavor: UInt32) -> [UInt8] {
        [0x80, 0, 0, 40] + [0x53, 0x41, 0x00, 0x01] + word(0) + word(2) + word(100_003) + word(4) + word(0) + word(flavor) + word(0)
            + word(0) + word(0)
    }

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
            let chosen = share.options["lock"] != nil || share.options["nolock"] != nil
            options += Self.version3.compactMap { $0.option(for: share, on: "nfs") }.filter { !($0.name == "nolock" && chosen) }
        }
        return ("NFS \(version.rawValue)", options)
    }

    private func applyFields(_ draft: inout PlanDraft) {
        if let port = source.port { draft.options.share("port", String(port), why: "the share says so") }
        if source.security != .sys { draft.options.share("sec", source.security.rawValue, why: "the share says so") }
        if source.transport != .tcp {
            draft.options.share(
                "xprtsec", source.transport.rawValue, why: "the share wishes the RPCs encrypted; tlshd must run in the guest")
        }
        if let connections = source.connections {
            draft.options.share("nconnect", String(connections), why: "the share says so; the first mount from a server decides for all")
        }
    }

    private func warn(_ draft: inout PlanDraft) {
        if let patience = draft.share.patience, patience * 10 > Self.longestTimeout {
            draft.warnings.append("giveUpSeconds: the NFS client gives up after \(Self.longestTimeout / 10) s at the latest")
        }
    }
}
