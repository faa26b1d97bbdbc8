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
    public static let readable = EventSet(rawValue: shareagent_epollin)
    /// Something can be written.
    public static let writable = EventSet(rawValue: shareagent_epollout)
    /// Exceptional news; on /proc/self/mountinfo: the mount table has changed.
    public static let priority = EventSet(rawValue: shareagent_epollpri)
    /// The peer has closed its writing half.
    public static let peerClosed = EventSet(rawValue: shareagent_epollrdhup)
    /// The other end is gone; on a virtio-serial port: no host. Told whether asked for or not.
    public static let hangup = EventSet(rawValue: shareagent_epollhup)
    /// An error is pending. Told whether asked for or not.
    public static let error = EventSet(rawValue: shareagent_epollerr)
}
