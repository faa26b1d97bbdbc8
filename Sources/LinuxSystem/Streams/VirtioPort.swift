import Glibc

/// Why a virtio-serial port could not be opened.
public enum VirtioPortFailure: Error, Equatable, Sendable, CustomStringConvertible {
    /// There is no such port: the host does not offer it (yet), or it was unplugged.
    case absent
    /// Another process has it open; a port has one opener at a time.
    case busy
    /// Anything else, such as EACCES.
    case failed(SystemCallError)

    /// One clause for people.
    public var description: String {
        switch self {
        case .absent: "the port does not exist"
        case .busy: "another process has the port open"
        case .failed(let error): "\(error)"
        }
    }
}

/// A virtio-serial port, the guest's end of the channel.
public enum VirtioPort {
    /// Opens a port for reading and writing, nonblocking. Whether a host is there shows only in what it reads and in its events.
    /// - Parameter path: such as `/dev/virtio-ports/org.shareagent.0`, a symbolic link that udev makes.
    public static func open(_ path: [UInt8]) throws(VirtioPortFailure) -> OwnedDescriptor {
        do throws(SystemCallError) {
            return OwnedDescriptor(
                adopting: unsafe try withPath("open", path) { unsafe Glibc.open($0, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOCTTY) })
        } catch {
            switch error.errno {
            case ENOENT, ENODEV, ENXIO: throw .absent
            case EBUSY: throw .busy
            default: throw .failed(error)
            }
        }
    }
}
