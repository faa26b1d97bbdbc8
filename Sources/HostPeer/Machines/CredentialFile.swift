import Glibc
import LinuxSystem
import ShareModel

/// A file that holds one secret: only its owner may look into it, and it is read only when a guest asks.
enum CredentialFile {
    /// The longest secret, in bytes.
    static let limit = 4096

    /// Why a file is not used: one sentence without the path.
    struct Problem: Error, Equatable {
        let sentence: String
    }

    /// Looks whether the file could be used, without reading it.
    /// - Throws: `Problem`.
    static func check(_ path: String, owner: UInt32) throws(Problem) {
        _ = try open(path, owner: owner)
    }

    /// The secret: the file's text less one newline at its end.
    /// - Throws: `Problem`.
    static func read(_ path: String, owner: UInt32) throws(Problem) -> String {
        let file = try open(path, owner: owner)
        let descriptor = file.rawValue
        var bytes = [UInt8](repeating: 0, count: limit + 2)
        var count = 0
        do throws(SystemCallError) {
            while count < bytes.count {
                let more = try systemCall("read") {
                    unsafe bytes.withUnsafeMutableBytes { room in
                        unsafe Glibc.read(descriptor, room.baseAddress?.advanced(by: count), room.count - count)
                    }
                }
                if more == 0 { break }
                count += more
            }
        } catch {
            throw Problem(sentence: "cannot be read: \(error.text) (\(error.name))")
        }
        if count > 0, bytes[count - 1] == 0x0A { count -= 1 }
        guard count > 0 else { throw Problem(sentence: "is empty") }
        guard count <= limit else { throw Problem(sentence: "has more than \(limit) bytes") }
        guard let text = String(validating: bytes[..<count], as: UTF8.self), !bytes[..<count].contains(0) else {
            throw Problem(sentence: "is no UTF-8 text, and cannot be sent")
        }
        return text
    }

    private static func open(_ path: String, owner: UInt32) throws(Problem) -> OwnedDescriptor {
        var found = stat()
        let file = try translated { () throws(SystemCallError) in
            // A link could be turned to another file between a look and the reading, so none is followed.
            let flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY
            let file = OwnedDescriptor(adopting: try systemCall("open") { unsafe Glibc.open(path, flags) })
            let descriptor = file.rawValue
            try systemCall("fstat") { unsafe fstat(descriptor, &found) }
            return file
        }
        guard found.st_mode & S_IFMT == S_IFREG else { throw Problem(sentence: "is no regular file") }
        guard found.st_uid == owner else { throw Problem(sentence: "belongs to user \(found.st_uid), not to \(owner)") }
        guard found.st_mode & 0o7177 == 0 else {
            throw Problem(
                sentence: "has mode \(octal(found.st_mode & 0o7777)), and must not be readable or writable for others: chmod 0600")
        }
        return file
    }

    private static func translated(_ open: () throws(SystemCallError) -> OwnedDescriptor) throws(Problem) -> OwnedDescriptor {
        do {
            return try open()
        } catch {
            throw Problem(sentence: error.errno == ELOOP ? "is a symbolic link" : "cannot be opened: \(error.text) (\(error.name))")
        }
    }

    private static func octal(_ mode: mode_t) -> String {
        let digits = String(mode, radix: 8)
        return String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
    }
}

extension CredentialEntry {
    /// The answer to `credentials.get`, with the secret in it: not to be logged or kept.
    /// - Throws: `CredentialFile.Problem`.
    func answer(owner: UInt32) throws(CredentialFile.Problem) -> Value {
        let secret = try CredentialFile.read(file, owner: owner)
        switch kind {
        case .password(let username, let domain):
            return .object(["kind": "password", "username": .string(username), "domain": .text(domain), "password": .string(secret)])
        case .key(let username):
            return .object(["kind": "key", "username": .text(username), "key": .string(secret)])
        }
    }
}
