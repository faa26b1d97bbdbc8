/// What /proc/self/mountstats says about one NFS mount beyond its operations (fs/nfs/super.c: nfs_show_stats). Reading it asks no server.
public struct NFSMountFacts: Hashable, Sendable {
    /// The options in force, all of them: mountinfo leaves out those that have the kernel's usual value.
    public let options: [UInt8]
    /// How long the server keeps a client's state without a word, in seconds; nil before version 4.
    public let leaseSeconds: Int?
    /// Whether the client has missed that time.
    public let isLeaseExpired: Bool
    /// TCP connections to the server.
    public let connections: Int

    /// The newest mount at a target.
    /// - Throws: the call that failed; nil where mountstats has no such mount.
    public static func read(target: [UInt8]) throws(SystemCallError) -> NFSMountFacts? {
        find(target: target, in: try readFile(Array("/proc/self/mountstats".utf8), limit: 8 << 20))
    }

    /// The same in a text.
    static func find(target: [UInt8], in text: [UInt8]) -> NFSMountFacts? {
        let place = Array(" mounted on ".utf8) + escaped(target) + Array(" with fstype nfs".utf8)
        var found: [ArraySlice<UInt8>]?
        var isInside = false
        for line in text.split(separator: UInt8(ascii: "\n")) {
            if line.starts(with: "device ".utf8) {
                isInside = line.indices.contains { line[$0...].starts(with: place) }
                if isInside { found = [] }
            } else if isInside {
                found?.append(line.drop { $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: " ") })
            }
        }
        return found.map(NFSMountFacts.init)
    }

    private init(_ lines: [ArraySlice<UInt8>]) {
        func field(_ name: StaticString) -> [UInt8]? {
            let name = Array(name.description.utf8)
            return lines.first { $0.starts(with: name) }.map { Array($0.dropFirst(name.count)) }
        }
        options = field("opts:\t") ?? []
        var facts: [String: String] = [:]
        for fact in (field("nfsv4:\t") ?? []).split(separator: UInt8(ascii: ",")) {
            let parts = fact.split(separator: UInt8(ascii: "="), maxSplits: 1)
            if parts.count == 2 { facts[String(decoding: parts[0], as: UTF8.self)] = String(decoding: parts[1], as: UTF8.self) }
        }
        leaseSeconds = facts["lease_time"].flatMap { Int($0) }
        isLeaseExpired = (facts["lease_expired"].flatMap { Int($0) } ?? 0) != 0
        connections = lines.count { $0.starts(with: "xprt:".utf8) }
    }

    /// As seq_path writes it there.
    private static func escaped(_ path: [UInt8]) -> [UInt8] {
        path.flatMap { byte -> [UInt8] in
            switch byte {
            case UInt8(ascii: " "): Array("\\040".utf8)
            case UInt8(ascii: "\t"): Array("\\011".utf8)
            case UInt8(ascii: "\n"): Array("\\012".utf8)
            case UInt8(ascii: "\\"): Array("\\134".utf8)
            default: [byte]
            }
        }
    }
}
