import ShareModel

extension SMBKind {
    // The kernel's client writes what the server said, by its NT status, into the kernel log and almost nothing into errno.
    func reading(of failure: MountFailure, for plan: MountPlan) -> FailureReading? {
        if let status = reading(ofStatusIn: failure) { return status }
        switch failure.errno {
        case .eacces where plan.credential == .none:
            return FailureReading(
                .credentialMissing, "the server lets no anonymous user in",
                remedy: ["name a credential in the share, and give it on the host: credentials in /etc/sharehost/sharehost.yaml"])
        // A refused login is always logged, a refused share never is (6.1 and 6.12, measured).
        case .eacces where failure.logIsWhole && !failure.logs("SessSetup", "STATUS_"): return shutOut
        case .eacces, .ekeyrejected, .ekeyexpired, .ekeyrevoked: return Self.rejected
        case .enoent: return notFound
        case .ehostdown where failure.connection == .connected, .eprotonosupport, .eproto:
            return FailureReading(
                .versionUnsupported, "the server does not speak the wished dialect (\(dialect))",
                remedy: ["say source.version: auto", "on the server: server min protocol and server max protocol in smb.conf"])
        case .elibacc:
            return FailureReading(
                .charsetUnavailable, "this kernel cannot load the charset module nls_\(plan.charset ?? "utf8"), which names need",
                remedy: [
                    "modprobe nls_\(plan.charset ?? "utf8")   # says why",
                    "install the kernel's full modules: apt install linux-image-amd64",
                ])
        case .enokey:
            return FailureReading(
                .helperMissing, "Kerberos for SMB needs cifs.upcall and a ticket",
                remedy: ["apt install cifs-utils keyutils", "or use a password credential"])
        case .eopnotsupp where failure.logs("dialect not supported"):
            return FailureReading(
                .versionUnsupported, "the server does not speak the wished dialect (\(dialect)), or only 1.0 or 2.0, which are not used",
                remedy: ["say source.version: auto", "on the server: server max protocol in smb.conf, SMB3_11 in Samba"])
        case .eopnotsupp where source.encryption == .required: return cannotEncrypt
        case .eopnotsupp where failure.logs("sign"), .enotsupp where failure.logs("sign"):
            return FailureReading(.signingRequired, "server and guest do not agree on signing", remedy: ["enable signing on the server"])
        default: return nil
        }
    }

    private func reading(ofStatusIn failure: MountFailure) -> FailureReading? {
        if let logon = Self.reading(ofLogon: failure) { return logon }
        if failure.logs("STATUS_REQUEST_NOT_ACCEPTED", "STATUS_INSUFF_SERVER_RESOURCES") {
            return FailureReading(
                .connectionRefused, "the server takes no more connections",
                remedy: ["on the server: max connections and max smbd processes in smb.conf; smbstatus lists who is connected"])
        }
        if failure.logs("BAD_NETWORK_NAME", "STATUS_NETWORK_NAME_DELETED", "STATUS_OBJECT_NAME_NOT_FOUND", "STATUS_OBJECT_PATH_NOT_FOUND") {
            return notFound
        }
        if failure.logs("STATUS_TIME_DIFFERENCE_AT_DC") {
            return FailureReading(.clockSkew, "this guest's clock is too far from the server's", remedy: ["timedatectl set-ntp true"])
        }
        if failure.logs("encryption requested but", "server does not support encryption") { return cannotEncrypt }
        if failure.logs("STATUS_ACCESS_DENIED") {
            return source.encryption == .off && failure.logs("encrypt")
                ? FailureReading(.encryptionRequired, "the server wants encryption", remedy: ["say source.encryption: required"])
                : shutOut
        }
        return nil
    }

    /// Why the server does not log the user on.
    static func reading(ofLogon failure: MountFailure) -> FailureReading? {
        if failure.logs("STATUS_ACCOUNT_LOCKED_OUT") {
            return FailureReading(.accountLocked, "the server has locked the account", remedy: ["unlock the account on the server"])
        }
        if failure.logs("STATUS_PASSWORD_EXPIRED", "STATUS_PASSWORD_MUST_CHANGE") {
            return FailureReading(
                .credentialRejected, "the password has expired or has to be changed first",
                remedy: ["set a new password on the server (Samba: smbpasswd USER), then give it on the host"])
        }
        if failure.logs("STATUS_LOGON_FAILURE", "STATUS_WRONG_PASSWORD", "STATUS_NO_SUCH_USER") { return rejected }
        if failure.logs(
            "STATUS_ACCOUNT_DISABLED", "STATUS_ACCOUNT_EXPIRED", "STATUS_ACCOUNT_RESTRICTION", "STATUS_INVALID_LOGON_HOURS",
            "STATUS_INVALID_WORKSTATION", "STATUS_LOGON_TYPE_NOT_GRANTED")
        {
            return FailureReading(
                .authenticationFailed, "the server knows the account and does not let it in now or from here",
                remedy: ["on the server: see whether the account is disabled, expired or restricted (Samba: pdbedit -v USER)"])
        }
        if failure.logs("STATUS_NO_LOGON_SERVERS", "STATUS_TRUSTED_DOMAIN_FAILURE", "STATUS_TRUSTED_RELATIONSHIP_FAILURE") {
            return FailureReading(
                .authenticationFailed, "the server cannot ask its domain whether the password is right",
                remedy: ["on the server: wbinfo --ping-dc, net ads testjoin"])
        }
        return nil
    }

    private var dialect: String {
        source.version == .auto ? "2.1 or newer" : source.version.rawValue
    }

    private var shutOut: FailureReading {
        let encryption = source.version == .v21 ? ", or wants encryption, which dialect 2.1 has not" : ""
        return FailureReading(
            .accessDenied, "the server accepts the login and does not let this user into the share '\(source.share)'\(encryption)",
            remedy: ["on the server: valid users of the share in smb.conf, and the directory's permissions: ls -ld PATH"]
                + (encryption.isEmpty ? [] : ["say source.version: auto"]))
    }

    private static var rejected: FailureReading {
        FailureReading(
            .credentialRejected, "the server refused the user name or password",
            remedy: [
                "give the right user, password and domain on the host; the agent does not try the same ones again, so that no account is locked"
            ])
    }

    private var notFound: FailureReading {
        let wanted = source.share + (source.path.map { "/" + $0 } ?? "")
        return FailureReading(
            .exportNotFound, "the server has no share '\(wanted)'", remedy: ["list its shares: smbclient -L //\(source.server) -U USER"])
    }

    private var cannotEncrypt: FailureReading {
        FailureReading(
            .encryptionRequired, "the share requires encryption and the server offers none",
            remedy: ["on the server: smb encrypt = required (Samba)", "or say source.encryption: ifOffered"])
    }
}
