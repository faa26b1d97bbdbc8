import CFuse
import FuseKernel
import Glibc

/// Calls on files of the source, by directory and name. None follows a link.
enum SourceCalls {
    /// Lends names as C strings.
    @inline(__always)
    static func lend<Answer>(
        _ name: [UInt8], _ call: (UnsafePointer<CChar>) throws(FuseError) -> Answer
    ) throws(FuseError) -> Answer {
        try unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: name.count + 1) { (room) throws(FuseError) in
            for index in name.indices { unsafe room[index] = CChar(bitPattern: name[index]) }
            unsafe room[name.count] = 0
            // Room for at least the NUL has an address.
            return try unsafe call(UnsafePointer(room.baseAddress.unsafelyUnwrapped))
        }
    }

    /// Attributes of an entry.
    static func status(in directory: CInt, _ name: [UInt8]) throws(FuseError) -> stat {
        var status = stat()
        try unsafe lend(name) { (name) throws(FuseError) in
            _ = try FuseError.check { unsafe fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) }
        }
        return status
    }

    /// The same; nil where there is no such entry.
    static func statusIfThere(in directory: CInt, _ name: [UInt8]) throws(FuseError) -> stat? {
        do throws(FuseError) {
            return try status(in: directory, name)
        } catch {
            if error.errno == ENOENT { return nil }
            throw error
        }
    }

    /// Attributes of an open file, or of one that is open as a place only.
    static func status(of file: CInt) throws(FuseError) -> stat {
        var status = stat()
        try FuseError.check { unsafe fstatat(file, "", &status, emptyPath | AT_SYMLINK_NOFOLLOW) }
        return status
    }

    /// AT_EMPTY_PATH, which is only there with _GNU_SOURCE.
    static let emptyPath: CInt = 0x1000

    /// Opens an entry as a place (O_PATH).
    static func openPlace(in directory: CInt, _ name: [UInt8]) throws(FuseError) -> CInt {
        try open(in: directory, name, shareagent_open_path | shareagent_open_nofollow)
    }

    /// The same.
    /// - Throws: ESTALE where it is not this file any more.
    static func openPlace(in directory: CInt, _ name: [UInt8], of identity: Identity) throws(FuseError) -> CInt {
        let opened: CInt
        do throws(FuseError) {
            opened = try openPlace(in: directory, name)
        } catch {
            throw error.errno == ENOENT || error.errno == ENOTDIR ? FuseError(ESTALE) : error
        }
        do throws(FuseError) {
            guard Identity(try status(of: opened)) == identity else { throw FuseError(ESTALE) }
        } catch {
            _ = close(opened)
            throw error
        }
        return opened
    }

    /// Opens an entry.
    static func open(in directory: CInt, _ name: [UInt8], _ flags: CInt, mode: UInt32 = 0) throws(FuseError) -> CInt {
        try unsafe lend(name) { (name) throws(FuseError) in
            try FuseError.check { unsafe shareagent_file_open(directory, name, flags, mode) }
        }
    }
}

/// What tells files apart. The kind is part of it: a number can be given to a new file while nobody holds the old one.
struct Identity: Hashable {
    let device: UInt64
    let inode: UInt64
    let kind: UInt32

    init(_ status: stat) {
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        kind = UInt32(status.st_mode) & UInt32(S_IFMT)
    }

    var isDirectory: Bool { kind == UInt32(S_IFDIR) }
}
