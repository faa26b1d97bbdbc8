import ShareModel

/// SMB, by the kernel's client alone: no mount.cifs, whose command line would show the password.
struct SMBKind: ShareKind {
    let source: SMBSource

    var natives: [NativeOption] {
        let identity = NativeOption.Form.number(0...0xFFFF_FFFE)
        let bytes = NativeOption.Form.number(4096...(16 << 20))
        let seconds = NativeOption.Form.number(0...86_400)
        return [
            NativeOption("rsize", bytes), NativeOption("wsize", bytes), NativeOption("rasize", .number((1 << 20)...(128 << 20))),
            NativeOption("bsize", .number((16 << 10)...(16 << 20))), NativeOption("retrans", .number(0...100)),
            NativeOption("echo_interval", .number(1...600)),
            NativeOption("cache", .word(["strict", "none", "loose", "ro", "singleclient"])),
            NativeOption("actimeo", seconds), NativeOption("acregmax", seconds), NativeOption("acdirmax", seconds),
            NativeOption("closetimeo", seconds), NativeOption("uid", identity), NativeOption("gid", identity),
            NativeOption("file_mode", .octal),
            NativeOption("dir_mode", .octal), NativeOption("max_channels", .number(1...16)),
            NativeOption("handletimeout", .number(0...960_000)),
            NativeOption("max_credits", .number(20...60_000)), NativeOption("iocharset", .word(Self.charsets)),
            NativeOption("snapshot", .text),
            NativeOption("backupuid", identity), NativeOption("backupgid", identity), NativeOption("netbiosname", .text),
            NativeOption("compress", .flag), NativeOption("fsc", .flag),
        ] + NativeOption.either("soft", "hard") + NativeOption.either("mapposix", "mapchars", "nomapposix", "nomapchars")
            + NativeOption.either("posix", "nounix", "noposix", "unix", "linux", "nolinux")
            + NativeOption.either("serverino", "noserverino")
            + NativeOption.either("forceuid", "noforceuid") + NativeOption.either("forcegid", "noforcegid")
            + NativeOption.either("multichannel", "nomultichannel") + NativeOption.either("persistenthandles", "nopersistenthandles")
            + NativeOption.either("resilienthandles", "noresilienthandles") + NativeOption.either("handlecache", "nohandlecache")
            + NativeOption.either("brl", "nobrl") + NativeOption.either("perm", "noperm") + NativeOption.either("dynperm", "nodynperm")
            + NativeOption.either("strictsync", "nostrictsync") + NativeOption.either("user_xattr", "nouser_xattr")
            + NativeOption.either("nocase", "ignorecase") + NativeOption.either("acl", "noacl")
            + NativeOption.flags(
                "seal", "sign", "nosharesock", "nodfs", "cifsacl", "modefromsid", "idsfromsid", "mfsymlinks", "sfu", "forcemandatorylock",
                "noautotune",
                "noblocksend", "witness")
    }

    /// Names are shown in one of these. All but utf8 are for servers that take each byte of a foreign name for a character: in the charset that
    /// they have in mind come the bytes back, and a view reads them as what they are.
    private static let charsets = [
        "utf8", "iso8859-1", "iso8859-2", "iso8859-15", "cp437", "cp850", "cp852", "cp866", "cp1250", "cp1251", "koi8-r", "koi8-u", "cp932",
        "cp936", "cp949", "cp950", "euc-jp",
    ]

    var refusals: [String: String] {
        var all = [
            "vers": "say source.version", "port": "say source.port", "ip": "it follows from source.server",
            "addr": "it follows from source.server",
            "domain": "say source.domain", "dom": "say source.domain", "workgroup": "say source.domain", "prefixpath": "say source.path",
            "unc": "say source.share", "source": "say source", "servern": "it follows from source.server",
            "sec": "user and password (NTLM) is what this version speaks", "cruid": "user and password (NTLM) is what this version speaks",
            "multiuser": "each user would need a key in a session of their own", "rdma": "SMB goes over TCP",
            "noauto": "say attach: manual",
            "guest": "leave credential out", "nosharesockets": "say nosharesock",
        ]
        for name in ["user", "username", "pass", "password", "pass2", "password2", "credentials", "cred", "passwd"] {
            all[name] = "say credential"
        }
        return all
    }

    func plan(_ draft: inout PlanDraft) throws(Cause) {
        draft.fstype = "cifs"
        let path = source.path.map(withoutIdleSteps) ?? []
        draft.source = Array("//\(source.server)/\(source.share)\(path.isEmpty ? "" : "/")".utf8) + path
        draft.addresses = [
            MountPlan.AddressNeed(
                server: source.server, option: "ip", port: UInt16(source.port ?? 445), greeting: Self.negotiation)
        ]
        draft.log = LogEvidence(
            words: ["cifs", "smb"], names: ["\\\\\(source.server)\\\(source.share)"], takesTurns: true)
        draft.apply(Self.tunings)
        if let patience = draft.share.patience, patience < Self.slowestGivingUp + 3 {
            draft.warnings.append("giveUpSeconds: the SMB client takes \(Self.slowestGivingUp + 3) s to give up a server that hangs")
        }
        if let encoding = draft.share.names[.encoding], draft.share.viewRules?["encoding"] == nil, !["utf-8", "utf8"].contains(encoding) {
            draft.warnings.append("names.encoding: \(encoding) changes nothing: SMB carries names as Unicode")
        }
        try applyProtection(&draft)
        applyTransport(&draft)
        applyOwnership(&draft)
    }

    /// An SMB2 NEGOTIATE that offers 2.1, 3.0 and 3.0.2 (MS-SMB2 2.2.1.2 and 2.2.3). A server that wants another dialect says
    /// so, which is as good a sign of life.
    static let negotiation: [UInt8] = {
        let header: [UInt8] =
            [0xFE, 0x53, 0x4D, 0x42, 64, 0] + Array(repeating: 0, count: 6) + [0, 0, 1, 0] + Array(repeating: 0, count: 48)
        let body: [UInt8] =
            [36, 0, 3, 0, 1, 0, 0, 0, 0, 0, 0, 0] + Array("shareagent-probe".utf8) + Array(repeating: 0, count: 8) + [
                0x10, 0x02, 0x00, 0x03, 0x02, 0x03,
            ]
        return [0, 0, 0, UInt8(header.count + body.count)] + header + body
    }()

    private func applyProtection(_ draft: inout PlanDraft) throws(Cause) {
        // The credential would go wherever the share's server refers to, whatever policy.servers says.
        if let text = draft.share.options["nodfs"], (try? NativeOption("nodfs", .flag).read(text)) == .off {
            throw draft.refusal(
                .optionRefused, "option 'nodfs' is not turned off by a share",
                remedy: "leave it out of the share's options: only this guest's policy.forcedOptions can turn it off")
        }
        switch source.version {
        case .auto where source.encryption == .required:
            draft.options.share("vers", "3", why: "encryption needs 3.0; the newest the server has is used")
        case .auto: break  // the kernel offers 2.1 and newer, which is what auto means
        case .v21 where source.encryption == .required:
            throw Cause(
                .encryptionRequired, "share '\(draft.share.name)': encryption is required and dialect 2.1 has none",
                remedy: ["say source.version: \"3.1.1\", or encryption: ifOffered"])
        case .v21, .v30, .v302, .v311:
            draft.options.share("vers", source.version.rawValue, why: "the share says so; an exact dialect cannot be talked down")
        }
        if source.encryption == .required { draft.options.share("seal", why: "the share requires encryption on the wire") }
        guard draft.share.credential != nil else { return }
        draft.credential = .password
        if let domain = source.domain { draft.options.share("domain", domain, why: "the share says so") }
    }

    private func applyTransport(_ draft: inout PlanDraft) {
        if let port = source.port { draft.options.share("port", String(port), why: "the share says so") }
        if let channels = source.channels, channels > 1 {
            draft.options.share("multichannel", why: "the share says so")
            draft.options.share("max_channels", String(channels), why: "the share says so")
        }
    }

    private func applyOwnership(_ draft: inout PlanDraft) {
        let ownership = draft.share.ownership
        if let uid = ownership.uid {
            draft.options.share("uid", String(uid), why: "the share's owner")
            draft.options.share("forceuid", why: "also where the server has owners of its own")
        }
        if let gid = ownership.gid {
            draft.options.share("gid", String(gid), why: "the share's group")
            draft.options.share("forcegid", why: "also where the server has groups of its own")
        }
        if let mode = ownership.fileMode { draft.options.share("file_mode", octal(mode), why: "the share's own") }
        if let mode = ownership.directoryMode { draft.options.share("dir_mode", octal(mode), why: "the share's own") }
    }
}
