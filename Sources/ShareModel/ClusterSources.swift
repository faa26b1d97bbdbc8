/// A directory that QEMU or another server shows by the 9P2000.L protocol.
public struct NinePSource: Hashable, Sendable {
    /// What carries the messages.
    public enum Transport: Hashable, Sendable {
        /// A virtio device, by its mount tag.
        case virtio(tag: String)
        /// A server: name or address, and TCP port.
        case tcp(server: String, port: Int)

        /// For people.
        public var spelling: String {
            switch self {
            case .virtio(let tag): tag
            case .tcp(let server, let port): "\(server.contains(":") ? "[\(server)]" : server):\(port)"
            }
        }
    }
    /// What the guest may keep of what it has read (Documentation/filesystems/9p.rst).
    public enum Cache: String, CaseIterable, Sendable { case none, loose, mmap, fscache }

    /// The registered port of 9P (IANA: 9pfs).
    public static let standardPort = 564

    /// Where the server is.
    public let transport: Transport
    /// Wished cache; nil: the tuned one.
    public let cache: Cache?
    /// The largest message in bytes; nil: the tuned one.
    public let msize: Int?

    /// A source of type 9p.
    public init(transport: Transport, cache: Cache? = nil, msize: Int? = nil) {
        self.transport = transport
        self.cache = cache
        self.msize = msize
    }
}

/// A file system of a Ceph cluster.
public struct CephFSSource: Hashable, Sendable {
    /// One of the cluster's monitors.
    public struct Monitor: Hashable, Sendable {
        /// Name or address.
        public let server: String
        /// TCP port; nil: the kernel's default, 6789.
        public let port: Int?

        /// A monitor.
        public init(server: String, port: Int? = nil) {
            self.server = server
            self.port = port
        }

        /// As written: `10.77.0.1`, `10.77.0.1:6789`, `[fd00::1]:6789`.
        public var spelling: String {
            guard let port else { return server }
            return "\(server.contains(":") ? "[\(server)]" : server):\(port)"
        }
    }

    /// The monitors, at least one.
    public let monitors: [Monitor]
    /// The directory inside the file system, absolute.
    public let path: String
    /// The cephx user, without `client.`; nil: the kernel's default, `guest`.
    public let user: String?
    /// The file system's name; nil: the cluster's default.
    public let filesystem: String?
    /// The cluster's id; nil: not checked.
    public let fsid: String?

    /// A source of type cephfs.
    public init(monitors: [Monitor], path: String = "/", user: String? = nil, filesystem: String? = nil, fsid: String? = nil) {
        self.monitors = monitors
        self.path = path
        self.user = user
        self.filesystem = filesystem
        self.fsid = fsid
    }
}

/// A volume of a GlusterFS cluster.
public struct GlusterFSSource: Hashable, Sendable {
    /// Where the volume's description is fetched: the first server, then the backups. At least one.
    public let servers: [String]
    /// The volume.
    public let volume: String
    /// A directory inside the volume, without a slash at the start.
    public let path: String?

    /// A source of type glusterfs.
    public init(servers: [String], volume: String, path: String? = nil) {
        self.servers = servers
        self.volume = volume
        self.path = path
    }
}
