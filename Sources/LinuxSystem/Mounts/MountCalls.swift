import CLinux
import Glibc

/// How to unmount (umount2(2)).
public struct UnmountOptions: OptionSet, Hashable, Sendable {
    /// The MNT_ and UMOUNT_ bits.
    public let rawValue: CInt

    /// A set of such bits.
    public init(rawValue: CInt) {
        self.rawValue = rawValue
    }

    /// Abort requests that are under way, where the file system can. Data that was not written is lost.
    public static let force = UnmountOptions(rawValue: 1)
    /// Take it out of the tree now and end it when nobody uses it any more.
    public static let detach = UnmountOptions(rawValue: 2)
    /// Do not follow a symbolic link at the target.
    public static let noFollow = UnmountOptions(rawValue: 8)
}

/// Unmounts what is topmost at `target`. Can block for ever, even with `detach`: for workers only.
/// - Throws: EBUSY, EINVAL where nothing is mounted there, EPERM.
public func unmount(_ target: [UInt8], _ options: UnmountOptions) throws(SystemCallError) {
    unsafe try withPath("umount2", target) { unsafe shareagent_umount2($0, options.rawValue) }
}

/// What a remount is about.
public enum RemountScope: Sendable {
    /// The mount alone, whatever else shows the same file system; the file system is not asked.
    case mountAlone
    /// The file system, with options of its own.
    case fileSystem
}

/// Changes a mount that stands (mount(2) with MS_REMOUNT).
/// - Parameters:
///   - root: a descriptor of the mount's root; O_PATH will do.
///   - flags: all MS_* bits that it is to have.
///   - data: the file system's options, without NUL.
/// - Throws: EBUSY where files are open for writing and it is to become read-only, EINVAL, EROFS.
public func remount(_ root: CInt, flags: UInt, of scope: RemountScope, data: [UInt8]) throws(SystemCallError) {
    let isAlone: CInt = scope == .mountAlone ? 1 : 0
    unsafe try withPath("mount", Array("/proc/self/fd/\(root)".utf8)) { path in
        unsafe (data + [0]).withUnsafeBytes { bytes in
            unsafe shareagent_remount(path, flags, isAlone, bytes.baseAddress)
        }
    }
}

/// The id, as in mountinfo, of the mount that a descriptor's file is on. It is read from /proc, where the kernel answers by itself:
/// statx(2) asks the file system, also with AT_STATX_DONT_SYNC (cifs in 6.1 does where its attributes are out of date), and a
/// dead server's fails.
/// - Parameter descriptor: O_PATH will do.
/// - Throws: ENOTSUP where /proc does not tell it.
public func mountID(of descriptor: CInt) throws(SystemCallError) -> UInt64 {
    try mountID(of: descriptor, process: "self")
}

/// The same of another process's descriptor.
/// - Parameter process: its directory in /proc.
public func mountID(of descriptor: CInt, process: String) throws(SystemCallError) -> UInt64 {
    let path = Array("/proc/\(process)/fdinfo/\(descriptor)".utf8)
    let key = Array("mnt_id:".utf8)
    for line in try readFile(path, limit: 64 << 10).split(separator: UInt8(ascii: "\n")) where line.starts(with: key) {
        let value = line.dropFirst(key.count).drop { $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: " ") }
        if let id = UInt64(String(decoding: value, as: UTF8.self)) { return id }
    }
    throw SystemCallError(call: "read", errno: ENOTSUP, path: path)
}

/// How full a file system is (statfs(2)).
public struct FileSystemUsage: Hashable, Sendable {
    /// The magic number of the type, such as 0x6969 for NFS.
    public let magic: UInt64
    /// The size in bytes; 0 where the file system does not say.
    public let sizeBytes: UInt64
    /// Bytes that are in use.
    public let usedBytes: UInt64
    /// Bytes that programs without privilege can still write.
    public let availableBytes: UInt64
    /// How many files there can be; 0 where there is no such limit.
    public let inodes: UInt64
    /// How many there are.
    public let inodesUsed: UInt64

    /// From statfs's numbers, which a server made up: they saturate instead of trapping.
    init(_ answer: shareagent_usage) {
        func scaled(_ blocks: UInt64) -> UInt64 {
            let (bytes, overflow) = blocks.multipliedReportingOverflow(by: answer.unit)
            return overflow ? .max : bytes
        }
        func less(_ all: UInt64, _ free: UInt64) -> UInt64 { all > free ? all - free : 0 }
        magic = answer.magic
        sizeBytes = scaled(answer.blocks)
        usedBytes = scaled(less(answer.blocks, answer.free_blocks))
        availableBytes = scaled(answer.available_blocks)
        inodes = answer.inodes
        inodesUsed = less(answer.inodes, answer.free_inodes)
    }

    /// Asks the file system that `path` is on. Hangs on a dead share: for workers only.
    public static func read(_ path: [UInt8]) throws(SystemCallError) -> FileSystemUsage {
        var answer = shareagent_usage()
        unsafe try withPath("statfs", path) { unsafe shareagent_statfs($0, -1, &answer) }
        return FileSystemUsage(answer)
    }

    /// Asks the file system that a descriptor's file is on. Hangs on a dead share: for workers only.
    public static func read(_ descriptor: CInt) throws(SystemCallError) -> FileSystemUsage {
        var answer = shareagent_usage()
        try systemCall("fstatfs") { unsafe shareagent_statfs(nil, descriptor, &answer) }
        return FileSystemUsage(answer)
    }
}
