import LinuxSystem
import ShareModel

/// Whether a mount belongs to the cluster that a share means: the kernel takes the option `fsid` and compares it with nothing
/// (net/ceph/ceph_common.c), so the attribute that every file of a CephFS has since Linux 5.9 is looked at instead.
enum CephCluster {
    /// Looks, and unmounts again what belongs to another cluster.
    static func require(_ share: Share, at directory: borrowing TargetDirectory) throws(Cause) {
        guard case .cephfs(let source) = share.source, let wanted = source.fsid else { return }
        let root = try directory.open(for: share.name)
        let seen: String
        do throws(SystemCallError) {
            let bytes = try extendedAttribute("ceph.cluster_fsid", ofMountedAt: root.rawValue, limit: 64)
            seen = String(printing: bytes.prefix { $0 != 0 })
        } catch {
            seen = "not told: \(error)"
        }
        if seen.lowercased().utf8.elementsEqual(wanted.lowercased().utf8) { return }
        let undone = (try? directory.unmount(lazily: true)) != nil
        throw Cause(
            .exportNotFound, "share '\(share.name)': the monitors belong to another cluster than source.fsid names",
            evidence: ["wanted: \(wanted)", "seen: \(seen)", undone ? "unmounted again" : "unmounting failed"],
            remedy: ["compare with what 'ceph fsid' prints on the cluster", "or leave source.fsid out"])
    }
}
