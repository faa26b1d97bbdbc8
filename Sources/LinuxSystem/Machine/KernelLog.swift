import Glibc

/// One record of the kernel's log.
public struct KernelLogRecord: Hashable, Sendable {
    /// 0 (emergency) to 7 (debug).
    public let severity: Int
    /// The number of the record; a gap means that records were lost.
    public let sequence: UInt64
    /// Microseconds of the kernel's clock since boot.
    public let microseconds: UInt64
    /// What was said, without the lines of context that follow it; the kernel's escapes (`\x0a`) are kept.
    public let message: [UInt8]

    /// Parses what one read of /dev/kmsg gives: `6,1234,5678901,-;message` (Documentation/ABI/testing/dev-kmsg).
    init?(parsing bytes: some Collection<UInt8>) {
        guard let semicolon = bytes.firstIndex(of: UInt8(ascii: ";")) else { return nil }
        let fields = String(decoding: bytes[..<semicolon], as: UTF8.self).split(separator: Character(","))
        guard fields.count >= 3, let priority = UInt64(fields[0]), let sequence = UInt64(fields[1]), let microseconds = UInt64(fields[2])
        else { return nil }
        severity = Int(priority & 7)
        self.sequence = sequence
        self.microseconds = microseconds
        message = Array(bytes[bytes.index(after: semicolon)...].prefix { $0 != UInt8(ascii: "\n") })
    }
}

/// The kernel's log from the moment it was opened: open it, do something, then see what the kernel said about it.
///
/// CIFS, virtiofs, 9p and ext4 tell the reason of a failed mount only here.
public struct KernelLog: ~Copyable {
    private let file: OwnedDescriptor

    /// The most records taken at once.
    public static let recordLimit = 512
    /// The kernel writes no longer record (PRINTK_MESSAGE_MAX with its prefix).
    private static let recordSize = 8192

    /// Opens the log at its end.
    /// - Throws: EPERM or EACCES without CAP_SYSLOG, ENOENT without /dev/kmsg.
    public init() throws(SystemCallError) {
        let path = Array("/dev/kmsg".utf8)
        let file = OwnedDescriptor(
            adopting: unsafe try withPath("open", path) { unsafe open($0, O_RDONLY | O_NONBLOCK | O_CLOEXEC) })
        let number = file.rawValue
        try systemCall("lseek", path: path) { lseek(number, 0, SEEK_END) }
        self.file = file
    }

    /// Records that were read at a time.
    public struct Taken: Sendable {
        /// The oldest first.
        public fileprivate(set) var records: [KernelLogRecord] = []
        /// Whether there were no others: none was overwritten before it was read, and none is left.
        public fileprivate(set) var areAll = true

        /// None.
        public init() {}
    }

    /// The records that are new since the last call, or since opening; at most `limit` of them. Never waits.
    public borrowing func takeNew(upTo limit: Int = recordLimit) -> Taken {
        take(upTo: limit) { _ in true }
    }

    /// What was said in the last seconds, before the log was opened as well; the oldest first.
    /// - Throws: as `init`.
    public static func recent(seconds: Int64) throws(SystemCallError) -> [KernelLogRecord] {
        let log = try KernelLog()
        let number = log.file.rawValue
        try systemCall("lseek") { lseek(number, 0, SEEK_SET) }
        // The log's clock is the monotonic one, but for a drift that matters to nobody here.
        let since = max(0, MonotonicTime.now().nanoseconds / 1000 - seconds * 1_000_000)
        return log.take(upTo: .max) { $0.microseconds >= since }.records
    }

    private borrowing func take(upTo limit: Int, where isWanted: (KernelLogRecord) -> Bool) -> Taken {
        var taken = Taken()
        var room = [UInt8](repeating: 0, count: Self.recordSize)
        let number = file.rawValue
        while taken.records.count < limit {
            do throws(SystemCallError) {
                let count = try systemCall("read") {
                    unsafe room.withUnsafeMutableBytes { unsafe read(number, $0.baseAddress, $0.count) }
                }
                if count == 0 { return taken }
                if let record = KernelLogRecord(parsing: room[..<count]), isWanted(record) { taken.records.append(record) }
            } catch {
                if error.errno == EAGAIN { return taken }
                taken.areAll = false
                // EPIPE: records were overwritten before they were read; reading goes on with the oldest there is.
                if error.errno != EPIPE { return taken }
            }
        }
        taken.areAll = false
        return taken
    }
}
