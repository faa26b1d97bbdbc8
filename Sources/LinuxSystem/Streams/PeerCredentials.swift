import CLinux
import Glibc

/// Who is at the other end of a Unix socket, as the kernel noted when it connected; nothing the peer says can change it.
public struct PeerCredentials: Hashable, Sendable {
    /// The process that connected. It may be gone, and its number reused.
    public let processID: Int32
    /// Its effective user id.
    public let userID: UInt32
    /// Its effective group id.
    public let groupID: UInt32
    /// Its supplementary groups.
    public let groups: [UInt32]

    /// The peer of a connected Unix socket.
    public init(of descriptor: CInt) throws(SystemCallError) {
        var process: Int32 = 0
        var user: UInt32 = 0
        var group: UInt32 = 0
        try systemCall("getsockopt") { unsafe shareagent_peer(descriptor, &process, &user, &group) }
        (processID, userID, groupID) = (process, user, group)
        var room = [UInt32](repeating: 0, count: 64)
        var count = try systemCall("getsockopt") { unsafe shareagent_peer_groups(descriptor, &room, CInt(room.count)) }
        if Int(count) > room.count {
            room = [UInt32](repeating: 0, count: Int(count))
            count = try systemCall("getsockopt") { unsafe shareagent_peer_groups(descriptor, &room, CInt(room.count)) }
        }
        groups = Array(room.prefix(Int(count)))
    }

    /// Whether the peer belongs to a group, by its effective or a supplementary one.
    public func isMember(of group: UInt32) -> Bool {
        groupID == group || groups.contains(group)
    }
}
