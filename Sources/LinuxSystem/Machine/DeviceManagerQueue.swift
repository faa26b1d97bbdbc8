import Glibc

/// Waits until udev has dealt with the device events that are under way: its rules can undo what was just written to /sys.
///
/// udev keeps /run/udev/queue while it has events to deal with (udevadm(8), `settle`). Made before what causes an event, this
/// notices also an event that begins and ends before anybody asks.
public struct DeviceManagerQueue: ~Copyable {
    private let watch: OwnedDescriptor

    private static let directory = Array("/run/udev".utf8)
    private static let queue = "/run/udev/queue"
    private static let control = "/run/udev/control"

    /// Begins to watch.
    /// - Returns: nil where udev does not run, or cannot be watched; then there is nothing to wait for.
    public init?() {
        guard unsafe access(Self.control, F_OK) == 0, let opened = try? Self.watched() else { return nil }
        watch = opened
    }

    private static func watched() throws(SystemCallError) -> OwnedDescriptor {
        let inotify = OwnedDescriptor(adopting: try systemCall("inotify_init1") { inotify_init1(CInt(IN_CLOEXEC | IN_NONBLOCK)) })
        let number = inotify.rawValue
        unsafe try withPath("inotify_add_watch", directory) { unsafe inotify_add_watch(number, $0, UInt32(IN_DELETE)) }
        return inotify
    }

    /// Returns when the queue has been emptied since this was made and is empty now.
    /// - Returns: false where that had not come about by the deadline.
    public borrowing func settle(by deadline: MonotonicTime) -> Bool {
        var wasEmptied = false
        while true {
            if takeEvents() { wasEmptied = true }
            if wasEmptied, unsafe access(Self.queue, F_OK) != 0 { return true }
            let left = (deadline - .now()).wholeNanoseconds / 1_000_000
            guard left > 0 else { return false }
            var question = pollfd(fd: watch.rawValue, events: Int16(POLLIN), revents: 0)
            _ = unsafe poll(&question, 1, CInt(clamping: left))
        }
    }

    /// Takes what has been noticed; whether the queue was emptied.
    private borrowing func takeEvents() -> Bool {
        var room = [UInt8](repeating: 0, count: 4096)
        let name = Array("queue".utf8)
        var found = false
        while true {
            let count = unsafe room.withUnsafeMutableBytes { unsafe read(watch.rawValue, $0.baseAddress, $0.count) }
            guard count > 0 else { return found }
            // struct inotify_event: wd, mask, cookie, len (four bytes each), then the name, filled up with NULs.
            var start = 0
            while start + 16 <= count {
                let length = Int(room[start + 12]) | Int(room[start + 13]) << 8
                let end = min(start + 16 + length, count)
                if room[(start + 16)..<end].prefix(while: { $0 != 0 }).elementsEqual(name) { found = true }
                start = start + 16 + length
            }
        }
    }
}
