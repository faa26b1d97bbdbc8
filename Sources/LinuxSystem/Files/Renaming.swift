import CLinux
import Glibc

// Changes of names in one open directory. None follows a link, none replaces what is there. For workers only.

/// Gives an entry another name (renameat2 with RENAME_NOREPLACE).
/// - Throws: EEXIST where that name is taken; EINVAL where the file system cannot promise not to replace (NFS, 9p, CephFS).
public func renameWithoutReplacing(in directory: CInt, _ from: [UInt8], to: [UInt8]) throws(SystemCallError) {
    unsafe try withTwo("renameat2", from, to) { unsafe shareagent_rename_keeping(directory, $0, $1) }
}

/// Gives an entry another name, and replaces a file or an empty directory that has it.
public func renameReplacing(in directory: CInt, _ from: [UInt8], to: [UInt8]) throws(SystemCallError) {
    unsafe try withTwo("renameat", from, to) { unsafe renameat(directory, $0, directory, $1) }
}

/// Gives an entry that is no directory one more name.
/// - Throws: EEXIST where that name is taken.
public func linkOnceMore(in directory: CInt, _ from: [UInt8], as to: [UInt8]) throws(SystemCallError) {
    unsafe try withTwo("linkat", from, to) { unsafe linkat(directory, $0, directory, $1, 0) }
}

/// Makes a symbolic link.
/// - Throws: EEXIST where the name is taken.
public func makeLink(in directory: CInt, _ name: [UInt8], to target: [UInt8]) throws(SystemCallError) {
    unsafe try withTwo("symlinkat", target, name) { unsafe symlinkat($0, directory, $1) }
}

/// Where a symbolic link leads to, as it says.
/// - Throws: EINVAL where the name is no symbolic link.
public func linkTarget(in directory: CInt, _ name: [UInt8]) throws(SystemCallError) -> [UInt8] {
    var room = [UInt8](repeating: 0, count: 4096)
    let length = unsafe try withPath("readlinkat", name) { name in
        unsafe room.withUnsafeMutableBytes { room in
            unsafe readlinkat(directory, name, room.bindMemory(to: CChar.self).baseAddress.unsafelyUnwrapped, room.count)
        }
    }
    return Array(room.prefix(length))
}

/// Gives a symbolic link itself an owner.
public func setOwner(in directory: CInt, _ name: [UInt8], user: UInt32, group: UInt32) throws(SystemCallError) {
    unsafe try withPath("fchownat", name) { unsafe fchownat(directory, $0, user, group, AT_SYMLINK_NOFOLLOW) }
}

/// Sets when the content of an entry changed last; of a symbolic link itself. An empty name is the directory.
public func setModified(in directory: CInt, _ name: [UInt8], _ moment: EntryMark.Moment) throws(SystemCallError) {
    // UTIME_OMIT: the time of the last access stays.
    let times = [timespec(tv_sec: 0, tv_nsec: 0x3FFF_FFFE), timespec(tv_sec: Int(moment.seconds), tv_nsec: Int(moment.nanoseconds))]
    if name.isEmpty {
        try systemCall("futimens") { unsafe times.withUnsafeBufferPointer { unsafe futimens(directory, $0.baseAddress) } }
        return
    }
    unsafe try withPath("utimensat", name) { name in
        unsafe times.withUnsafeBufferPointer { unsafe utimensat(directory, name, $0.baseAddress, AT_SYMLINK_NOFOLLOW) }
    }
}

/// Opens a directory below an open one by a path, however deep: no symbolic link is followed and no other file system entered.
public func openDirectoryBeneath(_ root: CInt, path: [UInt8]) throws(SystemCallError) -> OwnedDescriptor {
    /// Below PATH_MAX.
    let most = 4000
    let components = path.split(separator: UInt8(ascii: "/"))
    var piece: [UInt8] = []
    var directory: OwnedDescriptor?
    for component in components {
        if piece.count + component.count + 1 > most {
            directory = try openBeneath(directory?.rawValue ?? root, piece, shareagent_o_path | shareagent_o_directory)
            piece = []
        }
        piece += (piece.isEmpty ? [] : [UInt8(ascii: "/")]) + component
    }
    return try openBeneath(directory?.rawValue ?? root, piece.isEmpty ? [UInt8(ascii: ".")] : piece, O_RDONLY | shareagent_o_directory)
}

/// Opens a directory below an open one to be looked at, symbolic links on the way followed as long as they stay below it.
/// - Throws: EXDEV where the way leads out, or to another file system.
public func openDirectoryFollowing(_ root: CInt, path: [UInt8]) throws(SystemCallError) -> OwnedDescriptor {
    let resolve = shareagent_resolve_beneath | shareagent_resolve_no_magiclinks | shareagent_resolve_no_xdev
    while true {
        do throws(SystemCallError) {
            return OwnedDescriptor(
                adopting: unsafe try withPath("openat2", path.isEmpty ? [UInt8(ascii: ".")] : path) {
                    unsafe shareagent_openat2(root, $0, UInt64(O_RDONLY | shareagent_o_directory), 0, resolve)
                })
        } catch {
            // A rename or mount somewhere while the kernel walked up; it asks for another try.
            if error.errno != EAGAIN { throw error }
        }
    }
}

/// Takes a file for this process alone until it is closed (flock(2)).
/// - Returns: false where another process has it.
public func takeAlone(_ file: CInt) throws(SystemCallError) -> Bool {
    do throws(SystemCallError) {
        try systemCall("flock") { flock(file, LOCK_EX | LOCK_NB) }
        return true
    } catch {
        if error.errno == EWOULDBLOCK { return false }
        throw error
    }
}

/// Gives back what `takeAlone` took, also where a child that is just being started shares the open file.
public func giveBack(_ file: CInt) { _ = flock(file, LOCK_UN) }

/// Lends two names as C strings for one call.
private func withTwo(
    _ call: String, _ first: [UInt8], _ second: [UInt8], _ body: (UnsafePointer<CChar>, UnsafePointer<CChar>) -> CInt
) throws(SystemCallError) {
    if second.contains(0) { throw SystemCallError(call: call, errno: EINVAL, path: second) }
    unsafe try withPath(call, first) { first in
        unsafe (second + [0]).withUnsafeBytes { second in
            unsafe body(first, second.assumingMemoryBound(to: CChar.self).baseAddress.unsafelyUnwrapped)
        }
    }
}
