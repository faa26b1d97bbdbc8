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
        if !exchange.replyOutput(filling.used) {
            for node in filling.told { table.forget(node, 1) }
        }
    }

    /// Goes to where the kernel wants to go on: the source's own offsets are of no use, as they have no room for the translated names.
    private func seek(_ handle: DirectoryHandle, to position: UInt64) throws(FuseError) {
        if handle.translated != nil, position >= handle.others {
            handle.position = position
            return
        }
        try handle.entries.rewind()
        handle.position = 0
        handle.translated = nil
        handle.met = [:]
        handle.known = nil
        var nothing = DirectoryFilling.nowhere
        while handle.position < position, try giveNext(handle, &nothing) {}
    }

    /// Passes one entry on.
    /// - Returns: whether there was one and it fitted.
    private func giveNext(_ handle: DirectoryHandle, _ filling: inout DirectoryFilling) throws(FuseError) -> Bool {
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
                return true
            }
            handle.met[entry.bytes] = met
            handle.entries.pass()
        }
        handle.others = handle.position
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

    private var head: Int { (withAttributes ? MemoryLayout<fuse_entry_out>.size : 0) + 24 }

    /// Whether an entry has room whose name is this many bytes long.
    func fits(_ length: Int) -> Bool { exchange == nil || used + (head + length + 7) & ~7 <= room }

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
