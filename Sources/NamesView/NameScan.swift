import CFuse
import FileNames
import FuseKernel
import Glibc

/// Which names of the source stand for themselves whatever their neighbours are.
struct PlainNames {
    private let longest: Int
    private let areASCIIPlain: Bool
    private let isPercentPlain: Bool

    init(_ policy: NamesPolicy) {
        longest = policy.longest
        areASCIIPlain = policy.isCaseSensitive
        isPercentPlain = policy.invalid != .percent
    }

    /// Whether a name is shown as it is: ASCII only, which each charset and each form leaves alone.
    func holds(_ name: UnsafeRawBufferPointer) -> Bool {
        guard areASCIIPlain, name.count <= longest else { return false }
        for index in 0..<name.count {
            let byte = unsafe name[index]
            if byte >= 0x80 || (byte == 0x25 && !isPercentPlain) { return false }
        }
        return true
    }
}

/// A walk over the entries of an open directory.
@safe final class EntryReader {
    private let directory: CInt
    private let room: UnsafeMutableRawBufferPointer
    private var filled = 0
    private var at = 0

    /// One entry. The name is lent until the next one is asked for.
    @safe struct Entry {
        let inode: UInt64
        let type: UInt8
        let name: UnsafeRawBufferPointer
        var bytes: [UInt8] { unsafe Array(name) }

        /// Told by looking at it once. Where it says no, that may be so all the same.
        func isCertainlyShownAsItIs(by translation: borrowing NameTranslation) -> Bool {
            let longest = translation.policy.longest
            return unsafe name.count <= longest && translation.isCertainlyShownAsItIs(name.assumingMemoryBound(to: UInt8.self).span)
        }
        var isDots: Bool { unsafe EntryReader.isDots(name) }
    }

    /// Whether a name is the directory itself or the one above it.
    static func isDots(_ name: UnsafeRawBufferPointer) -> Bool { unsafe name.count <= 2 && name.allSatisfy { $0 == 0x2E } }

    init(_ directory: CInt) {
        self.directory = directory
        unsafe room = .allocate(byteCount: 32 << 10, alignment: 16)
    }

    deinit { unsafe room.deallocate() }

    /// From the beginning again.
    func rewind() throws(FuseError) {
        try FuseError.check { lseek(directory, 0, SEEK_SET) }
        (filled, at) = (0, 0)
    }

    /// The next entry without passing it; nil at the end.
    func peek() throws(FuseError) -> Entry? {
        if at >= filled {
            filled = try FuseError.check { unsafe shareagent_file_entries(directory, room.baseAddress, UInt(room.count)) }
            at = 0
            guard filled > 0 else { return nil }
        }
        // struct linux_dirent64: inode, offset, length, type, name, which may be longer than 255 bytes.
        let start = at + 19
        var end = start
        while unsafe room[end] != 0 { end += 1 }
        return unsafe Entry(
            inode: room.loadUnaligned(fromByteOffset: at, as: UInt64.self), type: room[at + 18],
            name: UnsafeRawBufferPointer(rebasing: room[start..<end]))
    }

    /// Passes the entry that was peeked at.
    func pass() {
        at += Int(unsafe room.loadUnaligned(fromByteOffset: at + 16, as: UInt16.self))
    }
}

/// The names of a directory that have anything to do with translation.
///
/// First those that are not shown as they are; only where there are any, a second time for those whose places they might want.
struct NameScan {
    private(set) var names: [[UInt8]] = []

    init(_ directory: CInt, _ translation: inout NameTranslation) throws(FuseError) {
        let reader = EntryReader(directory)
        let plain = PlainNames(translation.policy)
        guard translation.policy.isCaseSensitive else {
            while let entry = try reader.peek() {
                if !entry.isDots { names.append(entry.bytes) }
                reader.pass()
            }
            return
        }
        var wanted: Set<[UInt8]> = []
        while let entry = try reader.peek() {
            if unsafe !plain.holds(entry.name), !entry.isCertainlyShownAsItIs(by: translation) {
                let name = entry.bytes
                let shown = translation.shown(name)
                if shown != name || name.count > translation.policy.longest {
                    names.append(name)
                    wanted.insert(shown)
                }
            }
            reader.pass()
        }
        guard !names.isEmpty else { return }
        let translated = Set(names)
        try reader.rewind()
        while let entry = try reader.peek() {
            let name = entry.bytes
            // A suffixed name steps aside for any that is there.
            if !entry.isDots, wanted.contains(name) || name.contains(UInt8(ascii: "~")), !translated.contains(name) { names.append(name) }
            reader.pass()
        }
    }
}
