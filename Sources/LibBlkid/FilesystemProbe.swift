import CLibBlkid
import Glibc

/// What libblkid says about a device or an image file.
public struct FilesystemIdentity: Equatable, Sendable {
    /// The file system, as the kernel calls it: `ext4`.
    public let type: String
    /// The label, where there is one.
    public let label: String?
    /// The UUID in libblkid's spelling, where there is one.
    public let uuid: String?
}

/// Why libblkid named no file system.
public enum FilesystemProbeError: Error, Equatable, Sendable {
    /// Nothing that libblkid knows is there.
    case nothingFound
    /// Signatures of more than one are there: any choice could destroy or mistake something.
    case ambiguous
    /// Something is there that is no file system to mount, such as `crypto_LUKS`, a RAID or LVM member, or swap; or a partition table.
    case noFilesystem(String)
    /// The device could not be read.
    case unreadable(errno: Int32)
}

/// Asks libblkid what an open device or file holds, in the mode that refuses to guess.
/// - Parameter descriptor: open for reading; stays the caller's.
/// - Throws: `FilesystemProbeError`.
public func identifyFilesystem(descriptor: CInt) throws(FilesystemProbeError) -> FilesystemIdentity {
    guard let probe = unsafe blkid_new_probe() else { throw .unreadable(errno: ENOMEM) }
    defer { unsafe blkid_free_probe(probe) }
    guard unsafe blkid_probe_set_device(probe, descriptor, 0, 0) == 0 else { throw .unreadable(errno: errno) }
    _ = unsafe blkid_probe_enable_superblocks(probe, 1)
    _ = unsafe blkid_probe_set_superblocks_flags(
        probe, BLKID_SUBLKS_LABEL | BLKID_SUBLKS_UUID | BLKID_SUBLKS_TYPE | BLKID_SUBLKS_USAGE)
    _ = unsafe blkid_probe_enable_partitions(probe, 1)
    errno = 0
    switch unsafe blkid_do_safeprobe(probe) {
    case 0: break
    case 1: throw .nothingFound
    case -2: throw .ambiguous
    default: throw .unreadable(errno: errno == 0 ? EIO : errno)
    }
    guard let type = unsafe value("TYPE", of: probe) else {
        throw .noFilesystem(unsafe value("PTTYPE", of: probe).map { "partition table (\($0))" } ?? "nothing")
    }
    guard unsafe value("USAGE", of: probe) == "filesystem" else { throw .noFilesystem(type) }
    return FilesystemIdentity(type: type, label: unsafe value("LABEL", of: probe), uuid: unsafe value("UUID", of: probe))
}

private func value(_ name: String, of probe: blkid_probe) -> String? {
    var text: UnsafePointer<CChar>?
    var size = 0
    guard unsafe blkid_probe_lookup_value(probe, name, &text, &size) == 0, let text = unsafe text else { return nil }
    return unsafe String(cString: text)
}

/// The device that carries a label or UUID, by udev's links or, without udev, by looking at every device.
/// - Returns: its path; nil when there is none, or when libblkid cannot tell which.
public func deviceTagged(_ tag: String, _ value: String) -> String? {
    guard let path = unsafe blkid_evaluate_tag(tag, value, nil) else { return nil }
    defer { unsafe free(path) }
    return unsafe String(cString: path)
}
