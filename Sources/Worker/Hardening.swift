import Glibc
import LibKeyutils
import LinuxSystem

extension WorkerProgram {
    /// Makes the process fit to hold a secret: nobody can look into it, it leaves no core, it holds no descriptor that was
    /// not meant for it (a worker that hangs would keep it busy), no directory and no shared keyring.
    /// - Returns: what went wrong, in words; nil when nothing did.
    static func harden(keeping kept: ClosedRange<CInt>) -> String? {
        do throws(SystemCallError) {
            try ProcessMemory.forbidCoreDump()
            var none = rlimit(rlim_cur: 0, rlim_max: 0)
            try systemCall("setrlimit") { unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none) }
            // Not the unit's 077: the directories made here, targets and libmount's /run/mount, are for everybody to walk through.
            umask(0o022)
            // The daemon goes before its workers where the guest is short of time: of twenty, each would have as much of it as the one
            // that has to hear them.
            if getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0) < 0 {
                _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 0)
            }
            try systemCall("chdir") { unsafe chdir("/") }
            for descriptor in kept { try systemCall("fcntl") { fcntl(descriptor, F_SETFD, FD_CLOEXEC) } }
        } catch {
            return "\(error)"
        }
        closeInheritedDescriptors(from: kept.upperBound + 1)
        // A kernel without key support has nothing to keep private.
        _ = joinPrivateSessionKeyring()
        _ = signal(SIGPIPE, SIG_IGN)
        return nil
    }
}
