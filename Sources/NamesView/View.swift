import CFuse
import FileNames
import FuseKernel
import Glibc

/// A file system that shows a directory with its names translated. Everything but names is the source's own.
///
/// **Locks**, each held for a moment and never while the source is asked: a directory's `NamesCache`, the `NodeTable`, the session's. None is
/// taken while another is held, but for `ViewTally`'s, under which nothing is done. What the kernel serializes itself (changes in one
/// directory, reading one open directory) has none.
// Safety: nothing in it changes; the table has a lock, and each thread copies the translation.
final class View: @unchecked Sendable {
    let table: NodeTable
    let translation: NameTranslation
    /// /proc/self/fd, for opening what is open as a place.
    let descriptors: CInt
    let nature: SourceNature

    /// - Parameter source: opened as a place; the view's from now on.
    init(source: CInt, policy: NamesPolicy, mostDescriptors: Int, nature: SourceNature) throws(FuseError) {
        self.nature = nature
        descriptors = try SourceCalls.open(in: AT_FDCWD, Array("/proc/self/fd".utf8), shareagent_open_path | shareagent_open_directory)
        table = try NodeTable(root: source, descriptors: descriptors, mostDescriptors: mostDescriptors)
        translation = NameTranslation(policy)
    }

    /// The number that a file is shown under. Of what is mounted inside the source, and of btrfs' subvolumes, it is one of the view's own,
    /// the same each time: a view is one device, where no number may stand for two files.
    func number(of inode: UInt64, on device: UInt64) -> UInt64 {
        if device == table.root.identity.device { return inode }
        var mixed = inode ^ (device &* 0x9E37_79B9_7F4A_7C15)
        for factor: UInt64 in [0xBF58_476D_1CE4_E5B9, 0x94D0_49BB_1331_11EB] { mixed = (mixed ^ (mixed >> 30)) &* factor }
        return mixed | 1 << 63
    }

    /// Whether a file is of the source itself and not of what is mounted inside it, which may be of another kind.
    func isOfTheSource(_ node: Node) -> Bool { node.identity.device == table.root.identity.device }

    /// Whether it is of this machine's own.
    func isLocal(_ node: Node) -> Bool { nature.isLocal && isOfTheSource(node) }

    /// How long the kernel may believe what it was told of a name or of attributes, in seconds.
    static let secondsOfTrust: UInt64 = 1
}

/// An open file. The kernel knows it by its address.
// Safety: what changes does so under its lock.
final class FileHandle: @unchecked Sendable {
    let node: Node
    let file: CInt
    /// Whether Linux puts at the source's end what is written by it, wherever it is meant for (O_APPEND).
    let isAppending: Bool
    /// As whom it was opened.
    let opener: (user: UInt32, group: UInt32)
    private let lock = Lock()
    /// The same file, opened with O_APPEND where the first is without, and the other way round; -1 until it is needed.
    private var second: CInt = -1

    init(_ node: Node, _ file: CInt, flags: CInt, opener: (user: UInt32, group: UInt32)) {
        self.node = node
        self.file = file
        self.opener = opener
        isAppending = flags & O_APPEND != 0
    }

    /// The second descriptor.
    /// - Parameter open: opens it, outside the lock.
    func second(_ open: () throws(FuseError) -> CInt) throws(FuseError) -> CInt {
        let known = lock.withLock { second }
        if known >= 0 { return known }
        let opened = try open()
        let isFirst = lock.withLock {
            defer { if second < 0 { second = opened } }
            return second < 0
        }
        if !isFirst { _ = close(opened) }
        return lock.withLock { second }
    }

    deinit {
        _ = close(file)
        if second >= 0 { _ = close(second) }
    }
}

/// An open directory.
final class DirectoryHandle {
    let node: Node
    let directory: CInt
    let entries: EntryReader
    /// How many entries were given out: the kernel's offset of the next one.
    var position: UInt64 = 0
    /// What the source said of names met on the way that are not shown as they are.
    var met: [[UInt8]: Met] = [:]
    /// Once the others are through: the translated ones, with the source's names.
    var translated: [(source: [UInt8], shown: [UInt8])]?
    /// How many were given out before those, which the source has listed.
    var others: UInt64 = 0
    /// The last of them.
    var given = GivenEntries()
    /// Where case does not count: what is known of the names, as the source's own do not tell which of them stand for themselves.
    var known: KnownNames?

    struct Met {
        let inode: UInt64
        let type: UInt8
    }

    init(_ node: Node, _ directory: CInt) {
        self.node = node
        self.directory = directory
        entries = EntryReader(directory)
    }

    deinit { _ = close(directory) }
}

/// Objects as the kernel carries them.
enum Handles {
    static func number(_ object: AnyObject) -> UInt64 {
        unsafe UInt64(UInt(bitPattern: Unmanaged.passRetained(object).toOpaque()))
    }

    static func object<Object: AnyObject>(_ number: UInt64, _: Object.Type = Object.self) throws(FuseError) -> Object {
        guard let address = unsafe UnsafeRawPointer(bitPattern: UInt(number)) else { throw FuseError(EBADF) }
        return unsafe Unmanaged<Object>.fromOpaque(address).takeUnretainedValue()
    }

    static func end<Object: AnyObject>(_ number: UInt64, _: Object.Type = Object.self) throws(FuseError) -> Object {
        guard let address = unsafe UnsafeRawPointer(bitPattern: UInt(number)) else { throw FuseError(EBADF) }
        return unsafe Unmanaged<Object>.fromOpaque(address).takeRetainedValue()
    }
}

extension fuse_attr {
    /// Attributes as the source has them, without the number.
    init(_ status: stat) {
        self.init()
        size = UInt64(bitPattern: Int64(status.st_size))
        blocks = UInt64(bitPattern: Int64(status.st_blocks))
        atime = UInt64(bitPattern: Int64(status.st_atim.tv_sec))
        mtime = UInt64(bitPattern: Int64(status.st_mtim.tv_sec))
        ctime = UInt64(bitPattern: Int64(status.st_ctim.tv_sec))
        // A server may say what it likes.
        atimensec = UInt32(truncatingIfNeeded: status.st_atim.tv_nsec)
        mtimensec = UInt32(truncatingIfNeeded: status.st_mtim.tv_nsec)
        ctimensec = UInt32(truncatingIfNeeded: status.st_ctim.tv_nsec)
        mode = UInt32(status.st_mode)
        nlink = UInt32(truncatingIfNeeded: status.st_nlink)
        uid = status.st_uid
        gid = status.st_gid
        rdev = shareagent_device_number(UInt64(status.st_rdev))
        blksize = UInt32(truncatingIfNeeded: status.st_blksize)
    }
}
