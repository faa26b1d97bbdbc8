import Glibc
import LibBlkid
import LinuxSystem
import ShareModel

/// The block device behind an image, and what libblkid says is on it.
struct ImageDevice: ~Copyable {
    /// The device to mount.
    let path: [UInt8]
    /// The file system's type.
    let filesystem: String
    // Held until the mount stands: without a user a loop device lets go of its file.
    private let loop: LoopDevice?

    private init(disk path: [UInt8], filesystem: String) {
        self.path = path
        self.filesystem = filesystem
        loop = nil
    }

    private init(loop device: consuming LoopDevice, filesystem: String) {
        path = device.path
        self.filesystem = filesystem
        loop = consume device
    }

    /// Finds an image, looks at it, and makes a disk of it where it is a file.
    /// - Throws: the cause, when it is not there, in use, or not known without doubt.
    static func find(_ source: ImageSource, for share: Share, attachedTargets: [ShareName: Target], policy: Policy) throws(Cause)
        -> ImageDevice
    {
        let finder = ImageFinder(source: source, share: share, policy: policy)
        let path: [UInt8]
        switch source.location {
        case .file(let holder, let file):
            let opened = try finder.openFile(file, in: holder, attachedTargets)
            let filesystem = try finder.identify(opened)
            return ImageDevice(loop: try finder.loop(over: opened, named: file), filesystem: filesystem)
        case .serial(let serial): path = try finder.device(serial: serial)
        case .label(let label): path = try finder.device(tagged: "LABEL", label)
        case .uuid(let uuid): path = try finder.device(tagged: "UUID", uuid)
        }
        return ImageDevice(disk: path, filesystem: try finder.identify(try finder.openDevice(path)))
    }
}
