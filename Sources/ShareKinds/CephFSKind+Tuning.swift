import ShareModel

extension CephFSKind {
    static let tunings: [Tuning] = [
        Tuning(
            "mount_timeout", .fixed("7"),
            why: "the kernel waits twice as long, for monitors and for a metadata server; both fit into the 20 s of an attach",
            fact: "fs/ceph/super.c: ceph_real_mount, open_root_dentry; CEPH_MOUNT_TIMEOUT_DEFAULT"),
        Tuning(
            "osd_request_timeout",
            .reckoned(shown: "giveUpSeconds") { share in String(share.patience ?? 0) }, when: .mayGiveUp,
            wished: { $0.failure == .soft || $0.giveUpSeconds != nil },
            why: "reading and writing end with an error after the promised wait; the kernel's default is to wait for ever", since: "4.14",
            fact: "include/linux/ceph/libceph.h: CEPH_OSD_REQUEST_TIMEOUT_DEFAULT"),
        Tuning(
            "recover_session", .fixed("clean"), when: .readsOnly,
            why: "a client that the cluster has shut out joins again by itself; nothing is lost, since nothing is written", since: "5.4",
            fact: "Documentation/filesystems/ceph.rst"),
        Tuning(
            "ms_mode", .fixed("prefer-crc"), when: Tuning.Condition("every monitor is named with port 3300", speaksSecondProtocol),
            why: "on that port monitors speak the second messenger protocol only; encrypted where the cluster insists", since: "5.11",
            fact: "net/ceph/ceph_common.c: ceph_param_ms_mode"),
        Tuning(
            "wsync", .flag, in: [.coherent], why: "creating and deleting are reported when the metadata server has done them, not before",
            since: "5.7", fact: "fs/ceph/super.h: CEPH_MOUNT_OPT_DEFAULT has ASYNC_DIROPS"),
        Tuning(
            "rasize", .fixed("1048576"), in: [.constrained], why: "the kernel reads up to 8 MiB ahead, which is memory", since: nil,
            fact: "fs/ceph/super.h: CEPH_RASIZE_DEFAULT"),
    ]

    private static let speaksSecondProtocol: @Sendable (Share) -> Bool = { share in
        guard case .cephfs(let source) = share.source else { return false }
        return source.monitors.allSatisfy { $0.port == Int(secondProtocolPort) }
    }
}
