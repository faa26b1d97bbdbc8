import ShareModel

/// What the guest's kernel says about a share that is mounted, gathered without asking the share: from /proc and /sys alone.
public struct ReadBack: Equatable, Sendable {
    /// Both option fields of the mount table, and mountstats' where that says more; a flag has an empty value.
    public var options: [String: String]
    /// The backing device's, in KiB; nil where it cannot be told which one that is.
    public var readAheadKiB: Int64?
    /// The running kernel: major and minor number.
    public var kernel: (major: Int, minor: Int)
    /// NFS: the server's lease in seconds; nil before version 4.
    public var leaseSeconds: Int?
    /// NFS: TCP connections to the server.
    public var connections: Int?
    /// SMB: what its connection is like.
    public var smb: SMBState?

    /// A share's SMB connection.
    public struct SMBState: Equatable, Sendable {
        /// `3.1.1`.
        public var dialect: String?
        /// Whether the link is signed, encrypted.
        public var isSigned: Bool
        /// See `isSigned`.
        public var isEncrypted: Bool
        /// TCP connections.
        public var channels: Int
        /// Whether no other share uses it.
        public var isOwnSocket: Bool

        /// As the kernel tells it.
        public init(dialect: String?, isSigned: Bool, isEncrypted: Bool, channels: Int, isOwnSocket: Bool) {
            self.dialect = dialect
            self.isSigned = isSigned
            self.isEncrypted = isEncrypted
            self.channels = channels
            self.isOwnSocket = isOwnSocket
        }
    }

    /// What the mount table says.
    /// - Parameter kernel: uname's release, such as `6.1.0-37-amd64`.
    public init(options: [String: String], kernel: String) {
        self.options = options
        let numbers = kernel.split(maxSplits: 2) { $0 == "." || $0 == "-" }.prefix(2).map { Int($0) ?? 0 }
        self.kernel = numbers.count == 2 ? (numbers[0], numbers[1]) : (0, 0)
    }

    /// By all that is known.
    public static func == (left: ReadBack, right: ReadBack) -> Bool {
        left.options == right.options && left.readAheadKiB == right.readAheadKiB && left.kernel == right.kernel
            && left.leaseSeconds == right.leaseSeconds && left.connections == right.connections && left.smb == right.smb
    }

    /// What is in force of an option that was asked for, empty for a flag; nil where the kernel does not show it.
    func effective(_ option: TunedOption, _ natives: [NativeOption]) -> String? {
        if option.name == Tuning.readAhead { return readAheadKiB.map { String($0) } }
        if let value = options[option.name] { return value }
        let group = natives.first { $0.name == option.name }?.group
        // Another member of the group in its place: `hard` where `softerr` was asked for.
        return natives.first { $0.group == group && options[$0.name] != nil }.map { native in
            options[native.name].map { $0.isEmpty ? native.name : "\(native.name)=\($0)" } ?? native.name
        }
    }
}

/// Whether two spellings of a value mean the same: `64k` and `65536`, `0700` and `700`.
func meansTheSame(_ left: String, _ right: String) -> Bool {
    if left == right { return true }
    // NFS's transports, by whether the server's address is of version 4 or 6.
    if left == "tcp6", right == "tcp" { return true }
    if let left = size(left), let right = size(right), left == right { return true }
    guard left.utf8.first == UInt8(ascii: "0") || right.utf8.first == UInt8(ascii: "0") else { return false }
    guard let left = Int(left, radix: 8), let right = Int(right, radix: 8) else { return false }
    return left == right
}

private func size(_ text: String) -> Int64? {
    let unit: Int64 =
        switch text.utf8.last {
        case UInt8(ascii: "k"): 1 << 10
        case UInt8(ascii: "m"): 1 << 20
        case UInt8(ascii: "g"): 1 << 30
        default: 1
        }
    return Int64(unit == 1 ? Substring(text) : text.dropLast()).map { $0 &* unit }
}
