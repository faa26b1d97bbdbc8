import Glibc
import LinuxSystem

/// The read-ahead that files get when they are opened: the kernel copies it from the backing device then.
struct ReadAheadSetting {
    private let device: BackingDevice
    private let kibibytes: Int64
    /// Whether the device is another mount's, too, and gets its own value back at once.
    private let isBorrowed: Bool

    init(of device: DeviceNumber, kibibytes: Int64, isBorrowed: Bool) {
        self.device = BackingDevice(device)
        self.kibibytes = kibibytes
        self.isBorrowed = isBorrowed
    }

    /// Opens with it in force. Set each time: a rule of udev may have put it back since (nfs-common's does).
    func whileOpening(_ open: () throws(SystemCallError) -> OwnedDescriptor) throws(SystemCallError) -> OwnedDescriptor {
        let before = isBorrowed ? device.readAheadKiB : nil
        try? device.setReadAhead(kibibytes: kibibytes)
        defer { if let before { try? device.setReadAhead(kibibytes: before) } }
        return try open()
    }
}
