import Glibc
import LinuxSystem
import ShareKinds
import ShareModel

/// Gives the kernel's SMB client another password for a share that stays mounted; it shows it to the server when it logs on again.
///
/// What the client takes (fs/smb/client/fs_context.c): from Linux 6.12 on a second password beside the first at any time (`password2`);
/// from 6.9 on another `password` only while the server refuses the one it has; Debian 12's 6.1 none ("can not change password during
/// remount", measured). All options have to be said again: what is left out goes back to the kernel's default.
struct RenewTask {
    let share: Share
    let credential: Credential
    let target: Target
    let mountID: Int64
    let policy: Policy

    func run() throws(Cause) -> WorkerOutcome {
        let plan = try MountPlan.make(share, policy: policy)
        guard case .smb = share.source, case .password(let username, let domain, let password) = credential,
            let attempt = plan.attempts.first
        else { throw cannot("its source takes no password", nil) }
        let table = try AttachTask.table(for: share.name)
        guard let entry = table.topmost(at: target.bytes), entry.mountID == UInt64(clamping: mountID),
            AttachTask.isOurs(entry, plan)
        else { throw cannot("it is not mounted on \(target) any more", nil) }
        var options: [(name: String, value: Secret?)] = attempt.options.filter { $0.name != "context" }.map {
            ($0.name, $0.value.map { Secret(copying: $0.utf8) })
        }
        if let address = Self.value(of: "addr", in: entry.superOptions) { options.append(("ip", Secret(copying: address))) }
        options.append(("username", Secret(copying: username.utf8)))
        if let domain, !options.contains(where: { $0.name == "domain" }) { options.append(("domain", Secret(copying: domain.utf8))) }
        var last: SystemCallError?
        for name in ["password2", "password"] {
            do throws(SystemCallError) {
                try change(options, name, password)
                return .renewed
            } catch {
                last = error
            }
        }
        throw cannot("this kernel takes a new one only once the server refuses the old one, or with the next attach", last)
    }

    private func change(_ options: [(name: String, value: Secret?)], _ name: String, _ password: Secret) throws(SystemCallError) {
        let root = try TargetWalk.open(target.bytes, below: [UInt8(ascii: "/")], creating: nil)
        guard try LinuxSystem.mountID(of: root.rawValue) == UInt64(clamping: mountID) else {
            throw SystemCallError(call: "fspick", errno: ESTALE)
        }
        let change = try Reconfiguration(of: root.rawValue)
        for option in options {
            guard let value = option.value else {
                unsafe try change.set(option.name, nil)
                continue
            }
            unsafe try value.withBytes { bytes throws(SystemCallError) in unsafe try change.set(option.name, bytes) }
        }
        unsafe try password.withBytes { bytes throws(SystemCallError) in unsafe try change.set(name, bytes) }
        try change.commit()
    }

    private func cannot(_ why: String, _ error: SystemCallError?) -> Cause {
        Cause(
            .versionUnsupported, "share '\(share.name)': its new password is not given to the kernel: \(why)",
            evidence: error.map { ["\($0)"] } ?? [], remedy: ["shareagent detach \(share.name) && shareagent attach \(share.name)"],
            errno: error?.name)
    }

    private static func value(of name: String, in options: [UInt8]) -> [UInt8]? {
        for option in options.split(separator: UInt8(ascii: ",")) where option.starts(with: Array("\(name)=".utf8)) {
            return Array(option.dropFirst(name.utf8.count + 1))
        }
        return nil
    }
}
