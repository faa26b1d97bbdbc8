import CLinux
import Glibc

/// Opens a directory to be listed, a symbolic link followed. Hangs with the file system: for workers only.
public func openDirectory(_ path: [UInt8]) throws(SystemCallError) -> OwnedDescriptor {
    OwnedDescriptor(
        adopting: unsafe try withPath("open", path) { unsafe open($0, O_RDONLY | shareagent_o_directory | O_CLOEXEC | O_NONBLOCK) })
}

/// Lists an open directory as the kernel hands it out, names as bytes and not copied. For trees of millions of names, and hangs with
/// the file system: for workers only.
public struct DirectoryListing {
    /// What kind of thing a name is, as far as the listing tells.
    public enum Kind: Sendable {
        case directory
        /// A symbolic link.
        case link
        case other
        /// The file system does not tell: `FileFacts` does.
        case unknown
    }

    private let directory: CInt
    private var room: [UInt8]

    /// Bytes that are asked for at a time.
    public static let roomBytes = 128 << 10

    /// From its beginning.
    /// - Parameter directory: opened for reading. It is lent, and its position is this listing's until the end.
    public init(_ directory: CInt) throws(SystemCallError) {
        self.directory = directory
        room = [UInt8](repeating: 0, count: Self.roomBytes)
        try rewind()
    }

    /// Lists once more, or another directory's descriptor under the same number.
    public func rewind() throws(SystemCallError) {
        try systemCall("lseek") { lseek(directory, 0, SEEK_SET) }
    }

    /// Hands out the next names but `.` and `..`, some thousands at most.
    /// - Returns: false at the end.
    public mutating func next(_ take: (Span<UInt8>, Kind) -> Void) throws(SystemCallError) -> Bool {
        let length = try systemCall("getdents64") {
            unsafe room.withUnsafeMutableBytes { unsafe shareagent_list(directory, $0.baseAddress, UInt($0.count)) }
        }
        guard length > 0 else { return false }
        var start = 0
        let bytes = room.span
        // linux_dirent64: inode 8, offset 8, length 2, type 1, then the name with its NUL.
        while start + Self.nameOffset < length {
            let entryLength = Int(bytes[start + 16]) | Int(bytes[start + 17]) << 8
            let type = bytes[start + 18]
            let nameStart = start + Self.nameOffset
            start += max(entryLength, Self.nameOffset + 1)
            var end = nameStart
            while end < min(start, length), bytes[end] != 0 { end += 1 }
            let name = bytes.extracting(nameStart..<end)
            if Self.isDot(name) { continue }
            take(name, Self.kind(type))
        }
        return true
    }

    private static func kind(_ type: UInt8) -> Kind {
        switch CInt(type) {
        case CInt(DT_DIR): .directory
        case CInt(DT_LNK): .link
        case CInt(DT_UNKNOWN): .unknown
        default: .other
        }
    }

    private static let nameOffset = 19

    private static func isDot(_ name: Span<UInt8>) -> Bool {
        name.isEmpty || (name.count <= 2 && name[0] == 0x2E && name[name.count - 1] == 0x2E)
    }
}

/// A listed name as a copy to keep.
public func bytes(of name: Span<UInt8>) -> [UInt8] {
    var copy: [UInt8] = []
    copy.reserveCapacity(name.count)
    for index in 0..<name.count { copy.append(name[index]) }
    return copy
}
