import ShareModel

/// GlusterFS, by its mount helper: the file system is a program, and the kernel has no client for it.
struct GlusterFSKind: ShareKind {
    let source: GlusterFSSource

    static let helper = MountPlan.HelperProgram(
        path: "/sbin/mount.glusterfs", package: "glusterfs-client", logOption: "log-file", logDirectory: "/var/log/glusterfs")

    /// Its options are the helper's words.
    var isOfKernel: Bool { false }

    var natives: [NativeOption] {
        let seconds = NativeOption.Form.number(0...86_400)
        let yes = NativeOption.Form.word(["yes", "no"])
        return [
            NativeOption("attribute-timeout", seconds), NativeOption("entry-timeout", seconds), NativeOption("negative-timeout", seconds),
            NativeOption("gid-timeout", seconds), NativeOption("lru-limit", .number(0...1_000_000)),
            NativeOption("invalidate-limit", .number(0...1_000_000)), NativeOption("background-qlen", .number(1...4096)),
            NativeOption("congestion-threshold", .number(1...4096)), NativeOption("reader-thread-count", .number(1...64)),
            NativeOption("direct-io-mode", .word(["enable", "disable"])), NativeOption("use-readdirp", yes),
            NativeOption("auto-invalidation", yes), NativeOption("kernel-writeback-cache", yes), NativeOption("event-history", yes),
            NativeOption("fopen-keep-cache", .word(["true", "false"])),
            NativeOption("attr-times-granularity", .number(0...1_000_000_000)), NativeOption("oom-score-adj", .number(-1000...1000)),
            NativeOption("log-level", .word(["CRITICAL", "ERROR", "WARNING", "INFO", "DEBUG", "TRACE", "NONE"])),
            NativeOption("halo-max-latency", .number(1...99_999)), NativeOption("halo-max-replicas", .number(1...16)),
            NativeOption("halo-min-replicas", .number(1...16)), NativeOption("root-squash", yes),
        ] + NativeOption.flags("acl", "selinux", "enable-ino32", "mem-accounting", "thin-client", "resolve-gids", "global-threading")
    }

    var refusals: [String: String] {
        var all = [
            "log-file": "the agent reads it for evidence: \(Self.helper.logDirectory)", "volume-name": "say source.volume",
            "volume-id": "say source.volume", "subdir-mount": "say source.path", "server-port": "glusterd listens on 24007",
            "transport": "GlusterFS goes over TCP", "fuse-mountopts": "say mount", "xlator-option": "set it on the volume",
            "dump-fuse": "it would write files here", "process-name": "the agent names it", "volfile-check": "the volume decides",
            "fetch-attempts": "say source.servers", "io-engine": "the helper chooses", "worm": "say access: ro",
            "aux-gfid-mount": "files are reached by their names", "no-root-squash": "say root-squash",
            "localtime-logging": "logs are in UTC",
        ]
        for name in ["backup-volfile-servers", "backupvolfile-server", "volfile-server"] { all[name] = "say source.servers" }
        return all
    }

    func plan(_ draft: inout PlanDraft) throws(Cause) {
        draft.fstype = "fuse.glusterfs"
        draft.log = LogEvidence(words: ["fuse"])
        draft.helper = Self.helper
        if let path = source.path, !Self.isSafe(path) {
            throw Cause(
                .optionRefused,
                "share '\(draft.share.name)': source.path has a character that the mount helper, a shell script, would take apart",
                remedy: ["use a directory whose path has letters, digits and . _ - + @ : / only"])
        }
        let rest = Array(":/\(source.volume)\(source.path.map { "/" + $0 } ?? "")".utf8)
        draft.source = Array(source.servers.joined(separator: ",").utf8) + rest
        draft.addressedSource = MountPlan.AddressedSource(takesAll: true, hasPorts: false, rest: rest)
        draft.addresses = source.servers.map {
            MountPlan.AddressNeed(server: $0, option: nil, port: Self.managementPort, greeting: [])
        }
        draft.apply(Self.tunings)
        if draft.share.access == .ro { draft.options.share("ro", why: "the share is offered for reading only") }
        if draft.share.failure == .soft || draft.share.giveUpSeconds != nil {
            draft.warnings.append(
                "giveUpSeconds: GlusterFS gives up on a server after its volume's network.ping-timeout, 42 seconds where nobody changed it")
        }
        if draft.share.failure == .hard {
            draft.warnings.append("failure: hard: GlusterFS always ends with an error when the servers it needs are gone")
        }
    }

    /// glusterd's port, where volumes are described.
    static let managementPort: UInt16 = 24007

    private static func isSafe(_ path: String) -> Bool {
        path.utf8.allSatisfy { $0.isASCIILetterOrDigit || "._-+@:/".utf8.contains($0) }
    }
}
