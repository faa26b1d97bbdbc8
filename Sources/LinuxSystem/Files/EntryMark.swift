import CLinux
import Glibc

/// What tells an entry of a directory from others, also after it got another name. Asks the file system: for workers only.
public struct EntryMark: Hashable, Sendable {
    /// A moment of a file's life, by the clock of whoever keeps it.
    public struct Moment: Hashable, Sendable {
        /// Since 1970.
        public let seconds: Int64
        /// Below 1,000,000,000.
        public let nanoseconds: Int64

        /// From its parts.
        public init(seconds: Int64, nanoseconds: Int64) {
            (self.seconds, self.nanoseconds) = (seconds, nanoseconds)
        }
    }

    /// What an entry is.
    public enum Kind: String, Sendable, CaseIterable {
        /// A regular file.
        case file
        /// A directory.
        case directory
        /// A symbolic link.
        case link
        /// A device, socket or FIFO.
        case other
    }

    /// The file's number. File systems that have none of their own (FAT) give another one at each mount.
    public let inode: UInt64
    /// What it is.
    public let kind: Kind
    /// The permission bits.
    public let permissions: UInt32
    /// How many names it has.
    public let links: UInt64
    /// Whose it is.
    public let user: UInt32
    /// Whose group's.
    public let group: UInt32
    /// In bytes.
    public let size: UInt64
    /// When its content changed last.
    public let modified: Moment
    /// When it was made; nil where the file system does not tell.
    public let born: Moment?
    /// Whether something is mounted on it (Linux 5.8).
    public let isMountRoot: Bool

    /// Of a name in a directory, a link not followed; of the directory itself where the name is empty.
    public static func read(in directory: CInt, _ name: [UInt8] = []) throws(SystemCallError) -> EntryMark {
        var answer = shareagent_mark()
        unsafe try withPath("statx", name) { unsafe shareagent_read_mark(directory, $0, &answer) }
        let kind: Kind =
            switch answer.mode & UInt32(S_IFMT) {
            case UInt32(S_IFREG): .file
            case UInt32(S_IFDIR): .directory
            case UInt32(S_IFLNK): .link
            default: .other
            }
        return EntryMark(
            inode: answer.inode, kind: kind, permissions: answer.mode & 0o7777, links: answer.links, user: answer.user,
            group: answer.group, size: answer.size,
            modified: Moment(seconds: answer.modified_seconds, nanoseconds: Int64(answer.modified_nanoseconds)),
            born: answer.has_born != 0 ? Moment(seconds: answer.born_seconds, nanoseconds: Int64(answer.born_nanoseconds)) : nil,
            isMountRoot: answer.is_mount_root != 0)
    }

    /// The same; nil where there is no such name.
    public static func readIfThere(in directory: CInt, _ name: [UInt8]) throws(SystemCallError) -> EntryMark? {
        do throws(SystemCallError) {
            return try read(in: directory, name)
        } catch {
            if error.errno == ENOENT { return nil }
            throw error
        }
    }
}

/// The longest name of the file system that a directory is on, in bytes, and whether it is mounted read-only.
public func nameLimits(of directory: CInt) throws(SystemCallError) -> (longest: Int, isReadOnly: Bool) {
    var longest: UInt = 0
    var isReadOnly: CInt = 0
    try systemCall("fstatvfs") { unsafe shareagent_name_limits(directory, &longest, &isReadOnly) }
    return (Int(clamping: longest), isReadOnly != 0)
}

/// Whether this process may add and remove names in a directory, as the file system says (faccessat(2)).
/// - Throws: EROFS where nobody may, EACCES where others may.
public func mayChangeNames(in directory: CInt) throws(SystemCallError) {
    try systemCall("faccessat") { unsafe faccessat(directory, ".", W_OK | X_OK, 0x200 /* AT_EACCESS */) }
}
