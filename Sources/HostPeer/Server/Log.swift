import Glibc
import ShareModel

/// Where log lines go: one line a thing, printable, to stderr unless a test wants to see them.
struct Log {
    /// How bad it is, by syslog's numbers.
    enum Level: Int {
        case error = 3
        case warning = 4
        case info = 6
    }

    private let write: (Level, String) -> Void

    init(_ write: @escaping (Level, String) -> Void) {
        self.write = write
    }

    /// Lines to stderr. The journal takes the level from a prefix; everybody else reads the program's name there.
    static func standardError(journal: Bool) -> Log {
        Log { level, line in
            let bytes = Array((journal ? "<\(level.rawValue)>" : "sharehost: ").utf8) + Array(line.utf8) + [0x0A]
            // A log that cannot be written cannot be told anywhere.
            _ = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(2, $0.baseAddress, $0.count) }
        }
    }

    /// Something that somebody has to mend.
    func error(_ line: String) { write(.error, line.printable) }
    /// Something that is not as wished.
    func warning(_ line: String) { write(.warning, line.printable) }
    /// Something that happened.
    func info(_ line: String) { write(.info, line.printable) }
}
