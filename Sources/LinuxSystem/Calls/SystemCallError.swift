import CLinux

/// A system call that failed: which one, with which errno, on which path where there was one.
///
/// `description` reads as `openat2 /mnt/a: permission denied (EACCES)`, with what is not printable ASCII in the path escaped.
public struct SystemCallError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The call's name as in section 2 of the manual, such as `openat2`.
    public let call: String
    /// The errno of the failure, positive.
    public let errno: CInt
    /// The path the call was about, as bytes; nil where it was about a descriptor only.
    public let path: [UInt8]?

    /// A failure that was seen elsewhere, such as one reported by a worker.
    public init(call: String, errno: CInt, path: [UInt8]? = nil) {
        self.call = call
        self.errno = errno
        self.path = path
    }

    /// The symbol of the errno, such as `ECONNREFUSED`; `errno 4711` where there is none.
    public var name: String { Self.name(of: errno) }

    /// The errno in words, in lower case, such as `connection refused`. English whatever the locale.
    public var text: String { Self.text(of: errno) }

    /// One line for people: call, path, words, symbol.
    public var description: String {
        let object = path.map { " " + escapedForPeople($0) } ?? ""
        return "\(call)\(object): \(text) (\(name))"
    }

    /// The symbol of any errno, as `name`.
    public static func name(of errno: CInt) -> String {
        // The kernel's own ENOTSUPP is not in any user-space header, yet NFS and block drivers let it through.
        if errno == 524 { return "ENOTSUPP" }
        guard let known = unsafe shareagent_errno_name(errno) else { return "errno \(errno)" }
        return unsafe String(cString: known)
    }

    /// The words of any errno, as `text`.
    public static func text(of errno: CInt) -> String {
        if errno == 524 { return "operation is not supported" }
        guard let known = unsafe shareagent_errno_text(errno) else { return "unknown error" }
        return unsafe inSentence(String(cString: known))
    }

    /// glibc begins each text with a capital; inside a sentence only an acronym keeps it (`RPC version wrong`, `.lib section …`).
    private static func inSentence(_ text: String) -> String {
        guard let first = text.first, let second = text.dropFirst().first, second.isLowercase else { return text }
        return first.lowercased() + text.dropFirst()
    }
}

/// Bytes for a person's eyes: printable ASCII as it is, a backslash doubled, everything else as `\xHH`.
///
/// Names come from hosts and servers: unescaped they could steer a terminal or forge a log line.
public func escapedForPeople(_ bytes: [UInt8]) -> String {
    var text = ""
    text.reserveCapacity(bytes.count)
    for byte in bytes {
        switch byte {
        case UInt8(ascii: "\\"): text += "\\\\"
        case 0x20...0x7E: text.unicodeScalars.append(Unicode.Scalar(byte))
        default:
            let digits = String(byte, radix: 16)
            text += digits.utf8.count == 1 ? "\\x0\(digits)" : "\\x\(digits)"
        }
    }
    return text
}
