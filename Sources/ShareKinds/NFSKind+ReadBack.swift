import ShareModel

extension NFSKind {
    /// What actimeo stands for.
    private static let attributeTimes = ["acregmin", "acregmax", "acdirmin", "acdirmax"]

    func effective(_ option: TunedOption, in readBack: ReadBack) -> String? {
        switch option.name {
        case "actimeo":
            let times = Self.attributeTimes.compactMap { readBack.options[$0] }
            guard times.count == Self.attributeTimes.count else { return nil }
            return Set(times).count == 1 ? times[0] : times.joined(separator: "/")
        // Only shown where it is more than one.
        case "nconnect": return readBack.connections.map { String($0) } ?? readBack.options["nconnect"]
        default: return nil
        }
    }

    func difference(of option: TunedOption, effective: String, in readBack: ReadBack) -> String? {
        switch option.name {
        case "rsize", "wsize":
            guard let asked = option.value.flatMap({ Int($0) }), let got = Int(effective), got < asked else { return nil }
            return
                "the server takes no more at a time; on a Linux server: echo \(asked) >/proc/fs/nfsd/max_block_size before nfsd starts (by itself it takes 1 MiB only with 4 GiB of memory)"
        case "nconnect":
            return
                "the first mount from a server decides for all of them; detach every share of \(source.server), then attach this one first"
        case "read_ahead_kb":
            return "something has set it back since, as nfs-common's udev rule does; it is written again at the next probe"
        default: return nil
        }
    }

    func negotiated(_ readBack: ReadBack, for share: Share) -> [Explanation.Fact] {
        var facts: [Explanation.Fact] = []
        if let version = readBack.options["vers"] {
            let walked = source.version == .auto && version != "4.2"
            facts.append(
                Explanation.Fact("version", version, note: walked ? "the newest that the server has; newer ones were offered to it" : nil))
        }
        if let connections = readBack.connections { facts.append(Explanation.Fact("connections", String(connections))) }
        if let lease = readBack.leaseSeconds {
            facts.append(
                Explanation.Fact(
                    "lease", "\(lease) s", note: "the server's: /proc/fs/nfsd/nfsv4leasetime there; locks of a guest gone longer are lost"))
        }
        let keepalive = Keepalive(leaseSeconds: readBack.leaseSeconds, kernel: readBack.kernel)
        facts.append(Explanation.Fact("keepalive", keepalive.words, note: keepalive.shortfall(of: share.keepaliveSeconds)))
        return facts
    }

    func kernelReason(for name: String) -> String? {
        switch name {
        case "namlen": "the longest file name, as the server says"
        case "addr": "the address that the agent found for \(source.server)"
        case "clientaddr": "this guest's address, for a server of version 4.0 that calls back"
        case "local_lock": "which locks stay in this guest; none: the server keeps them"
        case "sec": "how the guest says who asks: the user's number"
        case "mountaddr", "mountvers", "mountport", "mountproto": "how the export was asked for, as version 3 does it"
        case "acregmin", "acregmax", "acdirmin", "acdirmax": "how many seconds attributes are believed (files, directories)"
        case "softreval": "comes with softerr: attributes that are known are believed while the server is away"
        default: nil
        }
    }

    /// What this guest does to find out that a server is gone: TCP keepalive, which the NFS client sets by itself and no option changes.
    struct Keepalive: Equatable {
        /// Seconds of silence before the first question, between questions, and how many without an answer end the connection.
        let idle: Int, interval: Int, tries: Int
        let leaseSeconds: Int?
        let kernel: (major: Int, minor: Int)

        /// From 180 s on, and before version 4, the lease does not count (net/sunrpc/xprtsock.c).
        static let longestLease = 180
        static let usual = (idle: 60, interval: 60, tries: 3)

        /// net/sunrpc/xprtsock.c: xs_tcp_set_connect_timeout; measured with `ss -tno` on 6.1 and 6.12. Kernels from 6.7 on ask once a
        /// lease, those before three times.
        init(leaseSeconds: Int?, kernel: (major: Int, minor: Int)) {
            self.leaseSeconds = leaseSeconds
            self.kernel = kernel
            guard let lease = leaseSeconds, lease < Self.longestLease else {
                (idle, interval, tries) = Self.usual
                return
            }
            (idle, interval, tries) = Self.asksOnce(kernel) ? (lease, lease, 1) : (lease / 3, lease / 3, 3)
        }

        private static func asksOnce(_ kernel: (major: Int, minor: Int)) -> Bool { kernel >= (6, 7) }

        static func == (left: Keepalive, right: Keepalive) -> Bool {
            left.words == right.words && left.leaseSeconds == right.leaseSeconds
        }

        var words: String {
            "after \(idle) s of silence, then every \(interval) s, given up after \(tries)"
        }

        /// What is to be said to somebody who wished another interval; nil where the wish is met or there is none.
        func shortfall(of wished: Int?) -> String? {
            guard let wished, wished != idle else { return nil }
            guard leaseSeconds != nil else { return "\(wished) s are wished; version 3 always has 60" }
            let lease = Self.asksOnce(kernel) ? wished : wished * 3
            if wished == Self.usual.idle || lease >= Self.longestLease {
                return wished == Self.usual.idle
                    ? "60 s are wished; no option of this guest sets it; on a Linux server: echo \(Self.asksOnce(kernel) ? 60 : 180) >/proc/fs/nfsd/nfsv4leasetime before nfsd starts"
                    : "\(wished) s are wished; this kernel has 60 at most, with a lease of 180 s or more on the server"
            }
            return
                "\(wished) s are wished; no option of this guest sets it; on a Linux server: echo \(lease) >/proc/fs/nfsd/nfsv4leasetime before nfsd starts"
        }
    }
}

extension MountPlan {
    /// Why a keepalive that a share wishes is not in force on its NFS mount, and what would change that; nil where it is.
    /// - Parameters:
    ///   - leaseSeconds: the server's lease; nil before version 4.
    ///   - kernel: uname's release.
    public static func keepaliveShortfall(wished: Int, leaseSeconds: Int?, kernel: String) -> String? {
        let numbers = ReadBack(options: [:], kernel: kernel).kernel
        let keepalive = NFSKind.Keepalive(leaseSeconds: leaseSeconds, kernel: numbers)
        return keepalive.shortfall(of: wished).map { "keepaliveSeconds: in force is \(keepalive.words); \($0)" }
    }
}
