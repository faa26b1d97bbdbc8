/// What carries a file system's pages, as /sys/class/bdi shows it. Found by the device number in the mount table, so that a share need not be
/// asked; SMB, 9p and CephFS have theirs under other names.
public struct BackingDevice: Sendable {
    private let readAheadPath: [UInt8]

    /// Of the file system of this number.
    public init(_ number: DeviceNumber) {
        readAheadPath = Array("/sys/class/bdi/\(number)/read_ahead_kb".utf8)
    }

    /// How much is read ahead, in KiB; nil where the device has another name.
    public var readAheadKiB: Int64? {
        guard let bytes = try? readFile(readAheadPath, limit: 64) else { return nil }
        return Int64(String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
    }

    /// Changes it, for files that are opened from now on.
    public func setReadAhead(kibibytes: Int64) throws(SystemCallError) {
        try writeSetting(readAheadPath, Array(String(kibibytes).utf8))
    }
}
