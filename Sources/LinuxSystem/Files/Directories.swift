import Glibc

/// The names in a directory, in the order of their bytes; none where there is no such directory.
/// - Throws: any other error of opening it.
public func directoryNames(_ path: [UInt8]) throws(SystemCallError) -> [[UInt8]] {
    let text = (path + [0]).map { CChar(bitPattern: $0) }
    guard let directory = unsafe opendir(text) else {
        if errno == ENOENT { return [] }
        throw SystemCallError(call: "opendir", errno: errno, path: path)
    }
    defer { unsafe closedir(directory) }
    var names: [[UInt8]] = []
    while let entry = unsafe readdir(directory) {
        let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { unsafe Array($0.prefix { $0 != 0 }) }
        if name != [UInt8(ascii: ".")], name != Array("..".utf8) { names.append(name) }
    }
    return names.sorted { $0.lexicographicallyPrecedes($1) }
}

/// Makes a directory where there is none; its parent must exist.
public func makeDirectory(_ path: [UInt8], mode: UInt32) throws(SystemCallError) {
    do throws(SystemCallError) {
        unsafe try withPath("mkdir", path) { unsafe mkdir($0, mode_t(mode)) }
    } catch  where error.errno == EEXIST {
        // There already, which is all that is wanted.
    }
}
