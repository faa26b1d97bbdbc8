import Glibc

/// Why a host name has no address.
public enum ResolutionError: Error, Equatable, Sendable, CustomStringConvertible {
    /// There is no such name, or it has no address.
    case notFound(host: String)
    /// The name servers did not answer in time; trying again can help.
    case temporary(host: String)
    /// Anything else, in the resolver's words.
    case failed(host: String, reason: String)

    /// One clause for people.
    public var description: String {
        switch self {
        case .notFound(let host): "the name '\(escapedForPeople(Array(host.utf8)))' is not known"
        case .temporary(let host): "no name server answered for '\(escapedForPeople(Array(host.utf8)))'"
        case .failed(let host, let reason): "resolving '\(escapedForPeople(Array(host.utf8)))' failed: \(reason)"
        }
    }
}

/// The addresses of a host, in the order in which they should be tried (RFC 6724), each once.
///
/// Blocks as long as the name servers let it (some 30 s): for workers only.
/// - Parameter host: a name, or an address as text, which is taken as it is.
public func resolve(_ host: String) throws(ResolutionError) -> [IPAddress] {
    guard !host.utf8.contains(0), !host.isEmpty else { throw .notFound(host: host) }
    var hints = unsafe addrinfo()
    unsafe hints.ai_family = AF_UNSPEC
    unsafe hints.ai_socktype = CInt(bitPattern: SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    let answer = unsafe getaddrinfo(host, nil, &hints, &list)
    let number = errno
    defer { if let list = unsafe list { unsafe freeaddrinfo(list) } }
    switch answer {
    case 0: break
    // Debian's EAI_NODATA (-5) is only declared for GNU sources.
    case EAI_NONAME, -5: throw .notFound(host: host)
    case EAI_AGAIN: throw .temporary(host: host)
    case EAI_SYSTEM: throw .failed(host: host, reason: SystemCallError.text(of: number))
    default: throw .failed(host: host, reason: unsafe String(cString: gai_strerror(answer)))
    }
    var addresses: [IPAddress] = []
    var next = unsafe list
    while let entry = unsafe next {
        if let raw = unsafe entry.pointee.ai_addr, let address = unsafe IPAddress(raw), !addresses.contains(address) {
            addresses.append(address)
        }
        unsafe next = entry.pointee.ai_next
    }
    if addresses.isEmpty { throw .notFound(host: host) }
    return addresses
}
