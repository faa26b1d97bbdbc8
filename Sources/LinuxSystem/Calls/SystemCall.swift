import Glibc

/// The one funnel for calls that answer -1 and set errno.
///
/// It repeats a call that a signal interrupted and reads errno before anything else can change it. Not for `close` (Linux
/// has released the descriptor even when it says EINTR) and not for a blocking `connect`.
/// - Parameters:
///   - name: the call as section 2 of the manual names it.
///   - path: the path it is about, for the error only.
/// - Returns: what the call returned, never -1.
@discardableResult
public func systemCall<Answer: SignedInteger>(
    _ name: String, path: [UInt8]? = nil, _ call: () -> Answer
) throws(SystemCallError) -> Answer {
    while true {
        let answer = call()
        let number = errno
        guard answer == -1 else { return answer }
        if number != EINTR { throw SystemCallError(call: name, errno: number, path: path) }
    }
}

/// Lends `path` as a C string for one call.
/// - Throws: EINVAL where the path is empty of meaning to the kernel: it holds a NUL byte.
@discardableResult
func withPath<Answer: SignedInteger>(
    _ name: String, _ path: [UInt8], _ call: (UnsafePointer<CChar>) -> Answer
) throws(SystemCallError) -> Answer {
    if path.contains(0) { throw SystemCallError(call: name, errno: EINVAL, path: path) }
    let terminated = path + [0]
    return try systemCall(name, path: path) {
        unsafe terminated.withUnsafeBytes { bytes in
            // A Swift array always has a base address once it holds an element, and this one holds the NUL.
            unsafe call(bytes.assumingMemoryBound(to: CChar.self).baseAddress.unsafelyUnwrapped)
        }
    }
}
