import ShareModel

extension NFSKind {
    static let tunings = always + version3

    /// What every version gets.
    static let always: [Tuning] = [
        Tuning(
            "proto", .fixed("tcp"), why: "Debian's kernels have no NFS over UDP", fact: "CONFIG_NFS_DISABLE_UDP_SUPPORT in Debian's config"),
        Tuning(
            "softerr", .flag, when: .mayGiveUp, wished: saysWhenToGiveUp,
            why: "an error (ETIMEDOUT) after the promised wait instead of an endless one", since: "5.2",
            fact: "fs/nfs/fs_context.c; nfs(5)"),
        Tuning(
            "hard", .flag, when: .waitsForEver, wished: { _ in true },
            why: "the share wishes to wait for ever rather than to lose a write", fact: "nfs(5)"),
        Tuning(
            "timeo",
            .reckoned(shown: "a third of giveUpSeconds, in tenths of a second; 600 where failure is hard") { share in
                guard let patience = share.patience else { return "600" }
                let tries = retransmissions + 1
                return String(min(max(patience * 10 / tries, 1), longestTimeout / tries))
            }, wished: saysWhenToGiveUp,
            why: "timeo times three tries is the promised wait; the client gives up after 600 s at the latest",
            fact: "fs/nfs/client.c: nfs_init_timeout_values; NFS_MAX_TCP_TIMEOUT"),
        Tuning("retrans", .fixed(String(retransmissions)), wished: saysWhenToGiveUp, why: "see timeo", fact: "nfs(5)"),
        Tuning(
            "rsize", .fixed("1048576"), in: .allBut(.constrained), why: "the most the client takes; the server may lower it",
            fact: "NFS_MAX_FILE_IO_SIZE in include/linux/nfs_xdr.h"),
        Tuning(
            "wsize", .fixed("1048576"), in: .allBut(.constrained), why: "the most the client takes; the server may lower it",
            fact: "NFS_MAX_FILE_IO_SIZE in include/linux/nfs_xdr.h"),
        Tuning(
            "rsize", .fixed("131072"), in: [.constrained], why: "small requests for little memory or a slow link",
            fact: "measured: 64 KiB requests cost a third of the throughput at 5 ms"),
        Tuning(
            "wsize", .fixed("131072"), in: [.constrained], why: "small requests for little memory or a slow link",
            fact: "measured: 64 KiB requests cost a third of the throughput at 5 ms"),
        Tuning(
            "read_ahead_kb", .fixed("4096"), in: .allBut(.constrained, .throughput),
            why: "the kernel's 128 KiB would cut every buffered read to 128 KiB, whatever rsize is",
            fact: "mm/backing-dev.c since 5.4; measured: 5 ms away, sequential reading takes 0.27 of the time"),
        Tuning(
            "read_ahead_kb", .fixed("15360"), in: [.throughput], why: "fifteen full-size reads under way",
            fact: "what kernels before 5.4 had; measured: no better than 4096 at 5 ms, better on fast links"),
        Tuning(
            "nconnect", .fixed("4"), in: [.throughput],
            why: "four connections carry more than one on fast links; the first mount from a server decides", since: "5.3",
            fact: "fs/nfs/client.c; measured: neither gain nor loss at 5 ms"),
        Tuning(
            "actimeo", .fixed("60"), in: [.metadata], why: "attributes are believed for a minute, so listing asks the server less",
            fact: "nfs(5); measured: a second ls -l takes 0.02 of the time at 5 ms"),
        Tuning(
            "actimeo", .fixed("1"), in: [.coherent], why: "changes made elsewhere are seen within a second", fact: "nfs(5)"),
        Tuning(
            "lookupcache", .fixed("pos"), in: [.coherent], why: "a file that was missing is asked for again each time", fact: "nfs(5)"),
    ]

    /// What version 3 gets besides.
    static let version3: [Tuning] = [
        Tuning(
            "mountproto", .fixed("tcp"), when: Tuning.Condition("version is 3") { _ in true },
            why: "the mount protocol of version 3 goes over TCP as well; a kernel that is not told stops the mount with an oops",
            fact: "nfs(5); seen on 6.12: fs/nfs/client.c, nfs_init_timeout_values, BUG()"),
        Tuning(
            "nolock", .flag, when: Tuning.Condition("version is 3 and access is ro") { $0.access == .ro },
            why: "nothing is written, so no lock manager is needed on the server", fact: "nfs(5)"),
    ]

    private static let saysWhenToGiveUp: @Sendable (Share) -> Bool = { $0.failure == .soft || $0.giveUpSeconds != nil }

    static let retransmissions = 2
    /// NFS_MAX_TCP_TIMEOUT of the kernel, in tenths of a second.
    static let longestTimeout = 6000
}
