import ShareModel

/// A file system in a disk or a file: only types whose parsers this project trusts with what a host hands out, and only
/// after libblkid has said without doubt what it is.
struct ImageKind: ShareKind {
    static let tunings: [Tuning] = [
        Tuning(
            "errors", .fixed("remount-ro"), when: holds("ext4", "ext3", "ext2"),
            why: "what the image itself says could be panic: an image must not stop the guest", fact: "Documentation/admin-guide/ext4.rst",
            protects: true),
        Tuning(
            "noload", .flag, when: holds("ext4", "ext3", readOnly: true),
            why: "reading only: the journal is not replayed into the image", fact: "Documentation/admin-guide/ext4.rst", protects: true),
        Tuning(
            "norecovery", .flag, when: holds("xfs", readOnly: true),
            why: "reading only: the log is not replayed into the image", fact: "Documentation/admin-guide/xfs.rst", protects: true),
        Tuning(
            "iocharset", .fixed("utf8"), when: holds("vfat", "exfat"), why: "names are UTF-8 in this guest",
            fact: "Documentation/filesystems/vfat.rst"),
        Tuning(
            "fmask", .fixed("0133"), when: holds("vfat", "exfat"), why: "this file system keeps no permissions: files are 0644",
            fact: "Documentation/filesystems/vfat.rst"),
        Tuning(
            "dmask", .fixed("022"), when: holds("vfat", "exfat"), why: "this file system keeps no permissions: directories are 0755",
            fact: "Documentation/filesystems/vfat.rst"),
    ]

    let source: ImageSource

    /// The file systems an image may have.
    static let allowed = ["ext4", "ext3", "ext2", "xfs", "btrfs", "squashfs", "erofs", "iso9660", "udf", "vfat", "exfat"]
    /// Those without a writer.
    static let readOnly = ["squashfs", "erofs", "iso9660"]

    var natives: [NativeOption] {
        [
            NativeOption("errors", .word(["continue", "remount-ro"])), NativeOption("data", .word(["ordered", "journal", "writeback"])),
            NativeOption("commit", .number(1...3600)), NativeOption("compress", .word(["zlib", "lzo", "zstd", "no"])),
            NativeOption("subvol", .text),
            NativeOption("uid", .number(0...0xFFFF_FFFE)), NativeOption("gid", .number(0...0xFFFF_FFFE)), NativeOption("umask", .octal),
            NativeOption("fmask", .octal), NativeOption("dmask", .octal), NativeOption("mode", .octal), NativeOption("dmode", .octal),
            NativeOption("iocharset", .word(["utf8"])), NativeOption("shortname", .word(["lower", "win95", "winnt", "mixed"])),
        ] + NativeOption.either("discard", "nodiscard") + NativeOption.either("barrier", "nobarrier")
            + NativeOption.flags("noload", "norecovery", "nouuid", "flush", "dax")
    }
    var refusals: [String: String] {
        var all = [
            "sb": "an image is mounted as it is", "journal_dev": "an image has its own journal",
            "journal_path": "an image has its own journal",
        ]
        for name in ["device", "logdev", "rtdev"] { all[name] = "an image is one device" }
        return all
    }

    private static func holds(_ filesystems: String..., readOnly: Bool = false) -> Tuning.Condition {
        let list = filesystems.joined(separator: ", ")
        return Tuning.Condition(
            readOnly ? "it holds \(list) and access is ro" : "it holds \(list)",
            onFileSystem: { share, fstype in
                filesystems.contains(fstype) && (!readOnly || share.access == .ro)
            })
    }

    func plan(_ draft: inout PlanDraft) throws(Cause) {
        let found = draft.facts.image
        draft.log = LogEvidence(
            words: [
                "ext4-fs", "ext3-fs", "ext2-fs", "xfs", "btrfs", "squashfs", "erofs", "isofs", "udf", "fat-fs", "exfat-fs", "loop",
                "i/o error", "jbd2",
            ],
            device: found.flatMap { String(decoding: $0.device, as: UTF8.self).split(separator: Character("/")).last.map(String.init) })
        guard let filesystem = found?.filesystem ?? source.filesystem else {
            draft.fstype = "auto"
            draft.source = Array(source.location.spelling.utf8)
            return
        }
        guard Self.allowed.contains(filesystem) else {
            throw Cause(
                .imageUnrecognized,
                "share '\(draft.share.name)': file system '\(filesystem)' in \(source.location.spelling) is not one that images may have",
                remedy: ["use one of: \(Self.allowed.joined(separator: ", "))"])
        }
        if let wished = source.filesystem, wished != filesystem {
            throw Cause(
                .imageUnrecognized, "share '\(draft.share.name)': \(source.location.spelling) holds \(filesystem), not \(wished)",
                remedy: ["say source.filesystem: \(filesystem), or auto"])
        }
        if Self.readOnly.contains(filesystem), draft.share.access == .rw {
            throw Cause(
                .readOnlySource, "share '\(draft.share.name)': \(filesystem) cannot be written to", remedy: ["say access: ro"])
        }
        draft.fstype = filesystem
        draft.source = found?.device ?? Array(source.location.spelling.utf8)
        draft.apply(Self.tunings)
        applyOwnership(filesystem, &draft)
    }

    private func applyOwnership(_ filesystem: String, _ draft: inout PlanDraft) {
        guard ["vfat", "exfat", "iso9660"].contains(filesystem) else { return }
        let ownership = draft.share.ownership
        if let uid = ownership.uid { draft.options.share("uid", String(uid), why: "the share's owner") }
        if let gid = ownership.gid { draft.options.share("gid", String(gid), why: "the share's group") }
        guard filesystem != "iso9660" else { return }
        if let mode = ownership.fileMode { draft.options.share("fmask", octal(0o777 & ~mode), why: "the share's own") }
        if let mode = ownership.directoryMode { draft.options.share("dmask", octal(0o777 & ~mode), why: "the share's own") }
    }

    func reading(of failure: MountFailure, for plan: MountPlan) -> FailureReading? {
        let image = source.location.spelling
        return switch failure.errno {
        case .einval where failure.logs("duplicate UUID"):
            FailureReading(
                .alreadyAttached, "another mount of this guest has an XFS of the same UUID, as images made from one template do",
                remedy: [
                    "say options: {nouuid: true} in the share", "or, while it is attached nowhere: xfs_admin -U generate IMAGE",
                ])
        case .einval, .eucleaned, .ebadmsg, .efbig, .enodata, .eoverflow, .eilseq:
            FailureReading(
                .imageDamaged, "the \(plan.fstype) in \(image) is damaged or made by a newer system",
                remedy: ["check it while it is attached nowhere: fsck -n -t \(plan.fstype) IMAGE", "put back a good copy of the image"])
        case .eio:
            FailureReading(
                .ioError, "\(image) cannot be read", remedy: ["dmesg | tail", "check the disk or the share that the image is in"])
        case .enoent, .enxio, .enomedium:
            FailureReading(.imageNotFound, "\(image) is gone", remedy: ["lsblk -o NAME,SERIAL,LABEL,UUID"])
        case .erofs, .eacces:
            FailureReading(.readOnlySource, "\(image) cannot be written to", remedy: ["say access: ro"])
        case .ebusy:
            FailureReading(
                .alreadyAttached, "\(image) is in use by another mount",
                remedy: ["findmnt -S \(String(printing: plan.source).quotedForShell)"])
        default: nil
        }
    }
}
