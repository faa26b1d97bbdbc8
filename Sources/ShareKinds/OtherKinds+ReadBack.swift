import ShareModel

extension NinePKind {
    var shownBesides: [String] { ["sync", "dirsync"] + NinePSource.Cache.allCases.map(\.rawValue) }

    /// Up to 6.5 the cache mode is shown as a flag of its own; the dialect is shown only where it is another one.
    func effective(_ option: TunedOption, in readBack: ReadBack) -> String? {
        switch option.name {
        case "cache":
            NinePSource.Cache.allCases.map(\.rawValue).first { readBack.options[$0] != nil }
        default: nil
        }
    }

    func difference(of option: TunedOption, effective: String, in readBack: ReadBack) -> String? {
        guard option.name == "msize" else { return nil }
        return switch source.transport {
        case .virtio: "a virtio queue carries messages of 512000 bytes at most; the kernel lowers what is more"
        case .tcp: "the server takes no larger messages (diod: 65536 bytes)"
        }
    }
}

extension CephFSKind {
    /// The key, whose place the kernel shows and not its value, and what it adds by itself.
    var shownBesides: [String] { ["secret", "acl"] }
}

extension GlusterFSKind {
    /// The kernel sees a FUSE program, whose own options are not the share's.
    var shownBesides: [String] { ["user_id", "group_id", "default_permissions", "allow_other", "max_read"] }
}

extension VirtiofsKind {
    func negotiated(_ readBack: ReadBack, for share: Share) -> [Explanation.Fact] {
        // No file of /sys or /proc shows the ring's size (6.1 to 6.12), so that it can only be said what would help.
        [
            Explanation.Fact(
                "request size", "up to 1 MiB",
                note:
                    "as far as the device's ring allows, which this kernel does not show: on the host queue-size=1024; QEMU's 128 mean 496 KiB"
            )
        ]
    }
}

extension TmpfsKind {
    func kernelReason(for name: String) -> String? {
        name == "inode64" ? "file numbers of 64 bits, so that none is used twice" : nil
    }
}
