import CLinux
import Glibc

/// Replaces the file at `path` as a whole: whoever reads it, and whatever comes out after a power cut, is the old or the new content.
///
/// - Parameter mode: the permission bits, whatever the umask.
/// - Throws: the call that failed; then the old file stands and nothing is left beside it.
public func writeFileAtomically(_ path: [UInt8], _ bytes: [UInt8], mode: UInt32) throws(SystemCallError) {
    let (directory, name) = split(path)
    let parent = OwnedDescriptor(
        adopting: unsafe try withPath("open", directory) { unsafe open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) })
    let parentNumber = parent.rawValue
    // Hidden, and unlike any name a drop-in directory is searched for, so that a leftover of a power cut is never read.
    let temporary = Array(".".utf8) + name.prefix(200) + Array(".\(String(randomNumber(), radix: 36)).tmp".utf8)
    let file = OwnedDescriptor(
        adopting: unsafe try withPath("openat", temporary) {
            unsafe openat(parentNumber, $0, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        })
    do throws(SystemCallError) {
        try writeAll(file.rawValue, bytes, path: path)
        let number = file.rawValue
        try systemCall("fchmod", path: path) { fchmod(number, mode_t(mode)) }
        try systemCall("fsync", path: path) { fsync(number) }
        unsafe try withPath("renameat", temporary) { from in
            unsafe (name + [0]).withUnsafeBytes { to in
                unsafe renameat(parentNumber, from, parentNumber, to.assumingMemoryBound(to: CChar.self).baseAddress.unsafelyUnwrapped)
            }
        }
    } catch {
        _ = unsafe try? withPath("unlinkat", temporary) { unsafe unlinkat(parentNumber, $0, 0) }
        throw SystemCallError(call: error.call, errno: error.errno, path: path)
    }
    // The rename itself survives a power cut only when the directory is synced, too.
    try systemCall("fsync", path: directory) { fsync(parentNumber) }
}

/// Opens a file to read it and to write behind what is in it. A symbolic link is refused.
/// - Parameter mode: where the file is made, since there was none; nil: ENOENT then.
public func openToAppend(_ path: [UInt8], makingWith mode: UInt32?) throws(SystemCallError) -> OwnedDescriptor {
    let flags = O_RDWR | O_APPEND | O_NOFOLLOW | O_CLOEXEC | (mode == nil ? 0 : O_CREAT)
    return OwnedDescriptor(adopting: unsafe try withPath("open", path) { unsafe open($0, flags, mode_t(mode ?? 0)) })
}

/// Makes a file shorter.
public func shorten(_ file: CInt, to bytes: Int64) throws(SystemCallError) {
    try systemCall("ftruncate") { ftruncate(file, off_t(bytes)) }
}

/// Returns when it would survive a power cut that a file or directory is where its path says, its own content included where it is a file.
public func syncPlace(of path: [UInt8], _ file: CInt?) throws(SystemCallError) {
    if let file { try systemCall("fsync", path: path) { fsync(file) } }
    let (directory, _) = split(path)
    let parent = OwnedDescriptor(
        adopting: unsafe try withPath("open", directory) { unsafe open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) })
    let number = parent.rawValue
    try systemCall("fsync", path: directory) { fsync(number) }
}

/// Returns when a power cut cannot take any change that was made in the file system of an open directory (syncfs(2)); at once where that
/// file system cannot be asked.
public func syncFilesystem(of directory: CInt) throws(SystemCallError) {
    do throws(SystemCallError) {
        try systemCall("syncfs") { shareagent_syncfs(directory) }
    } catch {
        guard [EINVAL, ENOSYS, EOPNOTSUPP].contains(error.errno) else { throw error }
    }
}

/// The absolute path under which an open directory is known to this process, from /proc.
public func pathOfOpen(_ directory: CInt) throws(SystemCallError) -> [UInt8] {
    try linkTarget(in: AT_FDCWD, Array("/proc/self/fd/\(directory)".utf8))
}

/// Writes all bytes to a blocking descriptor.
/// - Parameter path: for the error only.
public func writeAll(_ descriptor: CInt, _ bytes: [UInt8], path: [UInt8]? = nil) throws(SystemCallError) {
    var written = 0
    while written < bytes.count {
        let rest = written..<bytes.count
        written += try systemCall("write", path: path) {
            unsafe bytes.withUnsafeBytes { all in
                let piece = unsafe UnsafeRawBufferPointer(rebasing: all[rest])
                return unsafe write(descriptor, piece.baseAddress, piece.count)
            }
        }
    }
}

/// A file with these bytes that is nowhere but in memory, open for reading from its beginning: what a child is to read.
public func memoryFile(_ bytes: [UInt8]) throws(SystemCallError) -> OwnedDescriptor {
    let file = OwnedDescriptor(adopting: try systemCall("memfd_create") { unsafe shareagent_memory_file("shareagent") })
    let descriptor = file.rawValue
    try writeAll(descriptor, bytes)
    _ = try systemCall("lseek") { CInt(clamping: lseek(descriptor, 0, SEEK_SET)) }
    return file
}

private func split(_ path: [UInt8]) -> (directory: [UInt8], name: [UInt8]) {
    guard let slash = path.lastIndex(of: UInt8(ascii: "/")) else { return (Array(".".utf8), path) }
    return (slash == 0 ? Array("/".utf8) : Array(path[..<slash]), Array(path[(slash + 1)...]))
}

/// Unlikely to be taken; where it is, O_EXCL says so.
private func randomNumber() -> UInt64 {
    var generator = SystemRandomNumberGenerator()
    return generator.next()
}
