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
        // A pipe that somebody names is read to its end, however long its writer takes.
        if anyOwner, status.st_mode & S_IFMT == S_IFIFO {
            _ = try systemCall("fcntl", path: path) { fcntl(descriptor, F_SETFL, O_RDONLY) }
        }
        if anyOwner || isOwn && status.st_mode & (S_IWGRP | S_IWOTH) == 0 { return try readAll(descriptor, limit: limit, path: path) }
    } catch {
        throw .failed(error)
    }
    throw .writableByOthers(path: path)
}

/// Reads standard input to its end.
/// - Throws: the call that failed; EFBIG where there are more than `limit` bytes.
public func readStandardInput(limit: Int) throws(SystemCallError) -> [UInt8] {
    try readAll(STDIN_FILENO, limit: limit, path: Array("standard input".utf8))
}
