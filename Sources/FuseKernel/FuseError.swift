import Glibc

/// What a request is answered with where it fails: an errno, positive.
public struct FuseError: Error, Equatable, Sendable {
    /// The number.
    public let errno: CInt

    /// A failure with this number. Those from 512 on are for the kernel's parts among themselves: it takes none of them as an answer, though
    /// some sources let them out (NFS has ENOTSUPP, 524).
    public init(_ errno: CInt) { self.errno = 1..<512 ~= errno ? errno : errno == 524 ? EOPNOTSUPP : EIO }

    /// Runs a call that says -1 and sets errno, again where a signal came in between.
    @discardableResult @inline(__always)
    public static func check<Answer: SignedInteger>(_ call: () -> Answer) throws(FuseError) -> Answer {
        while true {
            let answer = call()
            let number = Glibc.errno
            guard answer == -1 else { return answer }
            if number != EINTR { throw FuseError(number) }
        }
    }
}
