import Glibc
import LinuxSystem
import ShareModel

extension Program {
    /// Lets one of the package's programs take this one's place.
    /// - Parameters:
    ///   - name: its name in `libexec`.
    ///   - what: what it is for, after "cannot".
    /// - Returns: why it could not; else this program is no more.
    func become(_ name: String, _ arguments: [String], doing what: String) -> CommandEnd {
        let path = libexec + "/" + name
        var strings = unsafe ([path] + arguments).map { unsafe strdup($0) }
        unsafe strings.append(nil)
        unsafe execv(path, strings)
        return .complaint(Complaint(failing: what, SystemCallError(call: "execv", errno: errno, path: Array(path.utf8))))
    }
}
