import CLinux
import Glibc

/// A watched netlink socket: hands out the kernel's datagrams, and says when some were lost.
final class NetlinkWatch {
    /// One datagram, or the news that some did not fit the socket's buffer.
    enum Piece {
        case datagram(ArraySlice<UInt8>)
        case lost
    }

    /// The kernel's largest messages of these families are a few KiB.
    private static let roomBytes = 32 << 10
    /// Datagrams taken in one turn; the loop comes back for the rest.
    private static let turnLimit = 512

    private let loop: EventLoop
    private let socket: OwnedDescriptor
    private let onPieces: ([Piece]) -> Void
    private var token: WatchToken?
    private var room: [UInt8] = []

    init(_ loop: EventLoop, adopting socket: consuming OwnedDescriptor, onPieces: @escaping ([Piece]) -> Void) throws(SystemCallError) {
        self.loop = loop
        self.socket = socket
        self.onPieces = onPieces
        token = try loop.watch(self.socket.rawValue, events: .readable, edge: false) { [weak self] _ in self?.take() }
    }

    deinit {
        if let token { loop.unwatch(token) }
    }

    private func take() {
        var room = [UInt8](repeating: 0, count: Self.roomBytes)
        var pieces: [Piece] = []
        let descriptor = socket.rawValue
        while pieces.count < Self.turnLimit {
            do throws(SystemCallError) {
                let count = try systemCall("recvfrom") {
                    unsafe room.withUnsafeMutableBytes { unsafe shareagent_netlink_take(descriptor, $0.baseAddress, UInt($0.count)) }
                }
                if count == 0 { break }
                pieces.append(.datagram(ArraySlice(Array(room[..<count]))))
            } catch {
                // Any other error would come again at once: the watch ends rather than turn for ever.
                if error.errno != ENOBUFS, let token {
                    loop.unwatch(token)
                    self.token = nil
                    break
                }
                pieces.append(.lost)
            }
        }
        if !pieces.isEmpty { onPieces(pieces) }
    }
}
