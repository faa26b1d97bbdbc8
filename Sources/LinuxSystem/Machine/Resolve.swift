import Glibc

/// Why a host name gave no address.
public struct ResolveError: Error, Equatable, Sendable {
    /// The number of getaddrinfo(3), negative.
    public let code: CInt
    /// Its words.
    public let text: String
    /// Whether the same question may be answered later: no answer so far, or no network.
    public let mayPass: Bool
}

/// The addresses of a host, in the order in which to try them: four or sixteen bytes each, in network order.
///
/// It asks whatever the system is set up to ask and blocks for as long as that takes: for a process that has a deadline.
public func resolve(host: String) throws(ResolveError) -> [[UInt8]] {
    var hints = unsafe addrinfo()
    unsafe hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
    unsafe hints.ai_flags = AI_ADDRCONFIG
    var list: UnsafeMutablePointer<addrinfo>?
    let answer = unsafe getaddrinfo(host, nil, &hints, &list)
    guard answer == 0 else {
        let text = unsafe gai_strerror(answer).map { unsafe String(cString: $0) } ?? "error \(answer)"
        throw ResolveError(code: answer, text: text, mayPass: answer == EAI_AGAIN || answer == EAI_SYSTEM)
    }
    defer { unsafe freeaddrinfo(list) }
    var addresses: [[UInt8]] = []
    var next = unsafe list
    while let entry = unsafe next {
        if let address = unsafe addressBytes(entry.pointee.ai_addr), !addresses.contains(address) { addresses.append(address) }
        unsafe next = entry.pointee.ai_next
    }
    return addresses
}

private func addressBytes(_ address: UnsafeMutablePointer<sockaddr>?) -> [UInt8]? {
    guard let address = unsafe address else { return nil }
    switch CInt(unsafe address.pointee.sa_family) {
    case AF_INET:
        return unsafe address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { four in
            unsafe withUnsafeBytes(of: &four.pointee.sin_addr) { unsafe Array($0) }
        }
    case AF_INET6:
        return unsafe address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { six in
            unsafe withUnsafeBytes(of: &six.pointee.sin6_addr) { unsafe Array($0) }
        }
    default: return nil
    }
}
