import ShareModel

/// virtiofs: a host directory behind a virtio device. The kernel knows no tuning but dax; caching is virtiofsd's.
struct VirtiofsKind: ShareKind {
    static let tunings: [Tuning] = [
        Tuning(
            "read_ahead_kb", .fixed("4096"), in: .allBut(.constrained),
            why: "the kernel's 128 KiB cut requests well below the 1 MiB the ring takes; with 4 MiB several are under way",
            fact: "fs/fuse/virtio_fs.c; measured: sequential reading takes 0.73 of the time, with 15 MiB 1.3")
    ]

    let source: VirtiofsSource
    var natives: [NativeOption] { [] }
    var refusals: [String: String] {
        var all = ["dax": "say source.dax"]
        for name in ["cache", "writeback", "xattr", "posix_acl", "allow_other", "rsize", "wsize", "announce_submounts"] {
            all[name] = "it is a setting of virtiofsd on the host"
        }
        return all
    }

    func plan(_ draft: inout PlanDraft) throws(Cause) {
        draft.fstype = "virtiofs"
        draft.source = Array(source.tag.utf8)
        draft.log = LogEvidence(words: ["virtiofs", "virtio-fs", "virtio_fs"])
        if let dax = source.dax { draft.options.share("dax", dax.rawValue, why: "the share says how host memory is mapped") }
        draft.apply(Self.tunings)
        if draft.share.failure != .auto || draft.share.giveUpSeconds != nil {
            draft.warnings.append(
                "virtiofs has no timeout: while the host's virtiofsd is stopped, programs wait, and nothing in the guest can end that")
        }
    }

    func reading(of failure: MountFailure, for plan: MountPlan) -> FailureReading? {
        switch failure.errno {
        case .einval where failure.logs("dax can't be enabled", "dax"), .eopnotsupp where source.dax != nil:
            FailureReading(
                .optionRefused, "dax=\(source.dax?.rawValue ?? "always") needs a cache window that the host does not offer",
                remedy: ["leave source.dax out, or give the device a cache window on the host (cache-size=…)"])
        case .einval, .enoent:
            FailureReading(
                .tagNotFound, "no virtiofs device has the tag '\(source.tag)'",
                remedy: [
                    "compare with the guest's tags: grep -H . /sys/fs/virtiofs/*/tag (kernel 6.9 and newer)",
                    "add the device on the host: -device vhost-user-fs-pci,chardev=…,tag=\(source.tag.quotedForShell)",
                ])
        case .ebusy:
            FailureReading(.tagBusy, "the tag '\(source.tag)' is in use", remedy: ["findmnt -t virtiofs"])
        case .enotconn, .eio, .econnreset:
            FailureReading(
                .hostServiceDead, "the host's virtiofsd does not serve the tag '\(source.tag)'",
                remedy: ["restart virtiofsd on the host; a guest that QEMU has lost it for must be restarted too"])
        default: nil
        }
    }
}
