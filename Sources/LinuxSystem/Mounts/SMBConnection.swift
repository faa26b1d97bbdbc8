/// What /proc/fs/cifs/DebugData says about the connection of one share (fs/smb/client/cifs_debug.c). Reading it asks no server.
///
/// It is the only place that tells whether what travels is encrypted: a server can impose that on a mount whose options say nothing.
public struct SMBConnection: Hashable, Sendable {
    /// The dialect spoken: `3.1.1`, or the kernel's number where it is no known one.
    public var dialect: String?
    /// Whether requests and answers of this share are signed.
    public var isSigned = false
    /// Whether they are encrypted.
    public var isEncrypted = false
    /// TCP connections of the session.
    public var channels = 1
    /// Whether other shares may use the same connection.
    public var isOwnSocket = false
    /// Whether the server can be reached and the user is not logged on: the kernel is about to log on, or cannot.
    public var isWithoutSession: Bool { isConnected && !isLoggedOn }
    private var isConnected = false
    private var isLoggedOn = true

    /// The connection of a share, the newest where there are several.
    /// - Parameter share: as the mount table has it: `//10.77.0.1/team`, with or without a directory behind it.
    /// - Throws: the call that failed; nil where the file has no such share.
    public static func read(share: [UInt8]) throws(SystemCallError) -> SMBConnection? {
        find(share: share, in: try readFile(Array("/proc/fs/cifs/DebugData".utf8), limit: 8 << 20))
    }

    /// The same in a text.
    static func find(share: [UInt8], in text: [UInt8]) -> SMBConnection? {
        let wanted = share.split(separator: UInt8(ascii: "/")).prefix(2).map { String(decoding: $0, as: UTF8.self).lowercased() }
        guard wanted.count == 2 else { return nil }
        let tree = "\\\\" + wanted.joined(separator: "\\")
        var current = SMBConnection()
        var isInChannels = false
        var isInTree = false
        var hasTree = false
        for line in text.split(separator: UInt8(ascii: "\n")) {
            let line = String(decoding: line, as: UTF8.self)
            let words = line.split { $0 == " " || $0 == "\t" }
            guard let first = words.first else { continue }
            if words.count > 1, words[1] == "ConnectionId:", !line.hasPrefix("\t") {
                if hasTree { return current }
                current = SMBConnection()
                (isInChannels, isInTree, hasTree) = (false, false, false)
            } else if first == "TCP", words.count > 2, words[1] == "status:" {
                current.isConnected = words[2] == "1"
            } else if let status = words.firstIndex(of: "Status:"), status > 0, words[status - 1] == "Session", status + 1 < words.count {
                current.isLoggedOn = words[status + 1] == "1"
            } else if first == "Extra" {
                isInChannels = true
                current.channels = 1 + Int(words.last.flatMap { UInt16($0) } ?? 0)
            } else if first == "Shares:" {
                isInChannels = false
            } else if first == "Number", !isInChannels, let place = words.firstIndex(of: "Dialect"), place + 1 < words.count {
                current.dialect = name(ofDialect: words[place + 1])
                current.isOwnSocket = words.contains("nosharesock")
                if words.contains("signed") { current.isSigned = true }
            } else if first == "Security" {
                if words.contains("signed") { current.isSigned = true }
                if words.contains("encrypted") { current.isEncrypted = true }
            } else if words.count > 2, first.hasSuffix(")"), let mounts = words.firstIndex(of: "Mounts:") {
                isInTree = words[1..<mounts].joined(separator: " ").lowercased() == tree
                if isInTree { hasTree = true }
            } else if first == "PathComponentMax:", isInTree {
                if words.contains("Encrypted") || words.contains("encrypted") { current.isEncrypted = true }
            }
        }
        return hasTree ? current : nil
    }

    private static func name(ofDialect number: Substring) -> String {
        switch number {
        case "0x202": "2.0"
        case "0x210": "2.1"
        case "0x300": "3.0"
        case "0x302": "3.0.2"
        case "0x311": "3.1.1"
        default: String(number)
        }
    }
}
