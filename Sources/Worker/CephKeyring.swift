import Glibc
import LibKeyutils
import LinuxSystem
import ShareKinds
import ShareModel

/// Hands a cephx key to the kernel by way of this worker's own session keyring: mount data would show it to whoever traces a mount, and
/// its base64 text is in no option.
enum CephKeyring {
    /// The key, to be held until the mount stands; nil where the plan wants none.
    /// - Throws: `credential-rejected` for a text that is no key, `filesystem-unsupported` where the kernel has no Ceph client.
    static func key(for plan: MountPlan, _ credential: Credential?) throws(Cause) -> SessionKey? {
        guard plan.credential == .key, case .key(_, let secret) = credential else { return nil }
        let payload: Secret
        do throws(CephKey.Problem) {
            payload = try CephKey.payload(of: secret)
        } catch {
            throw Cause(
                .credentialRejected, "share '\(plan.share)': the key \(error.what)",
                remedy: ["put into the keyFile on the host what 'ceph auth get-key client.USER' prints, and nothing else"])
        }
        // The module with the key's type was loaded when the kernel was asked about the plan's options.
        do throws(KeyFailure) {
            return try add(payload, plan)
        } catch {
            throw refused(error, plan)
        }
    }

    private static func add(_ payload: Secret, _ plan: MountPlan) throws(KeyFailure) -> SessionKey {
        try unsafe payload.withBytes { bytes throws(KeyFailure) in
            try unsafe SessionKey(type: CephKey.keyType, description: "shareagent:\(plan.share)", payload: bytes)
        }
    }

    private static func refused(_ failure: KeyFailure, _ plan: MountPlan) -> Cause {
        let error = SystemCallError(call: "add_key", errno: failure.errno)
        return switch failure.errno {
        case ENODEV:
            Cause(
                .filesystemUnsupported, "share '\(plan.share)': this kernel has no Ceph client", evidence: ["\(error)"],
                remedy: ["modprobe ceph", "install the kernel's full modules: apt install linux-image-amd64"], errno: error.name)
        case EINVAL:
            Cause(
                .credentialRejected, "share '\(plan.share)': the kernel does not take the key", evidence: ["\(error)"],
                remedy: ["put into the keyFile on the host what 'ceph auth get-key client.USER' prints"], errno: error.name)
        default:
            Cause(
                .permissionDenied, "share '\(plan.share)': the key cannot be put into the kernel's keyring", evidence: ["\(error)"],
                remedy: ["cat /proc/key-users", "sysctl kernel.keys"], errno: error.name)
        }
    }
}
