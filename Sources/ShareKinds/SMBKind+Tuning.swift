import ShareModel

extension SMBKind {
    static let tunings: [Tuning] = [
        Tuning(
            "sign", .flag, when: Tuning.Condition("the share names a credential, and encryption is ifOffered", isSigned),
            why: "without encryption, at least nobody on the way can change what is sent; encryption: off does without",
            fact: "mount.cifs(8): seal supersedes sign; measured on an emulated CPU: bulk transfers take four times as long",
            protects: true),
        Tuning(
            "sec", .fixed("none"), when: .isAnonymous, why: "the share names no credential: an anonymous session", fact: "mount.cifs(8)"),
        Tuning(
            "soft", .flag, when: .mayGiveUp, wished: { $0.failure == .soft }, why: "an error (EHOSTDOWN) instead of an endless wait",
            fact: "fs/smb/client/misc.c"),
        Tuning(
            "hard", .flag, when: .waitsForEver, wished: { _ in true },
            why: "the share wishes to wait for ever rather than to lose a write", fact: "mount.cifs(8)"),
        Tuning(
            "echo_interval",
            .reckoned(shown: "keepaliveSeconds, else a third of what giveUpSeconds has beyond 25, from 1 to 10") { share in
                if let wished = share.keepaliveSeconds { return String(min(wished, longestEcho)) }
                return String(min(10, max(1, ((share.patience ?? 180) - slowestGivingUp) / 3)))
            }, wished: { $0.keepaliveSeconds != nil },
            why: "a server that hangs is given up 25 seconds after three intervals; the kernel's 60 would be more than three minutes",
            fact: "fs/smb/client/connect.c: server_unresponsive; measured with a stopped smbd: 28 s to the error at 1, 40 s at 5"),
        Tuning(
            "nodfs", .flag,
            why: "one share of one server: no referrals are followed, whose servers nobody has allowed, and no program is started for them",
            fact: "fs/smb/client/fs_context.c", protects: true),
        Tuning(
            "nosharesock", .flag,
            why:
                "a connection of its own: another share's bulk data, hang, older dialect or outdated password holds this one up in nothing",
            fact: "fs/smb/client/connect.c: match_server; measured on 6.1: beside a 3.0.2 share version auto came up with 3.0.2"),
        Tuning(
            "iocharset", .fixed("utf8"),
            why: "names travel as Unicode; said outright, a missing charset module is an error and not silently garbled names",
            fact: "fs/smb/client/connect.c; fs/nls/nls_base.c"),
        Tuning(
            "mapposix", .flag, when: reserved("sfm", "names.reserved is sfm, or not said"), wished: { $0.names[.reserved] != nil },
            why: "names with characters that Windows reserves stay reachable, in the private characters of macOS and of Samba",
            fact: "fs/smb/client/fs_context.c; cifs_unicode.c: convert_sfm_char"),
        Tuning(
            "mapchars", .flag, when: reserved("sfu", "names.reserved is sfu"), wished: { _ in true },
            why: "the source has the private characters of Windows' Services for Unix",
            fact: "fs/smb/client/cifs_unicode.c: convert_sfu_char"),
        Tuning(
            "nomapposix", .flag, when: reserved("none", "names.reserved is none"), wished: { _ in true },
            why: "private characters are shown as they are; the server refuses what it reserves", fact: "fs/smb/client/fs_context.c"),
        Tuning(
            "nocase", .flag, when: Tuning.Condition("names.case is insensitive") { $0.names[.case] == "insensitive" },
            wished: { _ in true }, why: "one name however it is typed, as the server has it",
            fact: "mount.cifs(8); fs/smb/client/dir.c: cifs_ci_hash"),
        Tuning(
            "serverino", .flag, why: "inode numbers of the server are stable; hard links and backups need that", fact: "mount.cifs(8)"),
        Tuning(
            "file_mode", .fixed("0640"), why: "one credential reads for all: not for everybody, and no file is a program",
            fact: "the kernel's default is 0755"),
        Tuning("dir_mode", .fixed("0750"), why: "one credential reads for all: not for everybody", fact: "the kernel's default is 0755"),
        Tuning(
            "rasize", .fixed("33554432"), in: [.throughput], why: "eight full-size reads under way", since: "5.13",
            fact: "fs/smb/client/cifsfs.c; measured: 16 MiB takes 0.7 to 0.97 of the time"),
        Tuning(
            "actimeo", .fixed("30"), in: [.metadata], when: .readsOnly,
            why: "attributes are believed for half a minute, so listing asks the server less", fact: "measured: 0.7 of the time at 5 ms"),
        Tuning(
            "closetimeo", .fixed("30"), in: [.metadata], when: .readsOnly,
            why: "files stay open under the server's lease for half a minute, so opening them again asks nobody", since: "5.17",
            fact: "measured: opening again takes 0.01 to 0.03 of the time at 5 ms, removing 1.5"),
        Tuning(
            "actimeo", .fixed("5"), in: [.metadata], when: .writes,
            why: "attributes are believed for five seconds, so listing asks the server less", fact: "mount.cifs(8)"),
        Tuning(
            "cache", .fixed("none"), in: [.coherent], why: "every read and write goes to the server",
            fact: "mount.cifs(8); measured: reading takes 6.8 times as long at 5 ms"),
        Tuning("actimeo", .fixed("0"), in: [.coherent], why: "attributes are asked for each time", fact: "mount.cifs(8)"),
        Tuning(
            "rsize", .fixed("1048576"), in: [.constrained], why: "small requests for little memory or a slow link",
            fact: "the default is 4 MiB; measured: 1 MiB takes 1.4 of the time at 5 ms"),
        Tuning(
            "wsize", .fixed("1048576"), in: [.constrained], why: "small requests for little memory or a slow link",
            fact: "the default is 4 MiB; measured: 1 MiB takes 1.24 of the time at 5 ms"),
        Tuning(
            "rasize", .fixed("1048576"), in: [.constrained], why: "the least the kernel takes", since: "5.13",
            fact: "fs/smb/client/fs_context.c"),
    ]

    /// What the client needs to give up a server that hangs, in seconds, beside three echo intervals.
    static let slowestGivingUp = 25

    /// The longest echo interval of the kernel, SMB_ECHO_INTERVAL_MAX, in seconds.
    private static let longestEcho = 600

    private static func reserved(_ word: String, _ words: String) -> Tuning.Condition {
        Tuning.Condition(words) { ($0.names[.reserved] ?? "sfm") == word }
    }

    private static let isSigned: @Sendable (Share) -> Bool = { share in
        guard case .smb(let source) = share.source else { return false }
        return share.credential != nil && source.encryption == .ifOffered
    }
}
