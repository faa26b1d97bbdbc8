import Glibc

/// Tells when one of a few files is written or replaced, by watching their directories (inotify). Only for local files.
///
/// Made for /etc/resolv.conf and its kin: the file is watched, and where it is a link, what it leads to as well.
public final class FileChangeWatch {
    private let loop: EventLoop
    private let inotify: OwnedDescriptor
    private let onChange: () -> Void
    private var token: WatchToken?
    /// What is wished in each watched directory.
    private var names: [CInt: Set<[UInt8]>] = [:]

    private static let mask = UInt32(IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_ONLYDIR)

    /// - Parameter paths: absolute. A directory that is missing is passed over.
    public init(_ loop: EventLoop, paths: [[UInt8]], onChange: @escaping () -> Void) throws(SystemCallError) {
        self.loop = loop
        self.onChange = onChange
        inotify = OwnedDescriptor(
            adopting: try systemCall("inotify_init1") { inotify_init1(CInt(IN_CLOEXEC | IN_NONBLOCK)) })
        for path in paths {
            follow(path)
            if let real = Self.resolved(path), real != path { follow(real) }
        }
        token = try loop.watch(inotify.rawValue, events: .readable) { [weak self] _ in self?.react() }
    }

    deinit {
        if let token { loop.unwatch(token) }
    }

    private func follow(_ path: [UInt8]) {
        guard let slash = path.lastIndex(of: UInt8(ascii: "/")) else { return }
        let directory = slash > 0 ? Array(path[..<slash]) : [UInt8(ascii: "/")]
        let descriptor = inotify.rawValue
        guard
            let number = unsafe try? withPath("inotify_add_watch", directory, { unsafe inotify_add_watch(descriptor, $0, Self.mask) })
        else { return }
        names[number, default: []].insert(Array(path[(slash + 1)...]))
    }

    private static func resolved(_ path: [UInt8]) -> [UInt8]? {
        let terminated = (path + [0]).map { CChar(bitPattern: $0) }
        guard let real = unsafe realpath(terminated, nil) else { return nil }
        defer { unsafe free(real) }
        return unsafe Array(UnsafeBufferPointer(start: real, count: strlen(real))).map { UInt8(bitPattern: $0) }
    }

    private func react() {
        var room = [UInt8](repeating: 0, count: 4096)
        var isMeant = false
        while true {
            let count = unsafe read(inotify.rawValue, &room, room.count)
            guard count > 0 else { break }
            if mentions(room[..<count]) { isMeant = true }
        }
        if isMeant { onChange() }
    }

    /// `struct inotify_event`: watch, mask, cookie and length, 4 bytes each, then the name, padded with NUL.
    private func mentions(_ bytes: ArraySlice<UInt8>) -> Bool {
        var rest = bytes
        while rest.count >= 16 {
            let (watch, length) = unsafe rest.withUnsafeBytes {
                unsafe ($0.loadUnaligned(as: CInt.self), $0.loadUnaligned(fromByteOffset: 12, as: UInt32.self))
            }
            let name = Array(rest.dropFirst(16).prefix(Int(length)).prefix { $0 != 0 })
            if names[watch]?.contains(name) == true { return true }
            rest = rest.dropFirst(16 + Int(length))
        }
        return false
    }
}
