import CLinux
import Glibc

/// Why a file of root's is not taken as such.
public enum TrustedFileFailure: Error, Equatable, Sendable {
    /// It could not be read.
    case failed(SystemCallError)
    /// Somebody else than root and this process's own user owns it, or may write to it.
    case writableByOthers(path: [UInt8])

    /// One clause.
    public var text: String {
        switch self {
        case .failed(let error): error.text
        case .writableByOthers: "others than its owner root may write to it"
        }
    }
}

/// Reads a file that decides what root does: one that others could have written is refused.
/// - Parameters:
///   - limit: the most bytes that are taken.
///   - anyOwner: takes it whoever may write to it, for files that somebody names on a command line.
public func readTrustedFile(_ path: [UInt8], limit: Int, anyOwner: Bool = false) throws(TrustedFileFailure) -> [UInt8] {
    do throws(SystemCallError) {
        let file = OwnedDescriptor(
            adopting: unsafe try withPath("open", path) { unsafe open($0, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK) })
        // Asked of the opened file, so that it cannot be exchanged between the question and the reading.
        var status = stat()
        let descriptor = file.rawValue
        try systemCall("fstat", path: path) { unsafe fstat(descriptor, &status) }
        let isOwn = status.st_uid == 0 || status.st_uid == geteuid()
        if anyOwner || isOwn && status.st_mode & (S_IWGRP | S_IWOTH) == 0 { return try readAll(descriptor, limit: limit, path: path) }
    } catch {
        throw .failed(error)
    }
    throw .writableByOthers(path: path)
}

/// The names in a directory, in the order of their bytes; none where there is no such directory.
/// - Throws: any other error of opening it.
public func directoryNames(_ path: [UInt8]) throws(SystemCallError) -> [[UInt8]] {
    let text = (path + [0]).map { CChar(bitPattern: $0) }
    guard let directory = unsafe opendir(text) else {
        if errno == ENOENT { return [] }
        throw SystemCallError(call: "opendir", errno: errno, path: path)
    }
    defer { unsafe closedir(directory) }
    var names: [[UInt8]] = []
    while let entry = unsafe readdir(directory) {
        let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { unsafe Array($0.prefix { $0 != 0 }) }
        if name != [UInt8(ascii: ".")], name != Array("..".utf8) { names.append(name) }
    }
    return names.sorted { $0.lexicographicallyPrecedes($1) }
}

/// Makes a directory where there is none; its parent must exist.
public func makeDirectory(_ path: [UInt8], mode: UInt32) throws(SystemCallError) {
    do throws(SystemCallError) {
        unsafe try withPath("mkdir", path) { unsafe mkdir($0, mode_t(mode)) }
    } catch  where error.errno == EEXIST {
        // There already, which is all that is wanted.
    }
}

/// The number of a group by its name; nil where there is none.
public func groupID(named name: String) -> UInt32? {
    unsafe getgrnam(name).map { unsafe $0.pointee.gr_gid }
}
