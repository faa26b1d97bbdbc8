import LinuxSystem

/// Whether a source serves root whatever it serves others.
///
/// The kernel passes reads and writes through as one user for all that have a file open, and that can only be root: another user who is
/// allowed more than the first could not be served. A file is still opened as the user who asks first, so what a source refuses is refused.
enum RootService {
    /// Of this machine's own, or asked with the mount's credential and not the user's. Not NFS, whose servers squash root; not
    /// CephFS, which has keys that do; not FUSE in general, where a file system may be for one user only.
    private static let types: Set<String> = [
        "btrfs", "cifs", "exfat", "ext2", "ext3", "ext4", "f2fs", "smb3", "tmpfs", "vfat", "virtiofs", "xfs",
    ]

    /// - Parameter place: the source's top, open.
    static func holds(_ place: CInt) -> Bool {
        guard let id = try? mountID(of: place), let mount = (try? MountTable.read())?.entry(id: id),
            types.contains(String(decoding: mount.fstype, as: UTF8.self))
        else { return false }
        return !mount.superOptions.split(separator: UInt8(ascii: ",")).contains { $0.elementsEqual("multiuser".utf8) }
    }
}
