import CLibKeyutils
import Glibc

/// Gives this process an empty session keyring of its own, so that keys it adds are seen by it alone and end with it.
/// - Returns: 0, or the errno of a kernel that refuses (ENOSYS without key support).
public func joinPrivateSessionKeyring() -> Int32 {
    keyctl_join_session_keyring(nil) == -1 ? errno : 0
}
