import Glibc

@testable import HostPeer

/// A directory of a test's own, removed with everything in it when the test lets go of it.
final class Folder {
    let path: String

    init() throws {
        var template = Array("/tmp/sharehost-test.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Problem(errno: errno) }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    struct Problem: Error {
        let errno: CInt
    }

    /// Puts a file in place in one step, as an editor does.
    @discardableResult
    func write(_ bytes: [UInt8], to name: String, mode: mode_t = 0o644) throws -> String {
        let fresh = "\(path)/.\(name).new"
        let descriptor = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0, Glibc.write(descriptor, bytes, bytes.count) == bytes.count, fchmod(descriptor, mode) == 0 else {
            throw Problem(errno: errno)
        }
        close(descriptor)
        guard rename(fresh, "\(path)/\(name)") == 0 else { throw Problem(errno: errno) }
        return "\(path)/\(name)"
    }

    @discardableResult
    func write(_ text: String, to name: String, mode: mode_t = 0o644) throws -> String {
        try write(Array(text.utf8), to: name, mode: mode)
    }

    func remove(_ name: String) throws {
        guard unlink("\(path)/\(name)") == 0 else { throw Problem(errno: errno) }
    }

    @discardableResult
    func directory(_ name: String) throws -> String {
        guard mkdir("\(path)/\(name)", 0o755) == 0 else { throw Problem(errno: errno) }
        return "\(path)/\(name)"
    }

    deinit {
        Self.empty(path)
        rmdir(path)
    }

    private static func empty(_ path: String) {
        for name in DirectoryListing.entries(of: path) where unlink("\(path)/\(name)") != 0 {
            empty("\(path)/\(name)")
            rmdir("\(path)/\(name)")
        }
    }
}
