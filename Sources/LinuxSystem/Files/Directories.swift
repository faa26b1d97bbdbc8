import Glibc

/// The names in a directory, in the order of their bytes; none where there is no such directory.
/// - Throws: any other error of opening or reading it.
public func directoryNames(_ path: [UInt8]) throws(SystemCallError) -> [[UInt8]] {
    let descriptor: CInt
    do throws(SystemCallError) {
        descriptor = unsafe try withPath("open", path) { unsafe open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK) }
    } catch {
        if error.errno == ENOENT { return [] }
        throw error
    }
    guard let directory = unsafe fdopendir(descriptor) else {
        let number = errno
        _ = close(descriptor)
        throw SystemCallError(call: "fdopendir", errno: number, path: path)
    }
    defer { unsafe closedir(directory) }
    var names: [[UInt8]] = []
    while true {
        errno = 0
        guard let entry = unsafe readdir(directory) else {
            // Only errno tells the end from a failure.
            let number = errno
            if number != 0 { throw SystemCallError(call: "readdir", errno: number, path: path) }
            break
        }
        let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { unsafe Array($0.prefix { $0 != 0 }) }
        if name != Array(".".utf8), name != Array("..".utf8) { names.append(name) }
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
