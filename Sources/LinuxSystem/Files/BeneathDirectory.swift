import CLinux
import Glibc

// Files directly in an open directory, for whoever works on a share: no symbolic link is followed, no other file system is entered,
// nothing outside the directory is reached. All of it hangs with the file system: for workers only.

/// Opens one name of a directory (openat2).
/// - Parameters:
///   - directory: O_PATH will do.
///   - name: one component.
///   - flags: O_*; O_CLOEXEC comes by itself.
///   - mode: permission bits where `flags` make a file.
/// - Throws: ELOOP for a symbolic link, EXDEV where something is mounted there.
public func openBeneath(_ directory: CInt, _ name: [UInt8], _ flags: CInt, mode: UInt32 = 0) throws(SystemCallError) -> OwnedDescriptor {
    let resolve =
        shareagent_resolve_beneath | shareagent_resolve_no_symlinks | shareagent_resolve_no_magiclinks | shareagent_resolve_no_xdev
    while true {
        do throws(SystemCallError) {
            return OwnedDescriptor(
                adopting: unsafe try withPath("openat2", name) {
                    unsafe shareagent_openat2(directory, $0, UInt64(flags), UInt64(mode), resolve)
                })
        } catch {
            // A rename or mount somewhere while the kernel walked; it asks for another try.
            if error.errno != EAGAIN { throw error }
        }
    }
}

/// Opens one name of a directory as a directory that can be listed.
public func openDirectoryBeneath(_ directory: CInt, _ name: [UInt8]) throws(SystemCallError) -> OwnedDescriptor {
    try openBeneath(directory, name, O_RDONLY | shareagent_o_directory)
}

/// Makes a directory in a directory.
/// - Throws: EEXIST where the name is taken.
public func makeDirectory(in directory: CInt, _ name: [UInt8], mode: UInt32) throws(SystemCallError) {
    unsafe try withPath("mkdirat", name) { unsafe mkdirat(directory, $0, mode_t(mode)) }
}

/// Removes a file of a directory, or an empty directory.
public func remove(in directory: CInt, _ name: [UInt8], isDirectory: Bool = false) throws(SystemCallError) {
    unsafe try withPath("unlinkat", name) { unsafe unlinkat(directory, $0, isDirectory ? AT_REMOVEDIR : 0) }
}

/// What a name of a directory is, a symbolic link not followed.
public struct FileFacts: Hashable, Sendable {
    /// A directory.
    public let isDirectory: Bool
    /// A regular file.
    public let isRegular: Bool
    /// Its size in bytes.
    public let sizeBytes: Int64
    /// When its content changed last, in seconds since 1970 by the clock of whoever keeps the file.
    public let modifiedSeconds: Int64

    /// Asks for a name of a directory.
    public static func read(in directory: CInt, _ name: [UInt8]) throws(SystemCallError) -> FileFacts {
        var answer = stat()
        unsafe try withPath("fstatat", name) { unsafe fstatat(directory, $0, &answer, AT_SYMLINK_NOFOLLOW) }
        let type = answer.st_mode & S_IFMT
        return FileFacts(
            isDirectory: type == S_IFDIR, isRegular: type == S_IFREG, sizeBytes: Int64(answer.st_size),
            modifiedSeconds: Int64(answer.st_mtim.tv_sec))
    }
}

/// The names in an open directory but `.` and `..`, as they come.
/// - Parameters:
///   - directory: O_PATH will do; it is opened anew, so listing twice begins twice.
///   - limit: the most names that are taken.
public func names(in directory: CInt, limit: Int) throws(SystemCallError) -> [[UInt8]] {
    let readable = try systemCall("openat") { unsafe openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    guard let stream = unsafe fdopendir(readable) else {
        let number = errno
        _ = close(readable)
        throw SystemCallError(call: "fdopendir", errno: number)
    }
    defer { unsafe closedir(stream) }
    var names: [[UInt8]] = []
    while names.count < limit {
        errno = 0
        guard let entry = unsafe readdir(stream) else {
            // Only errno tells the end from a failure.
            let number = errno
            if number != 0 { throw SystemCallError(call: "readdir", errno: number) }
            break
        }
        let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { unsafe Array($0.prefix { $0 != 0 }) }
        if name != Array(".".utf8), name != Array("..".utf8) { names.append(name) }
    }
    return names
}

/// Reads into `room`, at most all of it, from this place of a file; 0 at its end.
public func readAt(_ file: CInt, _ offset: Int64, into room: inout [UInt8]) throws(SystemCallError) -> Int {
    try systemCall("pread") { unsafe room.withUnsafeMutableBytes { unsafe pread(file, $0.baseAddress, $0.count, off_t(offset)) } }
}

/// Writes all bytes at this place of a file.
public func writeAt(_ file: CInt, _ offset: Int64, _ bytes: [UInt8]) throws(SystemCallError) {
    var written = 0
    while written < bytes.count {
        let done = written
        written += try systemCall("pwrite") {
            unsafe bytes.withUnsafeBytes { all in
                let rest = unsafe UnsafeRawBufferPointer(rebasing: all[done...])
                return unsafe pwrite(file, rest.baseAddress, rest.count, off_t(offset) + off_t(done))
            }
        }
    }
}

/// Returns when a file's content is where a crash cannot take it (fdatasync).
public func syncData(_ file: CInt) throws(SystemCallError) {
    try systemCall("fdatasync") { fdatasync(file) }
}

/// How a file is going to be read (posix_fadvise(2)). Only advice: nothing is wrong where it is not taken.
public enum ReadingAdvice {
    /// Here and there: no read-ahead.
    case random
    /// Not again: what is in memory of it may go.
    case notNeeded
}

/// Gives the advice for the whole file.
public func advise(_ file: CInt, _ advice: ReadingAdvice) {
    switch advice {
    case .random: _ = posix_fadvise(file, 0, 0, POSIX_FADV_RANDOM)
    case .notNeeded: _ = posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED)
    }
}

/// How much of a file's beginning is in this machine's memory, in percent; nil where the file system cannot say.
public func cachedPercent(of file: CInt, bytes: Int64) -> Int? {
    guard bytes > 0 else { return nil }
    let pages = shareagent_resident_pages(file, UInt64(bytes))
    return pages < 0 ? nil : Int(min(100, pages * 4096 * 100 / bytes))
}

/// Gives this process a mount namespace of its own, in which it can mount what nobody else sees.
/// - Throws: EPERM without privilege.
public func makeMountsPrivate() throws(SystemCallError) {
    try systemCall("unshare") { shareagent_private_mounts() }
}
