import ShareModel

extension GlusterFSKind {
    static let tunings: [Tuning] = [
        Tuning(
            "log-level", .fixed("WARNING"), why: "what goes wrong is logged; at INFO each mount writes hundreds of lines",
            fact: "mount.glusterfs(8): INFO unless told otherwise"),
        Tuning(
            "attribute-timeout", .fixed("60"), in: [.metadata],
            why: "attributes are believed for a minute, so listing asks the servers less",
            fact: "mount.glusterfs(8): one second unless told otherwise"),
        Tuning(
            "entry-timeout", .fixed("60"), in: [.metadata], why: "names are believed for a minute", fact: "mount.glusterfs(8)"),
        Tuning(
            "negative-timeout", .fixed("10"), in: [.metadata], when: .readsOnly, why: "that a name is missing is believed for ten seconds",
            fact: "mount.glusterfs(8): not at all unless told otherwise"),
        Tuning(
            "attribute-timeout", .fixed("0"), in: [.coherent], why: "attributes are asked for each time", fact: "mount.glusterfs(8)"),
        Tuning("entry-timeout", .fixed("0"), in: [.coherent], why: "names are asked for each time", fact: "mount.glusterfs(8)"),
        Tuning(
            "lru-limit", .fixed("16384"), in: [.constrained], why: "the program remembers fewer files, each of which costs it memory",
            fact: "mount.glusterfs(8): 65536 unless told otherwise"),
        Tuning(
            "reader-thread-count", .fixed("4"), in: [.throughput], why: "four threads take requests from the kernel instead of one",
            fact: "xlators/mount/fuse: reader-thread-count"),
    ]
}
