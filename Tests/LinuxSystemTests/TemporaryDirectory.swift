import Glibc
import LinuxSystem
import Testing

/// A directory of its own for one test, removed with all that is in it.
final class TemporaryDirectory {
    let path: String

    init() throws {
        var template = Array("/tmp/shareagent-test-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        Self.remove(path)
    }

    func bytes(_ name: String) -> [UInt8] { Array("\(path)/\(name)".utf8) }

    func text(_ name: String) -> String { "\(path)/\(name)" }

    func write(_ name: String, _ content: String, mode: mode_t = 0o644) throws {
        let number = open(text(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        try #require(number >= 0)
        let file = OwnedDescriptor(adopting: number)
        try #require(Glibc.write(file.rawValue, content, content.utf8.count) == content.utf8.count)
        try #require(fchmod(file.rawValue, mode) == 0)
    }

    private static func remove(_ path: String) {
        if let directory = opendir(path) {
            while let entry = readdir(directory) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                if name != ".", name != ".." { remove("\(path)/\(name)") }
            }
            closedir(directory)
            rmdir(path)
        } else {
            unlink(path)
        }
    }
}

extension EventLoop {
    /// Turns until `condition` holds; false when it does not within the deadline, which is only there for a broken test.
    func turn(until condition: () -> Bool, deadline: Duration = .seconds(20)) throws -> Bool {
        let token = after(deadline) {}
        defer { cancel(token) }
        let end = MonotonicTime.now() + deadline
        while !condition() {
            if MonotonicTime.now() >= end { return false }
            try turn()
        }
        return true
    }
}
