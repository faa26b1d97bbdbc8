/// Takes the head of one HTTP/1 request in pieces, and reads its first line. Header fields are passed over: nothing here
/// depends on one.
struct HTTPRequestHead {
    /// What came.
    enum Outcome: Equatable {
        /// The path is without its query.
        case request(method: String, path: String)
        case malformed
    }

    /// The longest head.
    static let limit = 16 << 10

    private var bytes: [UInt8] = []

    /// The outcome, as soon as there is one.
    mutating func take(_ more: [UInt8]) -> Outcome? {
        guard bytes.count + more.count <= Self.limit else { return .malformed }
        bytes += more
        guard endsHead else { return nil }
        let line = bytes.prefix { $0 != 0x0D && $0 != 0x0A }
        guard let text = String(validating: line, as: UTF8.self) else { return .malformed }
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[2].hasPrefix("HTTP/1."), parts[1].hasPrefix("/"), !parts[0].isEmpty else { return .malformed }
        return .request(method: String(parts[0]), path: String(parts[1].prefix { $0 != "?" }))
    }

    /// An empty line ends the head; some clients end lines with LF alone.
    private var endsHead: Bool {
        var lineIsEmpty = false
        for byte in bytes {
            switch byte {
            case 0x0A where lineIsEmpty: return true
            case 0x0A: lineIsEmpty = true
            case 0x0D: continue
            default: lineIsEmpty = false
            }
        }
        return false
    }
}
