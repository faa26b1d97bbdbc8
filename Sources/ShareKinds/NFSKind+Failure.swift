import ShareModel

extension NFSKind {
    func reading(of failure: MountFailure, for plan: MountPlan) -> FailureReading? {
        switch failure.errno {
        case .einval where source.security != .sys && !failure.logs("unknown parameter", "bad value"):
            FailureReading(
                .securityUnsupported, "Kerberos (sec=\(source.security.rawValue)) is not set up in this guest",
                remedy: ["systemctl status rpc-gssd", "klist -k /etc/krb5.keytab", "or offer the share with security: sys"])
        case .esrch where source.transport != .tcp:
            FailureReading(
                .helperMissing, "encrypted transport needs tlshd, which does not run in this guest",
                remedy: ["apt install ktls-utils && systemctl enable --now tlshd", "or offer the share with transport: tcp"])
        case .eacces where source.transport != .tcp:
            FailureReading(
                .securityUnsupported, "encrypted transport could not be set up: tlshd does not run in this guest, or the server has none",
                remedy: ["systemctl status tlshd", "on the server: exportfs -v shows xprtsec=", "or offer the share with transport: tcp"])
        case .enoent:
            FailureReading(
                .exportNotFound, "the server has no export \(source.export)",
                remedy: [
                    "list what it exports: showmount -e \(source.server) (version 3), or on the server: exportfs -v",
                    "for version 4, export paths are relative to the export with fsid=0",
                ])
        case .eacces where source.security != .sys:
            FailureReading(
                .authenticationFailed,
                "the server did not accept this guest's Kerberos identity, or gives it no access to \(source.export)",
                remedy: [
                    "klist -k /etc/krb5.keytab", "timedatectl   # tickets are refused when the clocks differ by more than five minutes",
                    "on the server: exportfs -v shows sec= of the export",
                ])
        case .eacces:
            FailureReading(
                .accessDenied,
                "the server does not let this guest mount \(source.export)"
                    + (failure.attempt.hasSuffix(" 3") ? ", or has no such export" : ""),
                remedy: ["on the server: exportfs -v, and add this guest's address to the export of \(source.export)"])
        case .eperm:
            FailureReading(
                .accessDenied, "the server does not accept this guest's connection",
                remedy: [
                    "if noresvport is set: leave it out, or add 'insecure' to the export on the server",
                    "if the export wants Kerberos: say source.security: krb5",
                ])
        case .eprotonosupport:
            FailureReading(
                .versionUnsupported, "the server does not speak \(failure.attempt)",
                remedy: ["say source.version: auto, or enable the version on the server (/etc/nfs.conf, [nfsd])"])
        case .eopnotsupp where failure.attempt.hasSuffix(" 3"), .econnrefused where failure.attempt.hasSuffix(" 3"):
            FailureReading(
                .hostServiceDead, "the server's rpcbind or mountd, which version 3 needs, does not answer",
                remedy: ["on the server: systemctl start rpcbind nfs-mountd", "or offer the share with version: \"4.2\""])
        case .ebusy:
            FailureReading(
                .optionRefused, "the same export is mounted with another SELinux context",
                remedy: ["use the same selinux.context, or options: {nosharecache: true}"])
        case .enokey, .ekeyrevoked, .ekeyexpired:
            FailureReading(.credentialMissing, "the key for this mount is not in the kernel's keyring", remedy: ["klist", "keyctl show"])
        default: nil
        }
    }

    /// Whether the next version of the walk may do what this one could not. Other errors say something about the server
    /// or the export, and an older version's answer would only hide that.
    static func isWorthNextVersion(_ errno: Errno) -> Bool {
        errno == .eprotonosupport
    }
}

extension MountPlan {
    /// Whether the next attempt of the plan should be made after this failure.
    public func isWorthNextAttempt(after failure: MountFailure) -> Bool {
        type == .nfs && NFSKind.isWorthNextVersion(failure.errno)
    }
}
