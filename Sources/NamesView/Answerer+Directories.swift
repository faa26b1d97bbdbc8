import CFuse
import FileNames
import FuseKernel
import Glibc

// Reading directories: first what is shown as it is, as the source lists it, then what is translated, from the same knowledge that
// looking a name up uses.
extension Answerer {
    func openDirectory(_ header: fuse_in_header, _ exchange: Exchange) throws(FuseError) {
        let (node, _) = try directory(header.nodeid)
        let handle = try table.withDescriptor(node) { (place) throws(FuseError) in
            DirectoryHandle(node, try SourceCalls.open(in: place, [0x2E], O_RDONLY | shareagent_open_directory))
        }
        var answer = fuse_open_out()
        answer.fh = Handles.number(handle)
        if !exchange.reply(answer) { _ = try Handles.end(answer.fh, DirectoryHandle.self) }
    }

    /// Bytes: some fifty entries.
    private static let firstWithAttributes = 8192

    func syncDirectory(_ exchange: Exchange) throws(FuseError) {
        let wish = try exchange.fsync
        let handle: DirectoryHandle = try Handles.object(wish.fh)
        defer { withExtendedLifetime(handle) {} }
        try FuseError.check { Glibc.fsync(handle.directory) }
        exchange.replyDone()
    }

    func readDirectory(_ exchange: Exchange, withAttributes: Bool) throws(FuseError) {
        let wish = try exchange.read
        let handle: DirectoryHandle = try Handles.object(wish.fh)
        // The kernel asks for attributes at the beginning whether anybody wants them or not, and goes on to where somebody has looked.
        let size = withAttributes && wish.offset == 0 ? min(Int(wish.size), Self.firstWithAttributes) : Int(wish.size)
        var filling = DirectoryFilling(exchange, size: size, withAttributes: withAttributes)
        if wish.offset != handle.position { try seek(handle, to: wish.offset) }
        // A failure after the first entries is told by the next call.
        do throws(FuseError) {
            while try giveNext(handle, &filling) {}
        } catch {
            if filling.used == 0 { throw error }
        }
        if wish.offset < handle.others, handle.position >= handle.others {
            unsafe handle.given = GivenEntries(exchange.output[..<filling.used], withAttributes: withAttributes)
        }
        if !exchange.replyOutput(filling.used) {
            for node in filling.told { table.forget(node, 1) }
        }
    }

    /// Goes to where the kernel wants to go on: the source's own offsets are of no use, as they have no room for the translated names.
    private func seek(_ handle: DirectoryHandle, to position: UInt64) throws(FuseError) {
        // From the beginning (rewinddir) is what the source has now.
        let isKnown = position >= handle.others ? handle.translated != nil || position == handle.others : handle.given.find(position)
        if isKnown, position > 0 {
            handle.position = position
            return
        }
        try handle.entries.rewind()
        (handle.position, handle.others) = (0, 0)
        handle.given = GivenEntries()
        handle.translated = nil
        handle.met = [:]
        handle.known = nil
        var nothing = DirectoryFilling.nowhere
        while handle.position < position, try giveNext(handle, &nothing) {}
    }

    /// Passes one entry on.
    /// - Returns: whether there was one and it fitted.
    private func giveNext(_ handle: DirectoryHandle, _ filling: inout DirectoryFilling) throws(FuseError) -> Bool {
        if handle.position < handle.others {
            let isGiven = unsafe handle.given.lend { (name, met) in
                unsafe give(handle, name: name, met, &filling) { unsafe Array(name) }
            }
            if isGiven { handle.given.pass() }
            return isGiven
        }
        if let translated = handle.translated {
            let index = Int(clamping: handle.position - handle.others)
            guard index < translated.count else { return false }
            let (source, shown) = translated[index]
            let met = handle.met[source] ?? DirectoryHandle.Met(inode: .max, type: 0)
            return unsafe shown.withUnsafeBytes { unsafe give(handle, name: $0, met, &filling) { source } }
        }
        if !finder.translation.policy.isCaseSensitive, handle.known == nil { handle.known = try known(handle) }
        while let entry = try handle.entries.peek() {
            let number = view.number(of: entry.inode, on: handle.node.identity.device)
            let met = DirectoryHandle.Met(inode: number, type: entry.type)
            if isShownAsItIs(entry, handle) {
                guard unsafe give(handle, name: entry.name, met, &filling, source: { entry.bytes }) else { return false }
                handle.entries.pass()
                handle.others = handle.position
                return true
            }
            handle.met[entry.bytes] = met
            handle.entries.pass()
        }
        let shown = try shownNames(handle)
        handle.translated = shown.map { ($0.key, $0.value) }.sorted { $0.1.lexicographicallyPrecedes($1.1) }
        return !shown.isEmpty
    }

    /// The translated names, which are nobody's business where none was met.
    private func shownNames(_ handle: DirectoryHandle) throws(FuseError) -> [[UInt8]: [UInt8]] {
        if handle.met.isEmpty { return [:] }
        if let known = handle.known { return known.shown }
        return try known(handle).shown
    }

    private func known(_ handle: DirectoryHandle) throws(FuseError) -> KnownNames {
        guard let names = handle.node.names else { throw FuseError(ENOTDIR) }
        return try finder.known(handle.directory, names)
    }

    private func isShownAsItIs(_ entry: EntryReader.Entry, _ handle: DirectoryHandle) -> Bool {
        if let known = handle.known { return known.shown[entry.bytes] == nil }
        if unsafe finder.plain.holds(entry.name) { return true }
        if entry.isCertainlyShownAsItIs(by: finder.translation) { return true }
        return unsafe entry.name.count <= finder.translation.policy.longest && finder.translation.shown(entry.bytes) == entry.bytes
    }

    /// - Parameter source: the entry's name on the source, which is asked for only where its attributes are.
    private func give(
        _ handle: DirectoryHandle, name: UnsafeRawBufferPointer, _ met: DirectoryHandle.Met, _ filling: inout DirectoryFilling,
        source: () -> [UInt8]
    ) -> Bool {
        guard filling.fits(name.count) else { return false }
        var entry = fuse_entry_out()
        if filling.withAttributes, unsafe !EntryReader.isDots(name) {
            let source = source()
            // Listed in any case: who may read a directory may not always look at what is in it.
            if let status = try? SourceCalls.status(in: handle.directory, source) {
                entry = self.entry(status, handle.node, source, isAlias: false)
            }
        }
        handle.position += 1
        // Of what something is mounted on, a listing tells the number underneath.
        let number = entry.nodeid == 0 ? met.inode : entry.attr.ino
        unsafe filling.add(entry, name, type: UInt32(met.type), inode: number, next: handle.position)
        return true
    }
}

/// What was answered last. The kernel gives out as much of it as its user has room for, and asks for the rest once more, which is to be the
/// same however many of the names are gone by then.
@safe struct GivenEntries {
    private var bytes: [UInt8] = []
    private var head = 0
    private var at = 0

    init() {}

    /// - Parameter answer: as `DirectoryFilling` has made it.
    init(_ answer: Slice<UnsafeMutableRawBufferPointer>, withAttributes: Bool) {
        unsafe bytes = Array(answer)
        head = withAttributes ? MemoryLayout<fuse_entry_out>.size : 0
    }

    /// Goes to the entry at a position.
    /// - Returns: whether it is among these.
    mutating func find(_ position: UInt64) -> Bool {
        at = 0
        while at < bytes.count {
            if load(8, UInt64.self) == position + 1 { return true }
            pass()
        }
        return false
    }

    /// Passes an entry.
    mutating func pass() { at += DirectoryFilling.size(head, Int(load(16, UInt32.self))) }

    /// Lends the name of the entry, and what the source said of it.
    func lend(_ body: (UnsafeRawBufferPointer, DirectoryHandle.Met) -> Bool) -> Bool {
        let start = at + head + 24
        let met = DirectoryHandle.Met(inode: load(0, UInt64.self), type: UInt8(truncatingIfNeeded: load(20, UInt32.self)))
        return unsafe bytes.withUnsafeBytes {
            unsafe body(UnsafeRawBufferPointer(rebasing: $0[start..<(start + Int(load(16, UInt32.self)))]), met)
        }
    }

    /// A word of the entry's struct fuse_dirent.
    private func load<Word: BitwiseCopyable>(_ offset: Int, _: Word.Type) -> Word {
        unsafe bytes.withUnsafeBytes { unsafe $0.loadUnaligned(fromByteOffset: at + head + offset, as: Word.self) }
    }
}

/// A piece of a directory's listing as the kernel wants it.
@safe struct DirectoryFilling {
    private let exchange: Exchange?
    private let room: Int
    let withAttributes: Bool
    private(set) var used = 0
    /// The nodes of which the kernel is told.
    private(set) var told: [UInt64] = []

    /// - Parameter size: how much the kernel takes.
    init(_ exchange: Exchange, size: Int, withAttributes: Bool) {
        self.exchange = exchange
        self.withAttributes = withAttributes
        room = min(size, Exchange.largestData)
    }

    private init() { (exchange, room, withAttributes) = (nil, .max, false) }

    /// Where entries go that are only passed over.
    static var nowhere: DirectoryFilling { DirectoryFilling() }

    /// How long an entry is: what stands before its struct fuse_dirent, and its name.
    static func size(_ head: Int, _ length: Int) -> Int { (head + 24 + length + 7) & ~7 }

    /// Whether an entry has room whose name is this many bytes long.
    func fits(_ length: Int) -> Bool {
        exchange == nil || used + Self.size(withAttributes ? MemoryLayout<fuse_entry_out>.size : 0, length) <= room
    }

    /// Adds an entry that fits. One with attributes counts as looked up, but for dots, whose number is 0.
    mutating func add(_ entry: fuse_entry_out, _ name: UnsafeRawBufferPointer, type: UInt32, inode: UInt64, next: UInt64) {
        guard let exchange else { return }
        let start = unsafe exchange.output.baseAddress.unsafelyUnwrapped + used
        var at = 0
        if withAttributes {
            if entry.nodeid != 0 { told.append(entry.nodeid) }
            unsafe start.storeBytes(of: entry, as: fuse_entry_out.self)
            at = MemoryLayout<fuse_entry_out>.size
        }
        // struct fuse_dirent: inode, next offset, length of the name, type, name, padding to eight bytes.
        unsafe start.storeBytes(of: inode, toByteOffset: at, as: UInt64.self)
        unsafe start.storeBytes(of: next, toByteOffset: at + 8, as: UInt64.self)
        unsafe start.storeBytes(of: UInt32(name.count), toByteOffset: at + 16, as: UInt32.self)
        unsafe start.storeBytes(of: type, toByteOffset: at + 20, as: UInt32.self)
        at += 24
        if let bytes = name.baseAddress { unsafe (start + at).copyMemory(from: bytes, byteCount: name.count) }
        at += name.count
        while at & 7 != 0 {
            unsafe start.storeBytes(of: 0, toByteOffset: at, as: UInt8.self)
            at += 1
        }
        used += at
    }
}
