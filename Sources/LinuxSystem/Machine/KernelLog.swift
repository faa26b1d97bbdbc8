import Glibc

/// /dev/kmsg from now on: what drivers and file systems say about a call that only gives a vague errno.
///
/// Reading it needs CAP_SYSLOG where kernel.dmesg_restrict is set. Lines of other calls at the same time are in it as well.
public struct KernelLog: ~Copyable {
    private let file: OwnedDescriptor

    /// Begins after the newest line.
    public init() throws(SystemCallError) {
        let path = Array("/dev/kmsg".utf8)
        let opened = OwnedDescriptor(adopting: unsafe try withPath("open", path) { unsafe open($0, O_RDONLY | O_NONBLOCK | O_CLOEXEC) })
        let number = opened.rawValue
        try systemCall("lseek", path: path) { lseek(number, 0, SEEK_END) }
        file = opened
    }

    /// The most lines that one reading takes.
    public static let lineLimit = 512

    /// The lines written since the beginning or the last reading, oldest first, without priority and time.
    public mutating func newLines() -> [[UInt8]] {
        var lines: [[UInt8]] = []
        let number = file.rawValue
        // A record is at most CONSOLE_EXT_LOG_MAX, 8 KiB.
        var room = [UInt8](repeating: 0, count: 8 << 10)
        while lines.count < Self.lineLimit {
            do throws(SystemCallError) {
                let count = try systemCall("read") { unsafe room.withUnsafeMutableBytes { unsafe read(number, $0.baseAddress, $0.count) } }
                if count == 0 { break }
                if let line = Self.message(of: room[..<count]) { lines.append(line) }
            } catch {
                // EPIPE: records were overwritten before they could be read; the next read gives the oldest that is left.
                if error.errno == EPIPE { continue }
                break
            }
        }
        return lines
    }

    /// `priority,sequence,time,flags;message` and, from the second line on, ` KEY=value`.
    static func message(of record: ArraySlice<UInt8>) -> [UInt8]? {
        guard let semicolon = record.firstIndex(of: UInt8(ascii: ";")) else { return nil }
        return Array(record[(semicolon + 1)...].prefix { $0 != UInt8(ascii: "\n") })
    }
}
