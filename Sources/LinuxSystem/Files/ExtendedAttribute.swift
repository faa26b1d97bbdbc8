import CLinux
import Glibc

/// The value of an extended attribute of the file that a descriptor is open on.
/// - Parameter descriptor: O_PATH will do.
/// - Throws: ENODATA or EOPNOTSUPP where there is none, ERANGE where it has more than `limit` bytes.
public func extendedAttribute(_ name: String, ofMountedAt descriptor: CInt, limit: Int) throws(SystemCallError) -> [UInt8] {
    var room = [UInt8](repeating: 0, count: limit)
    let count = unsafe try withPath("getxattr", Array("/proc/self/fd/\(descriptor)".utf8)) { path in
        unsafe room.withUnsafeMutableBytes { unsafe shareagent_getxattr(path, name, $0.baseAddress, UInt($0.count)) }
    }
    return Array(room[..<count])
}
