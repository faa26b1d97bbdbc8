import ShareModel

extension CephFSKind {
    // What a monitor says about a user, and what is missing in the cluster, stands in the kernel log; the errno is one of few.
    func reading(of failure: MountFailure, for plan: MountPlan) -> FailureReading? {
        // Whoever is not let in is told EHOSTUNREACH all the same.
        if failure.logs("no secret set") { return missing }
        if failure.logs("authentication failed", "auth method", "auth protocol") { return plan.credential == .none ? missing : rejected }
        switch failure.errno {
        case .ehostunreach:
            return FailureReading(
                .serverUnreachable,
                "the monitors let this guest in, and no metadata server is active for \(filesystem)"
                    + (source.filesystem == nil ? "" : ", or there is no such file system"),
                remedy: [
                    "on the cluster: ceph fs status, and ceph mds stat",
                    "after a metadata server's crash another one takes over within seconds",
                ])
        case .eacces, .eperm, .ekeyrejected:
            return plan.credential == .none
                ? missing
                : FailureReading(
                    .accessDenied, "the cluster lets this user in, and the user's rights do not reach \(source.path)",
                    remedy: [
                        "on the cluster: ceph fs authorize \(source.filesystem ?? "FILESYSTEM") client.\(userName) \(source.path.quotedForShell) rw"
                    ])
        case .enokey:
            return FailureReading(
                .credentialMissing, "the key is not in the kernel's keyring", remedy: ["sysctl kernel.keys", "cat /proc/key-users"])
        case .enoent:
            return FailureReading(
                .exportNotFound,
                source.filesystem == nil
                    ? "the cluster has no file system, or no directory \(source.path) in it"
                    : "the cluster has no \(filesystem), or no directory \(source.path) in it",
                remedy: ["on the cluster: ceph fs ls", "make the directory by mounting path: / once"])
        case .etimedout, .eio:
            return FailureReading(
                .serverSilent, "the monitors accept connections and let nobody in",
                remedy: ["on the cluster: ceph -s, and ceph mon stat (is there a quorum?)", "source.monitors: is it the monitors' port?"])
        case .einval where failure.logs("failed to parse"):
            return FailureReading(.optionRefused, "the kernel did not take the options", remedy: ["dmesg | grep ceph"])
        default: return nil
        }
    }

    private var missing: FailureReading {
        FailureReading(
            .credentialMissing, "the cluster wants a cephx key and the share names no credential",
            remedy: [
                "name a credential in the share, and give it on the host: keyFile under credentials in /etc/sharehost/sharehost.yaml",
                "its key, on the cluster: ceph auth get-key client.\(userName)",
            ])
    }

    private var rejected: FailureReading {
        FailureReading(
            .credentialRejected, "the cluster knows no such user, or another key for it",
            remedy: ["compare: ceph auth get client.\(userName), and username and keyFile of the credential on the host"])
    }

    /// As one writes it for the cluster's commands; the credential may name the user, too, and is not known here.
    private var userName: String { source.user ?? "USER" }
    private var filesystem: String { source.filesystem.map { "file system '\($0)'" } ?? "the file system" }
}
