public import CFuse
import Glibc

/// One thread's room for one request and its answer.
///
/// The kernel's requests are a header, a structure that depends on the operation, then names, each with a NUL; answers alike.
@safe public final class Exchange {
    /// The largest piece of data that is read or written at once, in bytes.
    public static let largestData = 1 << 20

    /// How many pages of the kernel's that is: theirs is not the same size on each machine.
    static func mostPages(of size: Int) -> UInt16 { UInt16(clamping: max(largestData / size, 1)) }

    private static let page = 4096
    /// What stands before the data of a FUSE_WRITE, which so begins a page: a source that takes it as it lies needs one page less.
    private static let beforeWritten = MemoryLayout<fuse_in_header>.size + MemoryLayout<fuse_write_in>.size

    let device: CInt
    /// Whether the kernel reads and writes files itself where it is told which.
    public let passesThrough: Bool
    private let input: UnsafeMutableRawBufferPointer
    /// Room for the body of an answer; at least `largestData`.
    public let output: UnsafeMutableRawBufferPointer
    private let room: UnsafeMutableRawBufferPointer
    private var length = 0

    init(device: CInt, passesThrough: Bool = false) {
        self.device = device
        self.passesThrough = passesThrough
        unsafe room = .allocate(byteCount: Self.largestData + 2 * Self.page, alignment: Self.page)
        unsafe input = UnsafeMutableRawBufferPointer(rebasing: room[(Self.page - Self.beforeWritten)...])
        unsafe output = .allocate(byteCount: Self.largestData, alignment: Self.page)
    }

    deinit {
        unsafe room.deallocate()
        unsafe output.deallocate()
    }

    // Questions.

    /// Waits for a request.
    /// - Returns: whether there is one; not when the file system is unmounted.
    func take() throws(FuseError) -> Bool {
        while true {
            do throws(FuseError) {
                length = try FuseError.check { unsafe Glibc.read(device, input.baseAddress, input.count) }
                if length >= MemoryLayout<fuse_in_header>.size { return true }
                throw FuseError(EPROTO)
            } catch {
                switch error.errno {
                // Taken back before it was read.
                case ENOENT, EAGAIN: continue
                case ENODEV: return false
                default: throw error
                }
            }
        }
    }

    /// Who asks for what, about which node.
    public var header: fuse_in_header { unsafe input.loadUnaligned(as: fuse_in_header.self) }

    /// The request that FUSE_INTERRUPT is about; nil where this is another one.
    var interrupted: UInt64? {
        guard header.opcode == FUSE_INTERRUPT.rawValue else { return nil }
        return try? body(fuse_interrupt_in.self).unique
    }

    @inline(__always)
    private func body<Body: BitwiseCopyable>(_: Body.Type) throws(FuseError) -> Body {
        guard length >= MemoryLayout<fuse_in_header>.size + MemoryLayout<Body>.size else { throw FuseError(EPROTO) }
        return unsafe input.loadUnaligned(fromByteOffset: MemoryLayout<fuse_in_header>.size, as: Body.self)
    }

    /// FUSE_INIT's words; the second of the flags is there since Linux 5.17.
    var initIn: (major: UInt32, minor: UInt32, flags: UInt32, moreFlags: UInt32) {
        get throws(FuseError) {
            let words = try body(SIMD4<UInt32>.self)
            let isLong = words[3] & UInt32(FUSE_INIT_EXT) != 0
            return (words[0], words[1], words[3], isLong ? try body(SIMD8<UInt32>.self)[4] : 0)
        }
    }
    /// What FUSE_GETATTR asks for.
    public var getattr: fuse_getattr_in { get throws(FuseError) { try body(fuse_getattr_in.self) } }
    /// What FUSE_SETATTR asks for.
    public var setattr: fuse_setattr_in { get throws(FuseError) { try body(fuse_setattr_in.self) } }
    /// What FUSE_MKNOD asks for.
    public var mknod: fuse_mknod_in { get throws(FuseError) { try body(fuse_mknod_in.self) } }
    /// What FUSE_MKDIR asks for.
    public var mkdir: fuse_mkdir_in { get throws(FuseError) { try body(fuse_mkdir_in.self) } }
    /// What FUSE_RENAME asks for.
    public var rename: fuse_rename_in { get throws(FuseError) { try body(fuse_rename_in.self) } }
    /// What FUSE_RENAME2 asks for.
    public var rename2: fuse_rename2_in { get throws(FuseError) { try body(fuse_rename2_in.self) } }
    /// What FUSE_LINK asks for.
    public var link: fuse_link_in { get throws(FuseError) { try body(fuse_link_in.self) } }
    /// What FUSE_OPEN asks for.
    public var open: fuse_open_in { get throws(FuseError) { try body(fuse_open_in.self) } }
    /// What FUSE_CREATE asks for.
    public var create: fuse_create_in { get throws(FuseError) { try body(fuse_create_in.self) } }
    /// What FUSE_READ asks for.
    public var read: fuse_read_in { get throws(FuseError) { try body(fuse_read_in.self) } }
    /// What FUSE_WRITE asks for.
    public var write: fuse_write_in { get throws(FuseError) { try body(fuse_write_in.self) } }
    /// What FUSE_RELEASE asks for.
    public var release: fuse_release_in { get throws(FuseError) { try body(fuse_release_in.self) } }
    /// What FUSE_FLUSH asks for.
    public var flush: fuse_flush_in { get throws(FuseError) { try body(fuse_flush_in.self) } }
    /// What FUSE_FSYNC asks for.
    public var fsync: fuse_fsync_in { get throws(FuseError) { try body(fuse_fsync_in.self) } }
    /// What FUSE_GETXATTR asks for.
    public var getxattr: fuse_getxattr_in { get throws(FuseError) { try body(fuse_getxattr_in.self) } }
    /// What FUSE_FALLOCATE asks for.
    public var fallocate: fuse_fallocate_in { get throws(FuseError) { try body(fuse_fallocate_in.self) } }
    /// What FUSE_LSEEK asks for.
    public var lseek: fuse_lseek_in { get throws(FuseError) { try body(fuse_lseek_in.self) } }
    /// What FUSE_COPY_FILE_RANGE asks for.
    public var copyFileRange: fuse_copy_file_range_in { get throws(FuseError) { try body(fuse_copy_file_range_in.self) } }
    /// What FUSE_FORGET asks for.
    public var forget: fuse_forget_in { get throws(FuseError) { try body(fuse_forget_in.self) } }
    /// Without FUSE_SETXATTR_EXT the structure has two words.
    public var setxattr: (size: UInt32, flags: UInt32) {
        get throws(FuseError) {
            let words = try body(SIMD2<UInt32>.self)
            return (words[0], words[1])
        }
    }

    /// The nodes of a FUSE_BATCH_FORGET.
    public var forgotten: [fuse_forget_one] {
        get throws(FuseError) {
            let count = Int(try body(fuse_batch_forget_in.self).count)
            let start = MemoryLayout<fuse_in_header>.size + MemoryLayout<fuse_batch_forget_in>.size
            let size = MemoryLayout<fuse_forget_one>.size
            guard start + count * size <= length else { throw FuseError(EPROTO) }
            return (0..<count).map { unsafe input.loadUnaligned(fromByteOffset: start + $0 * size, as: fuse_forget_one.self) }
        }
    }

    /// The name behind a structure of `size` bytes.
    public func name(after size: Int) throws(FuseError) -> [UInt8] {
        var start = MemoryLayout<fuse_in_header>.size + size
        return try name(at: &start)
    }

    /// Two names, one behind the other.
    public func names(after size: Int) throws(FuseError) -> (first: [UInt8], second: [UInt8]) {
        var start = MemoryLayout<fuse_in_header>.size + size
        return (try name(at: &start), try name(at: &start))
    }

    private func name(at start: inout Int) throws(FuseError) -> [UInt8] {
        var end = start
        while end < length, unsafe input[end] != 0 { end += 1 }
        guard end < length else { throw FuseError(EPROTO) }
        defer { start = end + 1 }
        return unsafe Array(input[start..<end])
    }

    /// The bytes behind a structure and, for a value of an attribute, the name in front of it.
    public func data(after size: Int, count: Int) throws(FuseError) -> UnsafeRawBufferPointer {
        let start = MemoryLayout<fuse_in_header>.size + size
        guard count >= 0, start + count <= length else { throw FuseError(EPROTO) }
        return unsafe UnsafeRawBufferPointer(rebasing: input[start..<(start + count)])
    }

    // Files that are passed through to.

    /// Registers an open file as what the kernel may read and write itself, as this thread's user.
    /// - Returns: its number; nil where the kernel does no such thing, or not with this file.
    public func openBacking(_ file: CInt) -> Int32? {
        guard passesThrough else { return nil }
        let id = shareagent_backing_open(device, file)
        return id > 0 ? id : nil
    }

    /// Gives a number back, once nothing is open by it.
    public func closeBacking(_ id: Int32) { _ = shareagent_backing_close(device, id) }

    // Answers.

    /// A failure.
    public func reply(_ error: FuseError) { unsafe send(error: error.errno, nil, 0) }

    /// That it is done.
    public func replyDone() { unsafe send(error: 0, nil, 0) }

    /// The first `count` bytes of `output`.
    /// - Returns: whether the kernel has taken them.
    @discardableResult
    public func replyOutput(_ count: Int) -> Bool { unsafe send(error: 0, output.baseAddress, count) }

    /// Bytes.
    public func reply(_ bytes: [UInt8]) { _ = unsafe bytes.withUnsafeBytes { unsafe send(error: 0, $0.baseAddress, $0.count) } }

    // Where the kernel is told of something that it has to give back, it says whether it has taken it: nobody gives back what the program did
    // not live to see.

    @inline(__always) @discardableResult
    private func replyBody<Body: BitwiseCopyable>(_ body: Body) -> Bool {
        unsafe withUnsafeBytes(of: body) { unsafe send(error: 0, $0.baseAddress, $0.count) }
    }

    /// An entry of a directory.
    /// - Returns: whether the kernel has taken it.
    public func reply(_ entry: fuse_entry_out) -> Bool { replyBody(entry) }
    /// Attributes.
    public func reply(_ attributes: fuse_attr_out) { replyBody(attributes) }
    /// An open file.
    /// - Returns: whether the kernel has taken it.
    public func reply(_ open: fuse_open_out) -> Bool { replyBody(open) }
    /// An entry and the file behind it, which was opened.
    /// - Returns: whether the kernel has taken them.
    public func reply(_ entry: fuse_entry_out, _ open: fuse_open_out) -> Bool { replyBody((entry, open)) }
    /// How full the file system is.
    public func reply(_ usage: fuse_statfs_out) { replyBody(usage) }
    /// How much was written.
    public func reply(written count: Int) { replyBody(fuse_write_out(size: UInt32(clamping: count), padding: 0)) }
    /// How long an attribute is.
    public func reply(attributeSize size: Int) { replyBody(fuse_getxattr_out(size: UInt32(clamping: size), padding: 0)) }
    /// A place in a file.
    public func reply(offset: Int64) { replyBody(fuse_lseek_out(offset: UInt64(bitPattern: offset))) }
    /// What the session is begun with.
    func reply(_ session: fuse_init_out) { replyBody(session) }

    /// Data of an open file. Copied: what splice(2) spares in copying it costs in moving pages (docs/decisions/0016).
    public func reply(dataOf file: CInt, offset: Int64, size: Int) {
        let size = min(size, Self.largestData)
        do throws(FuseError) {
            var count = 0
            while count < size {
                let more = try FuseError.check {
                    unsafe pread(file, output.baseAddress.unsafelyUnwrapped + count, size - count, off_t(offset) + count)
                }
                // A short answer means the end of the file to the kernel; in front of a bad block it does not.
                if more == 0 { break }
                count += more
            }
            replyOutput(count)
        } catch {
            reply(error)
        }
    }

    /// - Returns: whether anybody waited for it.
    @discardableResult
    private func send(error: CInt, _ body: UnsafeRawPointer?, _ count: Int) -> Bool {
        var answer = fuse_out_header(
            len: UInt32(MemoryLayout<fuse_out_header>.size + count), error: -error, unique: header.unique)
        if unsafe shareagent_fuse_write(device, &answer, UInt(MemoryLayout<fuse_out_header>.size), body, UInt(count)) >= 0 { return true }
        // ENOENT: nobody waits any more. Whatever else the kernel has against it, somebody does.
        if errno != ENOENT, error != EIO { unsafe send(error: EIO, nil, 0) }
        return false
    }

    /// Tells the kernel to forget what it knows of a name. Only after the request that changed it is answered: the kernel waits here for
    /// the directory, which that request holds.
    public func forgetEntry(_ name: [UInt8], in directory: UInt64) {
        let parts = MemoryLayout<fuse_notify_inval_entry_out>.size
        var header = fuse_out_header(
            len: UInt32(MemoryLayout<fuse_out_header>.size + parts + name.count + 1),
            error: CInt(FUSE_NOTIFY_INVAL_ENTRY.rawValue), unique: 0)
        let entry = fuse_notify_inval_entry_out(parent: directory, namelen: UInt32(name.count), flags: 0)
        let body = unsafe withUnsafeBytes(of: entry) { unsafe Array($0) } + name + [0]
        _ = unsafe body.withUnsafeBytes {
            unsafe shareagent_fuse_write(device, &header, UInt(MemoryLayout<fuse_out_header>.size), $0.baseAddress, UInt($0.count))
        }
    }
}
