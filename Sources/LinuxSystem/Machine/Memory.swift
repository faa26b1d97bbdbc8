import CLinux
import Glibc

/// Random bytes from the kernel, fit for keys and nonces.
public func randomBytes(_ count: Int) throws(SystemCallError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var filled = 0
    while filled < count {
        let start = filled
        filled += try systemCall("getrandom") {
            unsafe bytes.withUnsafeMutableBytes { room in
                let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: room[start...])
                return unsafe shareagent_random(rest.baseAddress, UInt(rest.count))
            }
        }
    }
    return bytes
}

/// What a process does about its own memory before secrets come into it.
public enum ProcessMemory {
    /// No core dump of this process, nobody but root may look into it (PR_SET_DUMPABLE).
    public static func forbidCoreDump() throws(SystemCallError) {
        try systemCall("prctl") { shareagent_forbid_core_dump() }
    }

    /// Nothing of this process is written to swap space, what it allocates later included.
    /// - Throws: ENOMEM or EPERM where RLIMIT_MEMLOCK is too small.
    public static func lock() throws(SystemCallError) {
        try systemCall("mlockall") { mlockall(CInt(MCL_CURRENT | MCL_FUTURE)) }
    }
}
