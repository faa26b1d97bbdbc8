import Glibc
import LinuxSystem

/// Unix stream sockets by path. Everything opened here does not block and is not inherited.
enum UnixSocket {
    /// Connects.
    /// - Throws: ENOENT without a socket, ECONNREFUSED without a listener, EAGAIN when its queue is full.
    static func connect(to path: String) throws(SystemCallError) -> OwnedDescriptor {
        let address = try sockaddr_un(path: path)
        let socket = try streamSocket(AF_UNIX)
        let descriptor = socket.rawValue
        try systemCall("connect", path: Array(path.utf8)) {
            unsafe lend(address) { unsafe Glibc.connect(descriptor, $0, $1) }
        }
        return socket
    }

    /// Listens with these permission bits. A socket that nobody serves any more is replaced; one that is served is left alone.
    /// - Throws: EADDRINUSE when another process listens there, or when there is something that is no socket.
    static func listen(at path: String, mode: mode_t) throws(SystemCallError) -> OwnedDescriptor {
        let address = try sockaddr_un(path: path)
        if isServed(path) { throw SystemCallError(call: "bind", errno: EADDRINUSE, path: Array(path.utf8)) }
        var found = stat()
        let answer = unsafe lstat(path, &found)
        if answer == 0, found.st_mode & S_IFMT == S_IFSOCK { _ = unsafe unlink(path) }
        let socket = try streamSocket(AF_UNIX)
        let descriptor = socket.rawValue
        // The bits are right from the first moment on: between bind and a chmod anybody could connect.
        let before = umask(~mode & 0o777)
        defer { _ = umask(before) }
        try systemCall("bind", path: Array(path.utf8)) {
            unsafe lend(address) { unsafe bind(descriptor, $0, $1) }
        }
        try systemCall("listen", path: Array(path.utf8)) { Glibc.listen(descriptor, 64) }
        return socket
    }

    /// Whether somebody listens there.
    private static func isServed(_ path: String) -> Bool {
        do throws(SystemCallError) {
            _ = try connect(to: path)
            return true
        } catch {
            // A full queue belongs to a listener.
            return error.errno == EAGAIN
        }
    }
}

extension UnixSocket {
    /// Takes a socket of ours out of its directory.
    static func remove(_ path: String) {
        _ = unsafe unlink(path)
    }
}
