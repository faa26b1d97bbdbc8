public import ShareModel

/// What a TCP connection to the server's port found out.
public enum ConnectionProbe: Equatable, Sendable {
    /// Somebody listens there.
    case connected
    /// The machine is there and nobody listens.
    case refused
    /// Somebody accepts connections and answers nothing.
    case silent
    /// Somebody answers, and not as one who can do what the share wishes.
    case declined
    /// Nobody answered by the deadline.
    case timedOut
    /// The network says that there is no way, by the name of its error.
    case unreachable(String)
}

/// A mount that failed, with everything that was seen around it.
public struct MountFailure: Sendable {
    /// The error of mount(2).
    public let errno: Errno
    /// Its symbol: `ECONNREFUSED`.
    public let errnoName: String
    /// Its words: `connection refused`.
    public let errnoText: String
    /// The label of the attempt.
    public let attempt: String
    /// Kernel log lines of the attempt that are its own (`LogEvidence`).
    public let kernelLog: [String]
    /// Whether these are all of them, so that what is not there was not said.
    public let logIsWhole: Bool
    /// What a TCP connection found; nil when none was tried.
    public let connection: ConnectionProbe?
    /// The address that was used.
    public let address: String?

    /// A failure.
    public init(
        errno: Int32, errnoName: String, errnoText: String, attempt: String, kernelLog: [String] = [], logIsWhole: Bool = false,
        connection: ConnectionProbe? = nil, address: String? = nil
    ) {
        self.errno = Errno(rawValue: errno)
        self.errnoName = errnoName
        self.errnoText = errnoText
        self.attempt = attempt
        self.kernelLog = kernelLog
        self.logIsWhole = logIsWhole
        self.connection = connection
        self.address = address
    }

    /// Whether a kernel log line has one of the texts, in whatever case.
    func logs(_ texts: String...) -> Bool {
        kernelLog.contains { line in
            let line = line.lowercased()
            return texts.contains { line.mentions($0.lowercased()) }
        }
    }

    /// The kernel log line with this text.
    func line(with text: String) -> String? {
        kernelLog.first { $0.lowercased().mentions(text) }
    }
}

/// What a failure means, in the words of its type.
struct FailureReading: Equatable {
    let code: CauseCode
    /// A clause without full stop that follows "cannot mount … on …: ".
    let why: String
    let remedy: [String]

    init(_ code: CauseCode, _ why: String, remedy: [String]) {
        self.code = code
        self.why = why
        self.remedy = remedy
    }
}

extension MountPlan {
    /// The cause of a failed attempt: by the share's type where it knows better, else as for any file system.
    /// - Parameter source: the share's source, for what only its type can know.
    public func cause(of failure: MountFailure, source: Source) -> Cause {
        let reading =
            parameterReading(failure) ?? networkReading(failure) ?? shareKind(of: source).reading(of: failure, for: self)
            ?? commonReading(failure)
        var evidence = ["\(failure.attempt): mount(2) ended with \(failure.errnoName) (\(failure.errnoText))"]
        if let connection = failure.connection, let address {
            evidence.append("TCP to \(failure.address ?? address.server) port \(address.port): \(connection.words)")
        }
        evidence += failure.kernelLog.prefix(Self.evidenceLines)
        return Cause(
            reading.code, "share '\(share)': cannot mount \(type.rawValue) \(sourceSpelling) on \(target): \(reading.why)",
            evidence: evidence, remedy: reading.remedy, errno: failure.errnoName)
    }

    /// Whether an errno of a mount says too little about the server to be told apart without asking its port.
    public static func isVague(errno: Int32) -> Bool {
        let vague: [Errno] = [.etimedout, .ehostdown, .eio, .econnreset, .econnaborted, .enotconn]
        return vague.contains(Errno(rawValue: errno))
    }

    /// The most kernel log lines that go into a cause.
    public static let evidenceLines = 12

    /// What the kernel says about an option goes before every guess.
    private func parameterReading(_ failure: MountFailure) -> FailureReading? {
        guard failure.errno == .einval else { return nil }
        if let line = failure.line(with: "unknown parameter") {
            return FailureReading(
                .optionUnknown, "this kernel does not know an option (\(line))",
                remedy: ["leave the option out, or use a newer kernel: uname -r"])
        }
        if let line = failure.line(with: "bad value for") ?? failure.line(with: "out of range") {
            return FailureReading(
                .optionRefused, "this kernel does not take an option's value (\(line))", remedy: ["mend the value in the share's options"])
        }
        return nil
    }

    private func networkReading(_ failure: MountFailure) -> FailureReading? {
        guard let address else { return nil }
        let server = address.server + (failure.address.map { $0 == address.server ? "" : " (\($0))" } ?? "")
        switch failure.errno {
        // Where the service itself does accept connections, it was another one that refused, or is not to be reached.
        case .econnrefused where failure.connection != .connected: return refused(server, address.port)
        case .ehostunreach where type == .cephfs && failure.connection == .connected: return nil
        case .econnreset where type == .ninep && failure.connection == .connected: return nil
        case .ehostunreach, .enetunreach, .enetdown: return unreachable(server, failure.errnoText)
        case .etimedout, .ehostdown, .eio, .econnreset, .econnaborted, .enotconn:
            switch failure.connection {
            case .refused: return refused(server, address.port)
            case .unreachable(let name): return unreachable(server, name)
            case .timedOut: return silentNetwork(server, address.port)
            case .silent: return silentService(server, address.port)
            case .connected where failure.errno == .etimedout || failure.errno == .econnreset || failure.errno == .econnaborted:
                return silentService(server, address.port)
            case .connected, .declined, nil: return nil
            }
        default: return nil
        }
    }

    private func refused(_ server: String, _ port: UInt16) -> FailureReading {
        FailureReading(
            .connectionRefused, "\(server) is there and nothing listens on its port \(port)",
            remedy: [
                "on the server: systemctl start \(serviceUnit)",
                "check \(keyOfPort.map { "\($0) and " } ?? "")the server's firewall",
            ])
    }

    /// Where a share says the port; nil where it is always the same.
    private var keyOfPort: String? {
        switch type {
        case .nfs, .smb, .ninep: "source.port"
        case .cephfs: "source.monitors"
        case .glusterfs, .virtiofs, .tmpfs, .image: nil
        }
    }

    private func unreachable(_ server: String, _ why: String) -> FailureReading {
        if let name = address?.server, name.lowercased().hasPrefix("fe80:"), !name.utf8.contains(UInt8(ascii: "%")) {
            return FailureReading(
                .serverUnreachable, "\(server) is link-local, and the share does not say by which network card of this guest it is reached",
                remedy: ["add the card's name: \(name)%eth0", "its name in this guest: ip -6 -br address"])
        }
        return FailureReading(
            .serverUnreachable, "no way to \(server) (\(why))",
            remedy: ["ip route get \(address?.server ?? server)", "check that the server is up and the guest's network is configured"])
    }

    private func silentService(_ server: String, _ port: UInt16) -> FailureReading {
        FailureReading(
            .serverSilent, "\(server) accepts connections on port \(port) and does not answer requests",
            remedy: [
                "on the server: systemctl restart \(serviceUnit), and see its log"
            ])
    }

    /// The unit that serves the type on Debian.
    private var serviceUnit: String {
        switch type {
        case .smb: "smbd"
        case .ninep: "diod"
        case .cephfs: "ceph-mon.target"
        case .glusterfs: "glusterd"
        case .nfs, .virtiofs, .tmpfs, .image: "nfs-server"
        }
    }

    private func silentNetwork(_ server: String, _ port: UInt16) -> FailureReading {
        FailureReading(
            .serverUnreachable, "\(server) does not answer on port \(port)",
            remedy: ["check that the server is up, and for a firewall that drops TCP port \(port)"])
    }

    private func commonReading(_ failure: MountFailure) -> FailureReading {
        switch failure.errno {
        case .enodev:
            FailureReading(
                .filesystemUnsupported, "this kernel has no file system '\(fstype)'",
                remedy: ["modprobe \(fstype)", "install the kernel's full modules: apt install linux-image-amd64"])
        case .eperm:
            FailureReading(
                .permissionDenied, "the kernel does not let this process mount", remedy: ["run shareagent as root, with CAP_SYS_ADMIN"])
        case .eacces:
            FailureReading(
                .securityModuleDenied, "access was denied inside this guest",
                remedy: ["ausearch -m avc -ts recent", "dmesg | grep -i -e apparmor -e avc"])
        case .enomem, .enfile, .emfile:
            FailureReading(.memoryExhausted, "the guest is out of memory or file descriptors", remedy: ["free -m"])
        case .enospc:
            FailureReading(.memoryExhausted, "the guest has too many mounts", remedy: ["sysctl fs.mount-max"])
        case .edquot:
            FailureReading(
                .quotaExceeded, "the quota of this guest's account on the source is used up",
                remedy: ["delete files, or have the quota raised on the server: repquota -a"])
        case .einval:
            FailureReading(
                .optionRefused, "the kernel did not take the options", remedy: ["dmesg | tail", "leave native options out of the share"])
        case .erofs:
            FailureReading(.readOnlySource, "the source cannot be written to", remedy: ["say access: ro"])
        case .estale:
            FailureReading(
                .staleHandle, "the server no longer knows the directory",
                remedy: ["shareagent detach \(share) && shareagent attach \(share)"])
        case .econnrefused:
            FailureReading(.connectionRefused, failure.errnoText, remedy: ["see the server's log"])
        case .etimedout:
            FailureReading(.mountTimeout, "mounting took too long", remedy: ["check that the server is up"])
        case .eio, .econnreset, .econnaborted, .enotconn, .ehostdown:
            FailureReading(.ioError, failure.errnoText, remedy: ["dmesg | tail", "see the server's log"])
        case .eopnotsupp:
            FailureReading(
                .optionRefused, "something that was asked for is not supported",
                remedy: ["dmesg | tail", "leave native options out of the share"])
        case .ebusy:
            FailureReading(.targetBusy, "source or target are in use", remedy: ["findmnt \(target.quotedForShell)"])
        default:
            FailureReading(.internalError, failure.errnoText, remedy: ["dmesg | tail"])
        }
    }
}

extension ConnectionProbe {
    /// For evidence.
    public var words: String {
        switch self {
        case .connected: "connected"
        case .silent: "connected, no answer"
        case .declined: "connected, what is wished was declined"
        case .refused: "refused"
        case .timedOut: "no answer"
        case .unreachable(let name): "unreachable (\(name))"
        }
    }
}

extension MountPlan {
    /// The cause when the server's port could not be connected to, so that mounting was not even tried.
    public func cause(
        unreachable address: String, errnoName: String, errnoText: String, connection: ConnectionProbe
    ) -> Cause {
        let need = self.address
        let reading =
            switch connection {
            case .refused: refused(described(need, address), need?.port ?? 0)
            case .timedOut: silentNetwork(described(need, address), need?.port ?? 0)
            case .silent: silentService(described(need, address), need?.port ?? 0)
            case .declined: NFSKind.withoutEncryption(described(need, address))
            case .unreachable, .connected: unreachable(described(need, address), errnoText)
            }
        return Cause(
            reading.code, "share '\(share)': cannot mount \(type.rawValue) \(sourceSpelling) on \(target): \(reading.why)",
            evidence: ["TCP to \(address) port \(need?.port ?? 0): \(connection.words)"], remedy: reading.remedy,
            errno: errnoName)
    }

    private func described(_ need: AddressNeed?, _ address: String) -> String {
        guard let server = need?.server else { return address }
        return server == address ? server : "\(server) (\(address))"
    }
}
