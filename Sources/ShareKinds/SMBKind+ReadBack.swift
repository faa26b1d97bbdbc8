import ShareModel

extension SMBKind {
    func effective(_ option: TunedOption, in readBack: ReadBack) -> String? {
        guard let smb = readBack.smb else { return nil }
        switch option.name {
        case "sign": return smb.isSigned || smb.isEncrypted ? "" : "not signed"
        case "seal": return smb.isEncrypted ? "" : "not encrypted"
        case "nosharesock": return smb.isOwnSocket ? "" : "shared"
        case "vers": return meets(option.value, smb.dialect) ? option.value : smb.dialect
        case "max_channels": return String(smb.channels)
        // The session is as anonymous as was asked; what is shown is the mechanism.
        case "sec": return option.value
        default: return nil
        }
    }

    /// `vers=3` is 3.0 or newer.
    private func meets(_ asked: String?, _ dialect: String?) -> Bool {
        guard let asked, let dialect else { return true }
        return asked == dialect || (asked == "3" && dialect.utf8.first == UInt8(ascii: "3"))
    }

    func difference(of option: TunedOption, effective: String, in readBack: ReadBack) -> String? {
        switch option.name {
        case "rsize", "wsize": "the server takes no more at a time; on Samba: smb2 max read and smb2 max write in smb.conf"
        case "max_channels":
            "the server has fewer network interfaces to offer, or the session was opened by another share before; on Samba: server multi channel support = yes"
        case "nosharesock": "an older mount of this share has the connection"
        default: nil
        }
    }

    func negotiated(_ readBack: ReadBack, for share: Share) -> [Explanation.Fact] {
        guard let smb = readBack.smb else { return [] }
        var facts: [Explanation.Fact] = []
        if let dialect = smb.dialect {
            facts.append(
                Explanation.Fact(
                    "dialect", dialect, note: source.version == .auto ? "the newest that both have; 2.1 would be the oldest" : nil))
        }
        let isAsked = source.encryption == .required
        facts.append(
            Explanation.Fact(
                "encryption", smb.isEncrypted ? "yes" : "no",
                note: smb.isEncrypted && !isAsked ? "not asked for: the server imposes it" : nil))
        facts.append(
            Explanation.Fact(
                "signing", smb.isSigned ? "yes" : smb.isEncrypted ? "not needed" : "no",
                note: smb.isEncrypted && !smb.isSigned ? "encryption proves as much" : nil))
        facts.append(Explanation.Fact("channels", String(smb.channels), note: smb.isOwnSocket ? "no other share uses them" : nil))
        if let echo = readBack.options["echo_interval"].flatMap({ Int($0) }) {
            facts.append(
                Explanation.Fact("keepalive", "an SMB echo every \(echo) s", note: "a dead server is noticed after about \(3 * echo) s"))
        }
        return facts
    }

    func kernelReason(for name: String) -> String? {
        switch name {
        case "vers": "the dialect that server and guest agreed upon; the kernel offers 2.1 and newer"
        case "rsize", "wsize": "as much as the server takes at a time, 4 MiB at most: setting it could only lower it"
        case "cache": "strict: kept only while the server grants it, so that nobody sees old data"
        case "addr": "the address that the agent found for \(source.server)"
        case "username", "domain": "of the credential"
        case "nounix", "unix", "posix": "whether the server tells owners and modes of its own"
        case "uid", "gid", "noforceuid", "noforcegid": "who owns the files: root, where the share names nobody"
        case "actimeo", "acregmax", "acdirmax": "how many seconds attributes are believed"
        case "closetimeo": "how many seconds a closed file stays open towards the server"
        case "bsize": "the block size that programs are told"
        case "seal": "the server imposes encryption"
        case "sec": "how the guest proved who it is"
        default: nil
        }
    }
}
