/// The kinds of places data can be in (contract section 4).
public enum SourceType: String, CaseIterable, Sendable {
    case virtiofs
    case ninep = "9p"
    case nfs
    case smb
    case cephfs
    case glusterfs
    case tmpfs
    case image
}

/// Where a share's data is: a type and that type's fields.
public enum Source: Hashable, Sendable {
    case virtiofs(VirtiofsSource)
    case nfs(NFSSource)
    case smb(SMBSource)
    case tmpfs(TmpfsSource)
    case image(ImageSource)
    case ninep(NinePSource)
    case cephfs(CephFSSource)
    case glusterfs(GlusterFSSource)

    /// The type.
    public var type: SourceType {
        switch self {
        case .virtiofs: .virtiofs
        case .nfs: .nfs
        case .smb: .smb
        case .tmpfs: .tmpfs
        case .image: .image
        case .ninep: .ninep
        case .cephfs: .cephfs
        case .glusterfs: .glusterfs
        }
    }

    /// The servers it may be mounted from, names or addresses, in the order in which they are asked; empty where there is none.
    public var servers: [String] {
        switch self {
        case .nfs(let nfs): [nfs.server]
        case .smb(let smb): [smb.server]
        case .ninep(let ninep): if case .tcp(let server, _) = ninep.transport { [server] } else { [] }
        case .cephfs(let cephfs): cephfs.monitors.map(\.server)
        case .glusterfs(let glusterfs): glusterfs.servers
        case .virtiofs, .tmpfs, .image: []
        }
    }

    /// The server whose slowness one attach must not let another wait for; nil where there is none.
    public var server: String? { servers.first }

    /// In the field's usual spelling, for people and status: `10.77.0.1:/projects`, `//nas/team`, a tag, `tmpfs`.
    public var spelling: String {
        switch self {
        case .virtiofs(let virtiofs): virtiofs.tag.printable
        case .nfs(let nfs): "\(nfs.server.contains(":") ? "[\(nfs.server)]" : nfs.server):\(nfs.export)".printable
        case .smb(let smb): "//\(smb.server)/\(smb.share)\(smb.path.map { "/" + $0 } ?? "")".printable
        case .tmpfs: "tmpfs"
        case .image(let image): image.location.spelling.printable
        case .ninep(let ninep): ninep.transport.spelling.printable
        case .cephfs(let cephfs): "\(cephfs.monitors.map(\.spelling).joined(separator: ",")):\(cephfs.path)".printable
        case .glusterfs(let glusterfs):
            "\(glusterfs.servers.joined(separator: ",")):\(glusterfs.volume)\(glusterfs.path.map { "/" + $0 } ?? "")".printable
        }
    }
}

/// A virtiofs device, found by its tag.
public struct VirtiofsSource: Hashable, Sendable {
    /// Direct access to host memory.
    public enum DAX: String, CaseIterable, Sendable { case always, inode, never }
    /// The device's tag: 1 to 36 bytes (virtio 1.2, 5.11.4).
    public let tag: String
    /// nil: the kernel's default.
    public let dax: DAX?

    /// A source of type virtiofs.
    public init(tag: String, dax: DAX? = nil) {
        self.tag = tag
        self.dax = dax
    }
}

/// An export of an NFS server.
public struct NFSSource: Hashable, Sendable {
    /// Protocol versions; `auto` walks from 4.2 down.
    public enum Version: String, CaseIterable, Sendable { case auto, v3 = "3", v40 = "4.0", v41 = "4.1", v42 = "4.2" }
    /// RPC security flavours.
    public enum Security: String, CaseIterable, Sendable { case sys, krb5, krb5i, krb5p }
    /// What carries the RPCs.
    public enum Transport: String, CaseIterable, Sendable { case tcp, tls, mtls }
    /// Name or address.
    public let server: String
    /// The exported path on the server.
    public let export: String
    /// Wished version.
    public let version: Version
    /// Wished security.
    public let security: Security
    /// Wished transport.
    public let transport: Transport
    /// TCP port; nil: 2049.
    public let port: Int?
    /// TCP connections (nconnect), 1…16; nil: one.
    public let connections: Int?

    /// A source of type nfs.
    public init(
        server: String, export: String, version: Version = .auto, security: Security = .sys, transport: Transport = .tcp,
        port: Int? = nil, connections: Int? = nil
    ) {
        self.server = server
        self.export = export
        self.version = version
        self.security = security
        self.transport = transport
        self.port = port
        self.connections = connections
    }
}

/// A share of an SMB server.
public struct SMBSource: Hashable, Sendable {
    /// Dialects; `auto` means 2.1 or newer.
    public enum Version: String, CaseIterable, Sendable { case auto, v21 = "2.1", v30 = "3.0", v302 = "3.0.2", v311 = "3.1.1" }
    /// Encryption on the wire.
    public enum Encryption: String, CaseIterable, Sendable { case required, ifOffered, off }
    /// Name or address.
    public let server: String
    /// The share's name on the server.
    public let share: String
    /// A directory inside the share, without a slash at the start.
    public let path: String?
    /// Wished dialect.
    public let version: Version
    /// Wished encryption.
    public let encryption: Encryption
    /// TCP port; nil: 445.
    public let port: Int?
    /// The user's domain or workgroup.
    public let domain: String?
    /// Channels to open at most (multichannel); nil: one.
    public let channels: Int?

    /// A source of type smb.
    public init(
        server: String, share: String, path: String? = nil, version: Version = .auto, encryption: Encryption = .ifOffered,
        port: Int? = nil, domain: String? = nil, channels: Int? = nil
    ) {
        self.server = server
        self.share = share
        self.path = path
        self.version = version
        self.encryption = encryption
        self.port = port
        self.domain = domain
        self.channels = channels
    }
}

/// Memory of the guest.
public struct TmpfsSource: Hashable, Sendable {
    /// The limit of one that names none: the kernel's own, half the guest's memory, is too much to take unasked.
    public static let defaultSizeBytes: Int64 = 64 << 20

    /// The limit in bytes.
    public let sizeBytes: Int64
    /// The root's permission bits.
    public let mode: Int?

    /// A source of type tmpfs.
    public init(sizeBytes: Int64, mode: Int? = nil) {
        self.sizeBytes = sizeBytes
        self.mode = mode
    }
}

/// A file system in a disk or in a file.
public struct ImageSource: Hashable, Sendable {
    /// How the image is found.
    public enum Location: Hashable, Sendable {
        /// A file, by its path relative to the root of another attached share.
        case file(share: ShareName, path: String)
        /// A virtio disk's serial number.
        case serial(String)
        /// The file system's label.
        case label(String)
        /// The file system's UUID.
        case uuid(String)

        /// For people.
        public var spelling: String {
            switch self {
            case .file(let share, let path): "\(share):\(path)"
            case .serial(let serial): "serial=\(serial)"
            case .label(let label): "LABEL=\(label)"
            case .uuid(let uuid): "UUID=\(uuid)"
            }
        }
    }
    /// Where it is.
    public let location: Location
    /// The file system's type; nil: as libblkid finds it.
    public let filesystem: String?

    /// A source of type image.
    public init(location: Location, filesystem: String? = nil) {
        self.location = location
        self.filesystem = filesystem
    }
}
