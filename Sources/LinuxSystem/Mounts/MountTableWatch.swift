import Glibc

/// Tells when the mount table of this process's namespace has changed: the kernel's POLLPRI on /proc/self/mountinfo, no polling.
///
/// Several changes that come close together can be told as one. The watch says only *that* something changed: read the table anew.
public final class MountTableWatch {
    private let loop: EventLoop
    private let file: OwnedDescriptor
    private let token: WatchToken

    /// Runs `onChange` on the loop's thread after each change, until the watch goes.
    public init(_ loop: EventLoop, onChange: @escaping () -> Void) throws(SystemCallError) {
        self.loop = loop
        file = OwnedDescriptor(
            adopting: unsafe try withPath("open", Array("/proc/self/mountinfo".utf8)) { unsafe open($0, O_RDONLY | O_CLOEXEC) })
        token = try loop.watch(file.rawValue, events: .priority) { _ in onChange() }
    }

    deinit {
        loop.unwatch(token)
    }
}
