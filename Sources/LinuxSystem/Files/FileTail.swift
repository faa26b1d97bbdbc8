import Glibc

/// Where a file that grows ended, to read later what was written since.
public struct FileTail: Sendable {
    private let path: [UInt8]
    private let offset: Int64

    /// From the file's end as it is now; from its beginning where there is none yet.
    public init(_ path: [UInt8]) {
        self.path = path
        var answer = stat()
        offset = (unsafe try? withPath("stat", path) { unsafe stat($0, &answer) }) == nil ? 0 : Int64(answer.st_size)
    }

    /// What was written since, the last `limit` bytes of it; nothing where it cannot be read.
    public func read(limit: Int) -> [UInt8] {
        guard let number = unsafe try? withPath("open", path, { unsafe open($0, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK) }) else {
            return []
        }
        let file = OwnedDescriptor(adopting: number)
        let end = lseek(number, 0, SEEK_END)
        // A file that was begun anew is read from its beginning.
        let start = max(end < offset ? 0 : offset, Int64(end) - Int64(limit))
        guard lseek(number, Int(start), SEEK_SET) >= 0 else { return [] }
        return (try? readAll(file.rawValue, limit: limit + 4096, path: path)) ?? []
    }
}

/// Whether a path leads to a program that this process may execute.
public func isExecutable(_ path: [UInt8]) -> Bool {
    (unsafe try? withPath("access", path) { unsafe access($0, X_OK) }) != nil
}
