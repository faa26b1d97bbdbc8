import LinuxSystem
import ShareModel

/// The read-ahead of a mount's backing device: written, and kept. It is found by the mount table's device number: asking the share could hang.
struct ReadAhead {
    private let device: BackingDevice

    /// How long udev's rules are waited for. nfs-common has one that sets the value back, 16 to 91 ms after the mount as measured.
    static let patience = Duration.seconds(2)

    /// Of the mount in a line of the mount table.
    init(of entry: MountEntry) { device = BackingDevice(entry.device) }

    /// What is in force, in KiB; nil where the device has another name (SMB, 9p and CephFS have an option of their own instead).
    var kibibytes: Int64? { device.readAheadKiB }

    /// Writes a value so that it holds: when udev has had its say it is written again.
    /// - Parameter queue: watched since before the mount; nil where udev does not run or there was no new device.
    /// - Returns: what could not be done.
    func keep(_ kibibytes: Int64, after queue: borrowing DeviceManagerQueue?) -> [String] {
        do throws(SystemCallError) {
            try device.setReadAhead(kibibytes: kibibytes)
            switch queue {
            case .some(let queue): _ = queue.settle(by: .now() + Self.patience)
            case .none: break
            }
            if self.kibibytes != kibibytes { try device.setReadAhead(kibibytes: kibibytes) }
        } catch {
            return ["read-ahead could not be set: \(error)"]
        }
        guard let found = self.kibibytes, found != kibibytes else { return [] }
        return ["read-ahead of \(kibibytes) KiB was asked for, the kernel has \(found)"]
    }

    /// Writes a value again that something has changed since.
    /// - Returns: what it was; nil where it was as it should be, or cannot be told or written.
    func restore(_ kibibytes: Int64) -> Int64? {
        guard let found = self.kibibytes, found != kibibytes, (try? device.setReadAhead(kibibytes: kibibytes)) != nil,
            self.kibibytes == kibibytes
        else {
            return nil
        }
        return found
    }
}
