import Glibc
import LinuxSystem

/// The read-ahead that files get when they are opened: the kernel copies it from the backing device then.
struct ReadAheadSetting {
    /// The backing device's file, in /sys/class/bdi.
    private let path: [UInt8]
    private let kibibytes: [UInt8]
    /// Whether the device is another mount's, too, and gets its own value back at once.
    private let isBorrowed: Bool

    init(of device: DeviceNumber, kibibytes: String, isBorrowed: Bool) {
        path = Array("/sys/class/bdi/\(device)/read_ahead_kb".utf8)
        self.kibibytes = Array(kibibytes.utf8)
        self.isBorrowed = isBorrowed
    }

    /// Opens with it in force. Set each time: a rule of udev may have put it back since (nfs-common's does).
    func whileOpening(_ open: () throws(SystemCallError) -> OwnedDescriptor) throws(SystemCallError) -> OwnedDescriptor {
        let before = isBorrowed ? try? readFile(path, limit: 64) : nil
        try? writeSetting(path, kibibytes)
        defer { if let before { try? writeSetting(path, before) } }
        return try open()
    }
}
