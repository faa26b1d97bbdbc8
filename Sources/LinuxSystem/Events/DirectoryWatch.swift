import Glibc

/// Tells when a file appears at a path, goes, or is replaced by another: a port's link in /dev/virtio-ports, a socket.
///
/// The directories above need not exist yet: the nearest one that does is watched (inotify), never the whole system and never by polling.
/// Only for local paths: it looks the path up.
public final class DirectoryWatch {
    private let loop: EventLoop
    private let path: [UInt8]
    private let onChange: (Bool) -> Void
    private let inotify: OwnedDescriptor
    private var token: WatchToken?
    private var watched: CInt = -1
    private var identity: FileIdentity?

    /// Whether something stands at the path, as far as has been told. A symbolic link counts only when it leads somewhere.
    public var exists: Bool { identity != nil }

    /// What can make a name come, go, or become accessible, and what can take the watched directory itself away.
    private static let mask = UInt32(
        IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_MOVED_FROM | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR)

    /// - Parameters:
    ///   - path: absolute.
    ///   - onChange: runs after each change with whether the file exists now; true again where it was replaced or its owner or mode
    ///     changed. Not called for what is there already: ask `exists`.
    public init(_ loop: EventLoop, path: [UInt8], onChange: @escaping (Bool) -> Void) throws(SystemCallError) {
        self.loop = loop
        self.path = path
        self.onChange = onChange
        inotify = OwnedDescriptor(
            adopting: try systemCall("inotify_init1") { inotify_init1(CInt(IN_CLOEXEC | IN_NONBLOCK)) })
        guard path.first == UInt8(ascii: "/") else { throw SystemCallError(call: "inotify_add_watch", errno: EINVAL, path: path) }
        try follow()
        identity = FileIdentity.of(path, following: true)
        token = try loop.watch(inotify.rawValue, events: .readable) { [weak self] _ in self?.react() }
    }

    deinit {
        if let token { loop.unwatch(token) }
    }

    private func react() {
        // What exactly happened does not matter, because what is there now is looked up anyway.
        var room = [UInt8](repeating: 0, count: 4096)
        while unsafe read(inotify.rawValue, &room, room.count) > 0 {}
        // Out of watches (ENOSPC) or memory: the old watch still stands, and the next event tries again.
        try? follow()
        let found = FileIdentity.of(path, following: true)
        guard found != identity else { return }
        identity = found
        onChange(found != nil)
    }

    /// Watches the deepest directory above the path that exists, until nothing deeper has appeared meanwhile.
    private func follow() throws(SystemCallError) {
        var depth = -1
        while true {
            let (directory, found) = try deepest()
            let old = watched
            watched = directory
            if old >= 0, old != directory { _ = inotify_rm_watch(inotify.rawValue, old) }
            // A directory that was made between looking and watching sends no event, so look once more.
            if found == depth { return }
            depth = found
        }
    }

    /// Adds a watch to the deepest directory that exists; its number and how deep it is, 0 for `/`.
    private func deepest() throws(SystemCallError) -> (watch: CInt, depth: Int) {
        let descriptor = inotify.rawValue
        var directory = parent(of: path)
        while true {
            do throws(SystemCallError) {
                let number = unsafe try withPath("inotify_add_watch", directory) {
                    unsafe inotify_add_watch(descriptor, $0, Self.mask)
                }
                return (number, directory.count - 1)
            } catch {
                // ENOTDIR: a file stands where a directory is to come.
                guard error.errno == ENOENT || error.errno == ENOTDIR, directory.count > 1 else { throw error }
                directory = parent(of: directory)
            }
        }
    }

    private func parent(of path: [UInt8]) -> [UInt8] {
        guard let slash = path.lastIndex(of: UInt8(ascii: "/")), slash > 0 else { return [UInt8(ascii: "/")] }
        return Array(path[..<slash])
    }
}
