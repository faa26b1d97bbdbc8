import CLinux
import Glibc

/// A mount that stands nowhere yet: a copy of one that does, which is given its restrictions before anybody can reach it and is then put
/// onto an open directory, so that no path is walked a second time.
public struct DetachedMount: ~Copyable {
    private let descriptor: OwnedDescriptor

    /// What is taken away from whoever uses the mount (mount_setattr(2)).
    public struct Restrictions: OptionSet, Sendable {
        /// The MOUNT_ATTR_ bits.
        public let rawValue: UInt64
        /// A set of such bits.
        public init(rawValue: UInt64) { self.rawValue = rawValue }
        /// Writing.
        public static let readOnly = Restrictions(rawValue: shareagent_mount_rdonly)
        /// Set-user-id bits.
        public static let noSetUserID = Restrictions(rawValue: shareagent_mount_nosuid)
        /// Device nodes.
        public static let noDevices = Restrictions(rawValue: shareagent_mount_nodev)
        /// Running programs.
        public static let noExecution = Restrictions(rawValue: shareagent_mount_noexec)
        /// Following symbolic links.
        public static let noSymbolicLinks = Restrictions(rawValue: shareagent_mount_nosymfollow)
        /// Access times of directories.
        public static let noDirectoryAccessTime = Restrictions(rawValue: shareagent_mount_nodiratime)
        /// Access times.
        public static let noAccessTime = Restrictions(rawValue: shareagent_mount_noatime)
        /// Access times kept late.
        public static let strictAccessTime = Restrictions(rawValue: shareagent_mount_strictatime)
    }

    /// A copy of the mount whose root a descriptor is open on (O_PATH will do).
    /// - Throws: EINVAL where it is no mount's, EPERM.
    public init(copyOf root: CInt) throws(SystemCallError) {
        descriptor = OwnedDescriptor(adopting: try systemCall("open_tree") { shareagent_clone_mount(root) })
    }

    /// Takes rights away.
    public borrowing func restrict(_ restrictions: Restrictions) throws(SystemCallError) {
        let number = descriptor.rawValue
        guard !restrictions.isEmpty else { return }
        try systemCall("mount_setattr") { shareagent_restrict_mount(number, restrictions.rawValue) }
    }

    /// Puts it onto a directory, over what is there.
    public consuming func attach(to target: CInt) throws(SystemCallError) {
        let number = descriptor.rawValue
        try systemCall("move_mount") { shareagent_attach_mount(number, target) }
    }
}
