import ShareModel

/// tmpfs: memory of the guest, always with limits.
struct TmpfsKind: ShareKind {
    static let tunings: [Tuning] = [
        Tuning(
            "nr_inodes",
            .reckoned(shown: "one for each 4096 bytes of sizeBytes, 1024 at least") { share in
                guard case .tmpfs(let source) = share.source else { return String(fewestInodes) }
                return String(max(fewestInodes, source.sizeBytes / bytesPerInode))
            }, why: "empty files take memory that size does not count", fact: "Documentation/filesystems/tmpfs.rst"),
        Tuning(
            "mode", .fixed("0700"), why: "for its owner alone; the kernel's default lets everybody write",
            fact: "Documentation/filesystems/tmpfs.rst"),
    ]

    let source: TmpfsSource

    var natives: [NativeOption] {
        [
            NativeOption("nr_inodes", .number(1...(1 << 40))), NativeOption("mode", .octal), NativeOption("uid", .number(0...0xFFFF_FFFE)),
            NativeOption("gid", .number(0...0xFFFF_FFFE)), NativeOption("huge", .word(["never", "always", "within_size", "advise"])),
        ] + NativeOption.flags("noswap") + NativeOption.either("inode64", "inode32")
    }
    var refusals: [String: String] {
        ["size": "say source.sizeBytes", "nr_blocks": "say source.sizeBytes", "mpol": "memory policies are the guest's"]
    }

    func plan(_ draft: inout PlanDraft) throws(Cause) {
        draft.fstype = "tmpfs"
        draft.source = Array("tmpfs".utf8)
        draft.log = LogEvidence(words: ["tmpfs"])
        draft.options.share("size", String(source.sizeBytes), why: "without a limit a share could take half of the guest's memory")
        draft.apply(Self.tunings)
        let ownership = draft.share.ownership
        if let mode = source.mode ?? ownership.directoryMode { draft.options.share("mode", octal(mode), why: "the share's own") }
        if let uid = ownership.uid { draft.options.share("uid", String(uid), why: "the share's owner") }
        if let gid = ownership.gid { draft.options.share("gid", String(gid), why: "the share's group") }
    }

    static let fewestInodes: Int64 = 1024
    static let bytesPerInode: Int64 = 4096
}
