import LinuxSystem

/// What a source's type says of how it may be used.
struct SourceNature {
    /// Whether it serves root whatever it serves others.
    ///
    /// The kernel passes reads and writes through as one user for all that have a file open, and that can only be root: another user who is
    /// allowed more than the first could not be served. A file is still opened as the user who asks first, so what a source refuses is
    /// refused.
    var servesRoot = false
    /// Whether what is long is read past its pages, as the view has its own.
    var isReadDirectly = false
    /// Whether it is written past them, too. Not NFS, which would wait for the server's disk at each piece.
    var isWrittenDirectly = false
    /// Whether it has nothing to say to a close: what was written is settled when it is written, or at an fsync.
    var closesSilently = false

    /// Of this machine's own, or asked with the mount's credential and not the user's. Not NFS, whose servers squash root; not
    /// CephFS, which has keys that do; not FUSE in general, where a file system may be for one user only.
    private static let thoseServingRoot: Set<String> = [
        "btrfs", "cifs", "exfat", "ext2", "ext3", "ext4", "f2fs", "smb3", "tmpfs", "vfat", "virtiofs", "xfs",
    ]
    /// Those of them whose files have no `flush` in the kernel.
    private static let thoseClosingSilently: Set<String> = ["btrfs", "exfat", "ext2", "ext3", "ext4", "tmpfs", "vfat", "xfs"]

    /// Those that take an O_DIRECT read of any offset and length, and whose server has pages of its own.
    private static let thoseReadDirectly: Set<String> = ["nfs", "nfs4", "virtiofs"]

    /// - Parameter place: the source's top, open.
    init(of place: CInt) {
        guard let id = try? mountID(of: place), let mount = (try? MountTable.read())?.entry(id: id) else { return }
        let type = String(decoding: mount.fstype, as: UTF8.self)
        isReadDirectly = Self.thoseReadDirectly.contains(type)
        isWrittenDirectly = type == "virtiofs"
        closesSilently = Self.thoseClosingSilently.contains(type)
        servesRoot =
            Self.thoseServingRoot.contains(type)
            && !mount.superOptions.split(separator: UInt8(ascii: ",")).contains { $0.elementsEqual("multiuser".utf8) }
    }
}
