import Glibc

/// Opens a file to write behind what is in it; it is made where there is none. A symbolic link is refused.
public func openForAppending(_ path: [UInt8], mode: UInt32) throws(SystemCallError) -> OwnedDescriptor {
    OwnedDescriptor(
        adopting: unsafe try withPath("open", path) {
            unsafe open($0, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, mode_t(mode))
        })
}

/// Removes a file; that there is none is fine, too.
public func removeFile(_ path: [UInt8]) {
    _ = unsafe try? withPath("unlink", path) { unsafe unlink($0) }
}

/// Removes a directory where nothing is in it and nothing is mounted on it.
public func removeEmptyDirectory(_ path: [UInt8]) {
    _ = unsafe try? withPath("rmdir", path) { unsafe rmdir($0) }
}

/// Whether a path leads to a directory.
public func directoryExists(_ path: String) -> Bool {
    var answer = stat()
    guard (unsafe try? withPath("stat", Array(path.utf8), { unsafe stat($0, &answer) })) != nil else { return false }
    return answer.st_mode & S_IFMT == S_IFDIR
}
