import CLinux

/// What happened, or what to wait for, on a watched descriptor: epoll's bits under readable names.
public struct EventSet: OptionSet, Hashable, Sendable {
    /// The EPOLL bits.
    public let rawValue: UInt32

    /// A set of EPOLL bits, known ones or not.
    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// Something can be read, or the stream has ended.
    public static let readable = EventSet(rawValue: EPOLLIN.rawValue)
    /// Something can be written.
    public static let writable = EventSet(rawValue: EPOLLOUT.rawValue)
    /// Exceptional news; on /proc/self/mountinfo: the mount table has changed.
    public static let priority = EventSet(rawValue: EPOLLPRI.rawValue)
    /// The peer has closed its writing half.
    public static let peerClosed = EventSet(rawValue: EPOLLRDHUP.rawValue)
    /// The other end is gone; on a virtio-serial port: no host. Told whether asked for or not.
    public static let hangup = EventSet(rawValue: EPOLLHUP.rawValue)
    /// An error is pending. Told whether asked for or not.
    public static let error = EventSet(rawValue: EPOLLERR.rawValue)
}
