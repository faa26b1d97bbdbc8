/// The flags of mount(2) that hold for every file system (uapi/linux/mount.h).
public struct MountFlags: OptionSet, Hashable, Sendable {
    /// The MS_* bits.
    public let rawValue: UInt
    /// From MS_* bits.
    public init(rawValue: UInt) { self.rawValue = rawValue }

    /// `ro`.
    public static let readOnly = MountFlags(rawValue: 1)
    /// `nosuid`.
    public static let noSetUserID = MountFlags(rawValue: 1 << 1)
    /// `nodev`.
    public static let noDevices = MountFlags(rawValue: 1 << 2)
    /// `noexec`.
    public static let noExecution = MountFlags(rawValue: 1 << 3)
    /// `nosymfollow`, from 5.10.
    public static let noSymbolicLinks = MountFlags(rawValue: 1 << 8)
    /// `noatime`.
    public static let noAccessTime = MountFlags(rawValue: 1 << 10)
    /// `nodiratime`.
    public static let noDirectoryAccessTime = MountFlags(rawValue: 1 << 11)
    /// `relatime`.
    public static let relativeAccessTime = MountFlags(rawValue: 1 << 21)
    /// `strictatime`.
    public static let strictAccessTime = MountFlags(rawValue: 1 << 24)

    /// The words that may be given among native options, since they only take rights away.
    static let words: [(word: String, flag: MountFlags)] = [
        ("ro", .readOnly), ("nosuid", .noSetUserID), ("nodev", .noDevices), ("noexec", .noExecution),
        ("nosymfollow", .noSymbolicLinks), ("noatime", .noAccessTime), ("nodiratime", .noDirectoryAccessTime),
        ("relatime", .relativeAccessTime), ("strictatime", .strictAccessTime),
    ]

    /// The words that give rights, and where to say that instead.
    static let refusedWords: [String: String] = [
        "rw": "say access: rw", "suid": "say mount.suid: true", "dev": "say mount.dev: true", "exec": "say mount.exec: true",
        "atime": "say mount.atime", "user": "only root mounts", "users": "only root mounts", "owner": "only root mounts",
        "group": "only root mounts",
        "remount": "the agent detaches and attaches instead", "bind": "a share is not another directory of the guest",
        "rbind": "a share is not another directory of the guest", "move": "a share is not another directory of the guest",
        "loop": "say type: image with path", "offset": "an image is mounted whole", "sizelimit": "an image is mounted whole",
        "defaults": "the defaults hold anyway", "auto": "say attach: auto", "noauto": "say attach: manual",
        "nofail": "say required: false", "_netdev": "the agent waits for the network itself", "comment": "say labels",
        "helper": "the agent starts no mount helper", "uhelper": "the agent starts no mount helper",
        "shared": "propagation is the guest's", "private": "propagation is the guest's", "slave": "propagation is the guest's",
        "unbindable": "propagation is the guest's",
        "context": "say selinux.context", "fscontext": "say selinux.context", "defcontext": "say selinux.context",
        "rootcontext": "say selinux.context", "seclabel": "say selinux.context",
    ]
}
