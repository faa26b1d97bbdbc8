import Glibc

/// Reads a whole file, which may be one of /proc or /sys that says its size is 0.
///
/// - Parameters:
///   - path: as bytes; a symbolic link is followed.
///   - limit: the most bytes that are taken.
/// - Throws: the call that failed; EFBIG where the file has more than `limit` bytes.
public func readFile(_ path: [UInt8], limit: Int) throws(SystemCallError) -> [UInt8] {
    // O_NONBLOCK: a FIFO in a configuration directory must not hold up the reader.
    let file = OwnedDescriptor(
        adopting: unsafe try withPath("open", path) { unsafe open($0, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK) })
    return try readAll(file.rawValue, limit: limit, path: path)
}

/// Reads a descriptor to its end, from where it stands.
/// - Throws: as `readFile`.
func readAll(_ descriptor: CInt, limit: Int, path: [UInt8]) throws(SystemCallError) -> [UInt8] {
    var bytes: [UInt8] = []
    var room = [UInt8](repeating: 0, count: 16 << 10)
    while true {
        let count = try systemCall("read", path: path) {
            unsafe room.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
        }
        if count == 0 { return bytes }
        if bytes.count + count > limit { throw SystemCallError(call: "read", errno: EFBIG, path: path) }
        bytes += room[..<count]
    }
}
