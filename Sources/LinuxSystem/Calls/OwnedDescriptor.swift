import Glibc

/// A file descriptor with exactly one owner, closed when the owner goes.
///
/// Every function of this module that returns one has set close-on-exec: what a child gets is listed by `ChildProcess` alone.
public struct OwnedDescriptor: ~Copyable, Sendable {
    /// The number. It is lent: do not close it, and do not keep it longer than the owner lives.
    public let rawValue: CInt

    /// Takes over an open descriptor that nobody else will close.
    public init(adopting rawValue: CInt) {
        self.rawValue = rawValue
    }

    deinit {
        // An error of close says nothing that anybody could act on here; data that matters was synced before.
        _ = close(rawValue)
    }

    /// Gives up ownership: from now on the caller closes it.
    public consuming func release() -> CInt {
        let number = rawValue
        discard self
        return number
    }

    /// A second descriptor for the same open file description, close-on-exec.
    public borrowing func duplicate() throws(SystemCallError) -> OwnedDescriptor {
        let number = rawValue
        return OwnedDescriptor(adopting: try systemCall("fcntl") { fcntl(number, F_DUPFD_CLOEXEC, 0) })
    }
}
