import Glibc

/// Which file a path leads to, so that a replacement is told from the file it replaced. Local files only: it asks the file system.
struct FileIdentity: Hashable {
    private let device: dev_t
    private let inode: ino_t
    private let type: mode_t
    /// A new file can get the number of the one before it, but not its change time.
    private let changedSeconds: Int
    private let changedNanoseconds: Int

    /// What stands at `path` itself, or, with `following`, what a symbolic link there leads to; nil where there is nothing.
    static func of(_ path: [UInt8], following: Bool = false) -> FileIdentity? {
        var answer = stat()
        let flags = following ? 0 : AT_SYMLINK_NOFOLLOW
        guard (unsafe try? withPath("fstatat", path, { unsafe fstatat(AT_FDCWD, $0, &answer, flags) })) != nil else { return nil }
        return FileIdentity(
            device: answer.st_dev, inode: answer.st_ino, type: answer.st_mode & S_IFMT, changedSeconds: answer.st_ctim.tv_sec,
            changedNanoseconds: answer.st_ctim.tv_nsec)
    }

    var isSocket: Bool { type == S_IFSOCK }

    /// The same device and inode, even if it was changed meanwhile.
    func isSameFile(as other: FileIdentity?) -> Bool {
        other.map { $0.device == device && $0.inode == inode } ?? false
    }
}
