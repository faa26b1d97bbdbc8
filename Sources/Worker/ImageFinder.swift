import Glibc
import LibBlkid
import LinuxSystem
import ShareModel

/// Finds an image and looks at it.
struct ImageFinder {
    let source: ImageSource
    let share: Share
    let policy: Policy

    private var image: String { source.location.spelling }

    func cause(_ code: CauseCode, _ what: String, evidence: [String] = [], remedy: [String], errno: String? = nil) -> Cause {
        Cause(code, "share '\(share.name)': image \(image) \(what)", evidence: evidence, remedy: remedy, errno: errno)
    }

    /// Opens a file below another attached share's target, by no symbolic link.
    func openFile(_ file: String, in holder: ShareName, _ attachedTargets: [ShareName: Target]) throws(Cause) -> OwnedDescriptor {
        guard let target = attachedTargets[holder], policy.roots.contains(where: { target.isBelow($0) }) else {
            throw cause(.imageNotFound, "cannot be reached: share '\(holder)' is not attached", remedy: ["shareagent attach \(holder)"])
        }
        let names = file.split(separator: "/").map { Array($0.utf8) }
        guard let name = names.last else { throw cause(.imageNotFound, "has no name", remedy: ["say source.path"]) }
        let directory = target.bytes + names.dropLast().flatMap { [UInt8(ascii: "/")] + $0 }
        let shown = String(printing: directory + [UInt8(ascii: "/")] + name)
        do throws(SystemCallError) {
            let parent = try TargetWalk.open(directory, below: target.bytes, creating: nil)
            return try openRegularFile(name, in: parent, writable: share.access == .rw)
        } catch {
            switch error.errno {
            case ENOENT, ENOTDIR:
                throw cause(
                    .imageNotFound, "is not there", evidence: ["\(error)"], remedy: ["ls -l \(shown.quotedForShell)"], errno: error.name)
            case ELOOP:
                throw cause(
                    .imageNotFound, "is reached by a symbolic link, which is not followed",
                    remedy: ["name the file itself: ls -l \(shown.quotedForShell)"], errno: error.name)
            case EROFS, EACCES:
                throw cause(.readOnlySource, "cannot be written to", evidence: ["\(error)"], remedy: ["say access: ro"], errno: error.name)
            case EINVAL, EISDIR, ENXIO:
                throw cause(.imageNotFound, "is no regular file", remedy: ["ls -l \(shown.quotedForShell)"], errno: error.name)
            default:
                throw cause(.ioError, "cannot be opened: \(error)", remedy: ["ls -l \(shown.quotedForShell)"], errno: error.name)
            }
        }
    }

    private func openRegularFile(_ name: [UInt8], in parent: borrowing OwnedDescriptor, writable: Bool) throws(SystemCallError)
        -> OwnedDescriptor
    {
        let place = Array("/proc/self/fd/\(parent.rawValue)/".utf8) + name + [0]
        let flags = (writable ? O_RDWR : O_RDONLY) | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC
        let file = OwnedDescriptor(
            adopting: try systemCall("open", path: name) {
                unsafe place.withUnsafeBytes { bytes in
                    guard let start = bytes.baseAddress else { return -1 }
                    return unsafe open(start.assumingMemoryBound(to: CChar.self), flags)
                }
            })
        let number = file.rawValue
        var answer = stat()
        try systemCall("fstat", path: name) { unsafe fstat(number, &answer) }
        guard answer.st_mode & S_IFMT == S_IFREG else { throw SystemCallError(call: "open", errno: EINVAL, path: name) }
        return file
    }

    /// The virtio disk with a serial number, by /sys, which needs no udev.
    func device(serial: String) throws(Cause) -> [UInt8] {
        let blocks = (try? directoryNames(Array("/sys/block".utf8))) ?? []
        for name in blocks {
            let file = Array("/sys/block/".utf8) + name + Array("/serial".utf8)
            guard let text = try? readFile(file, limit: 256) else { continue }
            let trimmed = text.reversed().drop { $0 <= 0x20 || $0 == 0 }.reversed()
            if trimmed.elementsEqual(serial.utf8) { return Array("/dev/".utf8) + name }
        }
        throw cause(
            .imageNotFound, "is not there: no disk of this guest has this serial number",
            remedy: ["lsblk -d -o NAME,SERIAL", "add it on the host: -device virtio-blk-pci,drive=…,serial=\(serial.quotedForShell)"])
    }

    /// The device whose file system has a label or UUID.
    func device(tagged tag: String, _ value: String) throws(Cause) -> [UInt8] {
        guard let path = deviceTagged(tag, value) else {
            throw cause(.imageNotFound, "is not there: no disk of this guest has it", remedy: ["lsblk -o NAME,FSTYPE,LABEL,UUID"])
        }
        return Array(path.utf8)
    }

    /// Opens a disk, which must not be in use by another mount: the guest's own disks have labels, too.
    func openDevice(_ path: [UInt8]) throws(Cause) -> OwnedDescriptor {
        let device = try openReading(path)
        let number = device.rawValue
        let shown = String(printing: path)
        var answer = stat()
        guard unsafe fstat(number, &answer) == 0, answer.st_mode & S_IFMT == S_IFBLK else {
            throw cause(.imageNotFound, "leads to \(shown), which is no disk", remedy: ["ls -l \(shown.quotedForShell)"])
        }
        // glibc's encoding of a device number (sys/sysmacros.h); Linux has twelve bits of major and twenty of minor.
        let encoded = UInt64(answer.st_rdev)
        let disk = DeviceNumber(major: UInt32(encoded >> 8 & 0xFFF), minor: UInt32(encoded & 0xFF | encoded >> 12 & 0xFFF00))
        let table = try AttachTask.table(for: share.name)
        if let user = table.entries.first(where: { $0.device == disk || $0.source == path }) {
            throw cause(
                .alreadyAttached, "is mounted at \(String(printing: user.target)) already",
                evidence: ["\(shown): mount id \(user.mountID)"],
                remedy: ["findmnt -S \(shown.quotedForShell)", "give the image a label or UUID of its own"])
        }
        return device
    }

    private func openReading(_ path: [UInt8]) throws(Cause) -> OwnedDescriptor {
        let terminated = path + [0]
        do throws(SystemCallError) {
            return OwnedDescriptor(
                adopting: try systemCall("open", path: path) {
                    unsafe terminated.withUnsafeBytes { bytes in
                        guard let start = bytes.baseAddress else { return -1 }
                        return unsafe open(start.assumingMemoryBound(to: CChar.self), O_RDONLY | O_NONBLOCK | O_CLOEXEC)
                    }
                })
        } catch {
            throw cause(
                .imageNotFound, "cannot be opened: \(error)", remedy: ["ls -l \(String(printing: path).quotedForShell)"], errno: error.name)
        }
    }

    /// What libblkid sees, without a doubt.
    func identify(_ device: borrowing OwnedDescriptor) throws(Cause) -> String {
        let found: FilesystemIdentity
        do throws(FilesystemProbeError) {
            found = try identifyFilesystem(descriptor: device.rawValue)
        } catch {
            switch error {
            case .nothingFound:
                throw cause(
                    .imageUnrecognized, "holds no file system that libblkid knows",
                    remedy: ["on the host: blkid -p IMAGE", "offer an image that holds a file system"])
            case .ambiguous:
                throw cause(
                    .imageUnrecognized, "has signatures of more than one file system",
                    remedy: ["wipefs --no-act IMAGE", "wipe the wrong one on the host"])
            case .noFilesystem(let what):
                throw cause(
                    .imageUnrecognized, "holds no file system but \(what)",
                    remedy: ["offer an image of one file system, without partitions"])
            case .unreadable(let number):
                throw cause(
                    .ioError, "cannot be read: \(SystemCallError.text(of: number))", remedy: ["dmesg | tail"],
                    errno: SystemCallError.name(of: number))
            }
        }
        // Between finding a device by its tag and opening it, another one can have taken the name.
        switch source.location {
        case .label(let label) where found.label?.hasSameBytes(as: label) != true,
            .uuid(let label) where found.uuid?.lowercased() != label.lowercased():
            throw cause(
                .imageNotFound, "is not what was found (\(found.label ?? found.uuid ?? "no label"))",
                remedy: ["lsblk -o NAME,FSTYPE,LABEL,UUID"])
        case .file, .serial, .label, .uuid: return found.type
        }
    }

    /// A device that was let go of lives on while another worker looks at all of them, which is over in a moment.
    private func awaitRelease(of file: borrowing OwnedDescriptor) throws(SystemCallError) {
        for _ in 0..<10 {
            if try LoopDevice.showing(file) == nil { return }
            letTimePass(.milliseconds(20))
        }
        if let other = try LoopDevice.showing(file) { throw SystemCallError(call: "loop", errno: EBUSY, path: other) }
    }

    /// A loop device over an image file.
    func loop(over file: borrowing OwnedDescriptor, named name: String) throws(Cause) -> LoopDevice {
        do throws(SystemCallError) {
            try awaitRelease(of: file)
            return try LoopDevice(showing: file, readOnly: share.access == .ro, name: Array(name.utf8))
        } catch {
            switch error.errno {
            case EBUSY:
                throw cause(
                    .alreadyAttached, "is in use by \(error.path.map { String(printing: $0) } ?? "another loop device") already",
                    remedy: ["losetup -l"],
                    errno: error.name)
            case ENOENT, ENXIO, ENODEV:
                throw cause(
                    .filesystemUnsupported, "needs a loop device, which this kernel has not", remedy: ["modprobe loop"], errno: error.name)
            default:
                throw cause(.ioError, "cannot be made a disk: \(error)", remedy: ["dmesg | tail"], errno: error.name)
            }
        }
    }
}
