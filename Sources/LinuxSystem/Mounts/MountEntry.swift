/// A block or anonymous device's number, as in mountinfo's third field. Identifies a superblock while it lives.
public struct DeviceNumber: Hashable, Sendable, CustomStringConvertible {
    /// The major number, 0 for file systems without a block device.
    public let major: UInt32
    /// The minor number.
    public let minor: UInt32

    /// From its parts.
    public init(major: UInt32, minor: UInt32) {
        self.major = major
        self.minor = minor
    }

    /// `0:47`, as the kernel writes it in mountinfo and in /sys/class/bdi.
    public var description: String { "\(major):\(minor)" }
}

/// How mounts and unmounts below a mount travel to its peers: mountinfo's optional fields.
public struct MountPropagation: Hashable, Sendable {
    /// `shared:N`: the peer group it belongs to.
    public var sharedGroup: UInt64?
    /// `master:N`: the peer group it receives from.
    public var masterGroup: UInt64?
    /// `propagate_from:N`: the nearest dominant peer group below this process's root.
    public var propagatesFrom: UInt64?
    /// `unbindable`.
    public var isUnbindable: Bool

    /// From its parts.
    public init(sharedGroup: UInt64? = nil, masterGroup: UInt64? = nil, propagatesFrom: UInt64? = nil, isUnbindable: Bool = false) {
        self.sharedGroup = sharedGroup
        self.masterGroup = masterGroup
        self.propagatesFrom = propagatesFrom
        self.isUnbindable = isUnbindable
    }
}

/// One line of /proc/self/mountinfo (proc(5)). Names are bytes, with the kernel's octal escapes undone.
public struct MountEntry: Hashable, Sendable {
    /// mountinfo[1]: reused after unmount.
    public let mountID: UInt64
    /// mountinfo[2]: the id of the mount it stands on, its own for the top of the tree.
    public let parentID: UInt64
    /// mountinfo[3].
    public let device: DeviceNumber
    /// mountinfo[4]: the directory of the file system that is seen at the target.
    public let root: [UInt8]
    /// mountinfo[5]: where it stands, seen from this process's root.
    public let target: [UInt8]
    /// mountinfo[6]: of this mount, comma-separated, such as `rw,nosuid,relatime`.
    public let options: [UInt8]
    /// mountinfo[7].
    public let propagation: MountPropagation
    /// mountinfo[8]: `type` or `type.subtype`.
    public let fstype: [UInt8]
    /// mountinfo[9]: can be empty.
    public let source: [UInt8]
    /// mountinfo[10]: of the superblock: what the server negotiated stands here.
    public let superOptions: [UInt8]

    /// From its parts.
    public init(
        mountID: UInt64, parentID: UInt64, device: DeviceNumber, root: [UInt8], target: [UInt8], options: [UInt8],
        propagation: MountPropagation, fstype: [UInt8], source: [UInt8], superOptions: [UInt8]
    ) {
        self.mountID = mountID
        self.parentID = parentID
        self.device = device
        self.root = root
        self.target = target
        self.options = options
        self.propagation = propagation
        self.fstype = fstype
        self.source = source
        self.superOptions = superOptions
    }

    /// Whether one of this mount's options is exactly `name`, such as `nosuid`.
    public func hasOption(_ name: StaticString) -> Bool {
        contains(options, name)
    }

    /// Whether one of the superblock's options is exactly `name`, such as `ro`.
    public func hasSuperOption(_ name: StaticString) -> Bool {
        contains(superOptions, name)
    }

    private func contains(_ list: [UInt8], _ name: StaticString) -> Bool {
        let wanted = Array(name.description.utf8)
        return list.split(separator: UInt8(ascii: ",")).contains { $0.elementsEqual(wanted) }
    }
}
