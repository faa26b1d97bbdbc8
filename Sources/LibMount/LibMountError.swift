/// Why libmount did not do what it was asked.
public enum LibMountError: Error, Equatable, Sendable, CustomStringConvertible {
    /// mount(2) itself was called and gave this errno.
    case systemCall(errno: Int32)
    /// libmount gave up before mount(2): a positive errno, or one of its own numbers from 5000 on.
    case library(step: String, code: Int32)
    /// A text for libmount holds a NUL byte.
    case holdsNUL(String)
    /// A version of libmount that would not pass the options on.
    case unsupportedVersion(String)

    /// The errno, where there is one.
    public var errno: Int32? {
        switch self {
        case .systemCall(let errno): errno
        case .library(_, let code) where (1..<4096).contains(code): code
        case .library, .holdsNUL, .unsupportedVersion: nil
        }
    }

    /// One line for people.
    public var description: String {
        switch self {
        case .systemCall(let errno): "mount(2): errno \(errno)"
        case .library(let step, let code): "libmount: \(step): \(Self.name(of: code))"
        case .holdsNUL(let what): "libmount: the \(what) holds a NUL byte"
        case .unsupportedVersion(let version): "libmount \(version) does not pass mount data on; 2.38, 2.40 and newer do"
        }
    }

    // libmount.h's MNT_ERR_*.
    private static func name(of code: Int32) -> String {
        switch code {
        case 5000: "MNT_ERR_NOFSTAB"
        case 5001: "MNT_ERR_NOFSTYPE"
        case 5002: "MNT_ERR_NOSOURCE"
        case 5003: "MNT_ERR_LOOPDEV"
        case 5004: "MNT_ERR_MOUNTOPT"
        case 5005: "MNT_ERR_APPLYFLAGS"
        case 5006: "MNT_ERR_AMBIFS"
        case 5007: "MNT_ERR_LOOPOVERLAP"
        case 5008: "MNT_ERR_LOCK"
        case 5009: "MNT_ERR_NAMESPACE"
        default: "error \(code)"
        }
    }
}

/// Turns libmount's negative answers into errors.
func check(_ step: String, _ answer: Int32) throws(LibMountError) {
    if answer < 0 { throw .library(step: step, code: -answer) }
}

/// Lends bytes as a C string.
func withCString<Result>(
    _ what: String, _ bytes: [UInt8], _ body: (UnsafePointer<CChar>) throws(LibMountError) -> Result
) throws(LibMountError) -> Result {
    guard !bytes.contains(0) else { throw .holdsNUL(what) }
    let terminated = bytes.map { CChar(bitPattern: $0) } + [0]
    return try unsafe terminated.span.withUnsafeBufferPointer { buffer throws(LibMountError) in
        guard let start = buffer.baseAddress else { throw LibMountError.holdsNUL(what) }
        return try unsafe body(start)
    }
}
