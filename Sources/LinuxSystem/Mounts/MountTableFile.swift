import Glibc

/// Why the mount table could not be had: the kernel did not let it be read, or wrote what this program does not understand.
public enum MountTableFailure: Error, Equatable, Sendable, CustomStringConvertible {
    case unreadable(SystemCallError)
    case malformed(MountTableError)

    /// One line for people.
    public var description: String {
        switch self {
        case .unreadable(let error): "\(error)"
        case .malformed(let error): "\(error)"
        }
    }
}

extension MountTable {
    /// The mount table of this process's mount namespace, now.
    public static func read() throws(MountTableFailure) -> MountTable {
        try read("/proc/self/mountinfo")
    }

    /// The mount table of the mount namespace that process `id` lives in.
    public static func read(ofProcess id: Int32) throws(MountTableFailure) -> MountTable {
        try read("/proc/\(id)/mountinfo")
    }

    /// How often a table that changed while it was read is read anew before it is taken as it is.
    static let readAttempts = 4

    private static func read(_ name: String) throws(MountTableFailure) -> MountTable {
        let path = Array(name.utf8)
        let bytes: [UInt8]
        do throws(SystemCallError) {
            let file = OwnedDescriptor(adopting: unsafe try withPath("open", path) { unsafe open($0, O_RDONLY | O_CLOEXEC) })
            bytes = try settled(file.rawValue, path)
        } catch {
            throw .unreadable(error)
        }
        do throws(MountTableError) {
            return try MountTable(parsing: bytes)
        } catch {
            throw .malformed(error)
        }
    }

    /// The kernel hands the table out a page at a time, so one that changes meanwhile can come out torn; the file itself tells
    /// by POLLPRI whether it has changed since it was opened or last asked.
    private static func settled(_ descriptor: CInt, _ path: [UInt8]) throws(SystemCallError) -> [UInt8] {
        var attempt = 1
        while true {
            let bytes = try readAll(descriptor, limit: byteLimit, path: path)
            var question = pollfd(fd: descriptor, events: Int16(POLLPRI), revents: 0)
            let answers = try systemCall("poll", path: path) { unsafe poll(&question, 1, 0) }
            if answers == 0 || question.revents & Int16(POLLPRI) == 0 || attempt == readAttempts { return bytes }
            attempt += 1
            try systemCall("lseek", path: path) { lseek(descriptor, 0, SEEK_SET) }
        }
    }
}
