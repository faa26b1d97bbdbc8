import CLinux

/// Tells when the network may lead where it did not lead before: a link came up, an address or a route was added.
public final class NetworkWatch {
    private let watch: NetlinkWatch

    /// - Throws: EAFNOSUPPORT where a sandbox forbids netlink.
    public init(_ loop: EventLoop, onBetter: @escaping () -> Void) throws(SystemCallError) {
        let socket = OwnedDescriptor(adopting: try systemCall("socket") { shareagent_network_events() })
        watch = try NetlinkWatch(loop, adopting: socket) { pieces in
            let isBetter = pieces.contains { piece in
                switch piece {
                case .datagram(let bytes): Self.opensWays(bytes)
                case .lost: true
                }
            }
            if isBetter { onBetter() }
        }
    }

    // linux/rtnetlink.h, linux/if.h
    private static let newLink: UInt16 = 16
    private static let newAddress: UInt16 = 20
    private static let newRoute: UInt16 = 24
    private static let lowerUp: UInt32 = 1 << 16
    private static let headerBytes = 16
    private static let linkFlagsAt = headerBytes + 8

    /// Whether one of a datagram's messages (`nlmsghdr`: length, type, …) is good news.
    static func opensWays(_ datagram: ArraySlice<UInt8>) -> Bool {
        var rest = datagram
        while rest.count >= headerBytes {
            let length = Int(number(rest, at: 0, bytes: 4))
            guard length >= headerBytes, length <= rest.count else { return false }
            switch UInt16(number(rest, at: 4, bytes: 2)) {
            case newAddress, newRoute: return true
            case newLink where length >= linkFlagsAt + 4: if number(rest, at: linkFlagsAt, bytes: 4) & lowerUp != 0 { return true }
            default: break
            }
            rest = rest.dropFirst((length + 3) & ~3)
        }
        return false
    }

    /// A number in the machine's own byte order.
    private static func number(_ bytes: ArraySlice<UInt8>, at offset: Int, bytes count: Int) -> UInt32 {
        let piece = bytes.dropFirst(offset).prefix(count)
        let ordered = isLittleEndian ? Array(piece.reversed()) : Array(piece)
        return ordered.reduce(0) { $0 << 8 | UInt32($1) }
    }

    private static let isLittleEndian = UInt16(1).littleEndian == 1
}
