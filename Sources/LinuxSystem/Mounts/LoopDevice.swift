import CLinux
import Glibc

/// A loop device that shows a file as a disk. It lets go of the file by itself once neither this value nor a mount uses it.
public struct LoopDevice: ~Copyable {
    /// `/dev/loop3`.
    public let path: [UInt8]
    private let device: OwnedDescriptor

    /// How often another device is taken when somebody was faster.
    static let attempts = 16

    /// Takes a free device and lets it show a file.
    /// - Parameters:
    ///   - backing: the file, open for reading, and for writing where the device is to be written to.
    ///   - name: what `losetup` shows; the kernel keeps 63 bytes.
    /// - Throws: EBUSY where all devices are taken again and again; ENOENT without /dev/loop-control.
    public init(showing backing: borrowing OwnedDescriptor, readOnly: Bool, name: [UInt8]) throws(SystemCallError) {
        let controlPath = Array("/dev/loop-control".utf8)
        let control = OwnedDescriptor(adopting: unsafe try withPath("open", controlPath) { unsafe open($0, O_RDWR | O_CLOEXEC) })
        let controlNumber = control.rawValue
        let file = backing.rawValue
        var attempt = 0
        while true {
            attempt += 1
            let number = try systemCall("ioctl", path: controlPath) { shareagent_loop_free(controlNumber) }
            let path = Array("/dev/loop\(number)".utf8)
            let device = OwnedDescriptor(
                adopting: unsafe try withPath("open", path) { unsafe open($0, (readOnly ? O_RDONLY : O_RDWR) | O_CLOEXEC) })
            let deviceNumber = device.rawValue
            do throws(SystemCallError) {
                unsafe try withPath("ioctl", Array(name.prefix(63))) {
                    unsafe shareagent_loop_configure(deviceNumber, file, readOnly ? 1 : 0, $0)
                }
            } catch {
                if error.errno == EBUSY, attempt < Self.attempts { continue }
                throw SystemCallError(call: error.call, errno: error.errno, path: path)
            }
            self.path = path
            self.device = device
            return
        }
    }

    /// The loop device that shows a file already, if there is one; two of them for one file would not know of each other's writes.
    public static func showing(_ backing: borrowing OwnedDescriptor) throws(SystemCallError) -> [UInt8]? {
        let number = backing.rawValue
        var wanted = stat()
        try systemCall("fstat") { unsafe fstat(number, &wanted) }
        for name in try directoryNames(Array("/sys/block".utf8)) where name.starts(with: Array("loop".utf8)) {
            let path = Array("/dev/".utf8) + name
            guard let opened = unsafe try? withPath("open", path, { unsafe open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }) else { continue }
            let device = OwnedDescriptor(adopting: opened)
            let deviceNumber = device.rawValue
            var backingDevice: UInt64 = 0
            var inode: UInt64 = 0
            let answer = unsafe shareagent_loop_backing(deviceNumber, &backingDevice, &inode)
            if answer == 0, inode == UInt64(wanted.st_ino), backingDevice == UInt64(wanted.st_dev) { return path }
        }
        return nil
    }
}

/// Asks a file system for a file's attributes anew, from the server where there is one. Hangs on a dead share: for workers only.
/// - Parameter descriptor: O_PATH will do.
public func refreshAttributes(of descriptor: CInt) throws(SystemCallError) {
    try systemCall("statx") { shareagent_refresh_attributes(descriptor) }
}

/// Writes a value into one of the kernel's files below /sys or /proc.
public func writeSetting(_ path: [UInt8], _ value: [UInt8]) throws(SystemCallError) {
    let file = OwnedDescriptor(adopting: unsafe try withPath("open", path) { unsafe open($0, O_WRONLY | O_CLOEXEC) })
    try writeAll(file.rawValue, value, path: path)
}

/// The link that a path itself is, without following it; nil where there is none.
public func readLink(_ path: [UInt8]) -> [UInt8]? {
    var room = [UInt8](repeating: 0, count: 4096)
    let count = unsafe try? withPath("readlink", path) { name in
        unsafe room.withUnsafeMutableBytes { bytes in
            guard let start = bytes.baseAddress else { return -1 }
            return unsafe readlink(name, start.assumingMemoryBound(to: CChar.self), bytes.count)
        }
    }
    return count.map { Array(room[..<$0]) }
}
