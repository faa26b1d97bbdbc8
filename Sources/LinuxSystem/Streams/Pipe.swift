import CLinux
import Glibc

/// Both ends of a fresh pipe, close-on-exec; neither end ever blocks.
public struct Pipe: ~Copyable, Sendable {
    /// Where bytes come out.
    public let readEnd: OwnedDescriptor
    /// Where bytes go in.
    public let writeEnd: OwnedDescriptor

    /// A pipe that holds at least `capacity` bytes; the kernel's own 64 KiB where nothing is asked.
    /// - Throws: EMFILE or ENFILE where descriptors have run out, EPERM past /proc/sys/fs/pipe-max-size.
    public init(capacity: Int = 0) throws(SystemCallError) {
        var ends: [CInt] = [-1, -1]
        try systemCall("pipe2") { unsafe shareagent_pipe(&ends, CInt(clamping: capacity)) }
        readEnd = OwnedDescriptor(adopting: ends[0])
        writeEnd = OwnedDescriptor(adopting: ends[1])
    }
}

/// Reads what is there without waiting, at most `limit` bytes.
/// - Returns: the bytes, and whether the other end is closed and nothing more can come.
/// - Throws: the error of `read`, EAGAIN excepted.
public func readAvailable(_ descriptor: CInt, limit: Int) throws(SystemCallError) -> (bytes: [UInt8], isAtEnd: Bool) {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16_384)
    while bytes.count < limit {
        let wanted = min(chunk.count, limit - bytes.count)
        let count: Int
        do throws(SystemCallError) {
            count = try systemCall("read") {
                unsafe chunk.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, wanted) }
            }
        } catch  where error.errno == EAGAIN {
            return (bytes, false)
        }
        guard count > 0 else { return (bytes, true) }
        bytes += chunk[..<count]
    }
    return (bytes, false)
}

/// Writes what fits without waiting.
/// - Returns: how many bytes went out; 0 where nothing fits now.
/// - Throws: the error of `write`, EAGAIN excepted. SIGPIPE must be ignored or blocked by the program.
public func writeAvailable(_ descriptor: CInt, _ bytes: ArraySlice<UInt8>) throws(SystemCallError) -> Int {
    do throws(SystemCallError) {
        return try systemCall("write") { unsafe bytes.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) } }
    } catch  where error.errno == EAGAIN {
        return 0
    }
}

/// Writes everything to a pipe made large enough for it.
/// - Throws: the error of `write`; ENOBUFS where it did not fit after all.
public func writeWhole(_ descriptor: CInt, _ bytes: [UInt8]) throws(SystemCallError) {
    guard try writeAvailable(descriptor, bytes[...]) == bytes.count else { throw SystemCallError(call: "write", errno: ENOBUFS) }
}
