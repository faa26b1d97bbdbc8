public import ShareModel

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
                .securityUnsupported,
                "the TLS handshake failed: one side does not trust the other's certificate, or it is for another name than \(source.server)",
                remedy: [
                    "journalctl -u tlshd -n 20   # in this guest and on the server: who refused whom, and why",
                    "see x509.truststore, x509.certificate and x509.private_key in /etc/tlshd.conf",
                ])
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
                    "on the server: exportfs -v shows what the export wants",
                    source.transport == .tcp
                        ? "if it wants encryption (xprtsec=tls): say source.transport: tls; if it wants Kerberos: source.security: krb5"
                        : "if it wants a certificate of this guest's (xprtsec=mtls): say source.transport: mtls; if Kerberos: security: krb5",
                    "if noresvport is set: leave it out, or add 'insecure' to the export on the server",
                    "another share of this server may be attached with less; all go over one connection: attach this one first",
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

    /// The server has no TLS.
    static func withoutEncryption(_ server: String) -> FailureReading {
        FailureReading(
            .encryptionRequired, "the share wishes encrypted transport, and \(server) has none",
            remedy: [
                "on the server: Linux 6.4 or newer, systemctl enable --now tlshd, and xprtsec=tls in /etc/exports",
                "or offer the share with transport: tcp",
            ])
    }

    /// Whether the next version of the walk may do what this one could not. Other errors say something about the server
    /// or the export, and an older version's answer would only hide that.
    static func isWorthNextVersion(_ errno: Errno) -> Bool {
        errno == .eprotonosupport
    }
}

extension MountPlan {
    /// What a mounted share lacks of the encryption that it wishes; nil where it lacks nothing.
    ///
    /// The client of versions 4.x finds out that it knows the server already, under whatever name, and puts the new mount on the connection
    /// that is there, encrypted or not (fs/nfs/nfs4client.c: nfs4_discover_server_trunking; seen on 6.12). The mount table shows what is so.
    public func encryptionShortfall(superOptions: [UInt8]) -> Cause? {
        guard let wish = attempts[0].options.first(where: { $0.name == "xprtsec" }),
            !superOptions.split(separator: UInt8(ascii: ",")).contains(where: { $0.elementsEqual(wish.spelling.utf8) })
        else { return nil }
        return Cause(
            .encryptionRequired,
            "share '\(share)': the kernel put it on a connection without \(wish.spelling) that another share of this server has, so it was unmounted again",
            evidence: ["in force: \(String(printing: superOptions))"],
            remedy: [
                "give all shares of this server the same transport, and detach those that have another: findmnt -t nfs,nfs4",
                "or name another server for them: one guest has one connection to a server of version 4",
            ])
    }

    /// The cause when the kernel, asked for this share, shows another name of its server: by version 4 it knows the server again, has one
    /// file system of the export for all its names, and shows the first one (seen on 6.12). Nil where that is not so.
    ///
    /// - Parameter twin: where the same file system is mounted as well.
    public func otherName(source seen: [UInt8], twin: [UInt8]) -> Cause? {
        let path = ":".utf8.count + seen.reversed().prefix { $0 != UInt8(ascii: ":") }.count
        guard type == .nfs, source.count >= path, source.suffix(path).elementsEqual(seen.suffix(path)) else { return nil }
        return Cause(
            .alreadyAttached,
            "share '\(share)': the kernel has this export of the same server at \(String(printing: twin)), under another name of the server",
            evidence: ["the kernel shows: \(String(printing: seen))", "unmounted again"],
            remedy: ["name the server alike in all its shares", "or detach the other one: findmnt -t nfs4"])
    }

    /// Whether the next attempt of the plan should be made after this failure.
    public func isWorthNextAttempt(after failure: MountFailure) -> Bool {
        type == .nfs && NFSKind.isWorthNextVersion(failure.errno)
    }
}
