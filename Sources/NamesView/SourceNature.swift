import LinuxSystem

/// What a source's type says of how it may be used.
struct SourceNature {
    /// As whom the kernel may pass reads and writes through: it is one user for all that have a file open.
    ///
    /// A file is opened as the user who asks in any case, so what a source refuses is refused.
    enum Passing {
        case never
        /// It serves root whatever it serves others.
        case asRoot
        /// It goes by the user who opened.
        case asOpener
    }
    var passing = Passing.never
    /// Whether what is long is read past its pages, as the view has its own.
    var isReadDirectly = false
    /// Whether it is written past them, too. Not NFS, which would wait for the server's disk at each piece.
    var isWrittenDirectly = false
    /// Whether it is of this machine's own: it has nothing to say to a close, as what was written is settled when it is written, or at an
    /// fsync.
    var isLocal = false

    /// Of this machine's own, or asked with the mount's credential and not the user's. Not CephFS, which has keys that squash root; not FUSE
    /// in general, where a file system may be for one user only.
    private static let thoseServingRoot: Set<String> = [
        "btrfs", "cifs", "exfat", "ext2", "ext3", "ext4", "f2fs", "smb3", "tmpfs", "vfat", "virtiofs", "xfs",
    ]
    /// Those of them whose files have no `flush` in the kernel.
    private static let thoseLocal: Set<String> = ["btrfs", "exfat", "ext2", "ext3", "ext4", "tmpfs", "vfat", "xfs"]

    /// Those that take an O_DIRECT read of any offset and length, and whose server has pages of its own.
    private static let thoseReadDirectly: Set<String> = ["nfs", "nfs4", "virtiofs"]

    /// NFS, whose servers squash root, and whose files are read and written by the credential that they were opened with: where the server
    /// knows what is open (of 3 it does not, and gives the number of a removed file away), opens by number (4.0 opens by name), and takes a
    /// user's word for who they are.
    private static func servesOpeners(_ type: String, _ options: [ArraySlice<UInt8>]) -> Bool {
        type == "nfs4" && options.contains { $0.elementsEqual("sec=sys".utf8) }
            && options.contains { $0.elementsEqual("vers=4.1".utf8) || $0.elementsEqual("vers=4.2".utf8) }
    }

    /// - Parameter place: the source's top, open.
    init(of place: CInt) {
        guard let id = try? mountID(of: place), let mount = (try? MountTable.read())?.entry(id: id) else { return }
        let type = String(decoding: mount.fstype, as: UTF8.self)
        isReadDirectly = Self.thoseReadDirectly.contains(type)
        isWrittenDirectly = type == "virtiofs"
        isLocal = Self.thoseLocal.contains(type)
        let options = mount.superOptions.split(separator: UInt8(ascii: ","))
        if Self.servesOpeners(type, options) {
            passing = .asOpener
        } else if Self.thoseServingRoot.contains(type), !options.contains(where: { $0.elementsEqual("multiuser".utf8) }) {
            passing = .asRoot
        }
    }
}
