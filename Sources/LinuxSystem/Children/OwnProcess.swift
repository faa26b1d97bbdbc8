import CLinux
import Glibc

/// PR_SET_DUMPABLE 0: no core file, and nobody but root may look into this process.
/// - Throws: what prctl answered.
public func forbidCoreDump() throws(SystemCallError) {
    try systemCall("prctl") { shareagent_forbid_core_dump() }
}

/// Closes every descriptor from `first` on that this process inherited. Nothing in the process may own one of them.
public func closeInheritedDescriptors(from first: CInt) {
    closefrom(first)
}
