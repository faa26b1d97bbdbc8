import CLinux
import Glibc

/// A listening Unix stream socket at a path, which is removed again when the listener goes.
public final class UnixListener {
    /// Where it listens.
    public let path: [UInt8]
    private let socket: OwnedDescriptor
    private let identity: FileIdentity?

    /// To be watched for `.readable`; then `accept()` until it answers nil.
    public var descriptor: CInt { socket.rawValue }

    /// How many connections wait at most before `connect` says EAGAIN.
    static let backlog: CInt = 64

    /// Listens at `path` from now on.
    ///
    /// A socket that is left over from a process that is gone is replaced; any other file at the path, and a socket on which somebody
    /// answers, is left alone.
    /// - Parameters:
    ///   - mode: the socket's permission bits, whatever the umask; who may write may connect.
    ///   - group: the group it is given to; nil for this process's own.
    /// - Throws: EADDRINUSE where the path is taken, EACCES, ENOENT where its directory is missing.
    public init(path: [UInt8], mode: UInt32, group: UInt32? = nil) throws(SystemCallError) {
        let address = try UnixAddress(path: path, call: "bind")
        try Self.removeStale(path, address)
        let socket = try unixSocket(SOCK_STREAM)
        let descriptor = socket.rawValue
        // Nobody gets in before owner and mode are right: the file is born with the mode that the socket has now.
        try systemCall("fchmod", path: path) { fchmod(descriptor, 0o600) }
        try systemCall("bind", path: path) { unsafe address.lend { unsafe bind(descriptor, $0, $1) } }
        if let group { unsafe try withPath("lchown", path) { unsafe lchown($0, uid_t.max, group) } }
        unsafe try withPath("chmod", path) { unsafe chmod($0, mode_t(mode)) }
        try systemCall("listen", path: path) { listen(descriptor, Self.backlog) }
        self.path = path
        self.socket = socket
        identity = FileIdentity.of(path)
    }

    deinit {
        // Another process may have put its own socket there meanwhile.
        if let identity, identity.isSameFile(as: FileIdentity.of(path)) {
            _ = unsafe try? withPath("unlink", path) { unsafe unlink($0) }
        }
    }

    /// The next connection, nonblocking; nil where none waits.
    /// - Throws: EMFILE and the like. A connection that ended before it was accepted is passed over.
    public func accept() throws(SystemCallError) -> OwnedDescriptor? {
        let descriptor = descriptor
        while true {
            do throws(SystemCallError) {
                return OwnedDescriptor(adopting: try systemCall("accept4") { shareagent_accept(descriptor) })
            } catch {
                if error.errno == EAGAIN { return nil }
                if error.errno != ECONNABORTED { throw error }
            }
        }
    }

    private static func removeStale(_ path: [UInt8], _ address: UnixAddress) throws(SystemCallError) {
        guard let found = FileIdentity.of(path) else { return }
        guard found.isSocket else { throw SystemCallError(call: "bind", errno: EADDRINUSE, path: path) }
        let probe = try unixSocket(SOCK_STREAM)
        let descriptor = probe.rawValue
        do throws(SystemCallError) {
            try systemCall("connect", path: path) { unsafe address.lend { unsafe connect(descriptor, $0, $1) } }
        } catch {
            if error.errno == ENOENT { return }
            guard error.errno == ECONNREFUSED else { throw error }
            unsafe try withPath("unlink", path) { unsafe unlink($0) }
            return
        }
        throw SystemCallError(call: "bind", errno: EADDRINUSE, path: path)
    }
}
