import CFuse
import FuseKernel
import Glibc

// Open files.
extension Answerer {
    /// What of a program's flags is passed to the source: the kernel has followed links and made the file already, and its direct reads
    /// and writes come with this process' buffers, which are not aligned as the source may want them.
    private static let unpassed = O_CREAT | O_EXCL | O_NOCTTY | shareagent_open_nofollow | shareagent_open_direct

    /// Opens what is open as a place.
    func reopen(_ place: CInt, _ flags: CInt) throws(FuseError) -> CInt {
        try SourceCalls.open(in: view.descriptors, Array(String(place).utf8), flags)
    }

    func open(_ header: fuse_in_header, _ exchange: Exchange) throws(FuseError) {
        let wish = try exchange.open
        let node = try table.node(header.nodeid)
        let flags = CInt(bitPattern: wish.flags) & ~Self.unpassed
        // Root could not open its own files as anybody else.
        let cutsPlainly = wish.open_flags & UInt32(FUSE_OPEN_KILL_SUIDGID) != 0 && flags & O_TRUNC != 0 && header.uid == 0
        let file: CInt
        var status: stat?
        // What opening changes is opened only when it is known to be what was meant.
        if flags & O_TRUNC == 0, let opened = table.openByName(node, flags) {
            (file, status) = opened
        } else {
            file = try table.withDescriptor(node) { (place) throws(FuseError) in
                let file = try reopen(place, cutsPlainly ? flags & ~O_TRUNC : flags)
                do throws(FuseError) {
                    if cutsPlainly { try cutClosed(place, to: 0, removesRights: true) }
                    return file
                } catch {
                    _ = close(file)
                    throw error
                }
            }
        }
        let answer = try handle(FileHandle(node, file, flags: flags, opener: acting), status, flags, exchange)
        if !exchange.reply(answer) { try end(answer.fh, exchange) }
    }

    func create(_ header: fuse_in_header, _ exchange: Exchange) throws(FuseError) {
        let wish = try exchange.create
        let name = try exchange.name(after: MemoryLayout<fuse_create_in>.size)
        adoptMask(wish.umask)
        let (parent, names) = try directory(header.nodeid)
        let flags = CInt(bitPattern: wish.flags) & ~(shareagent_open_direct | O_NOCTTY)
        var isAlias = finder.inForm(name) != name
        let (file, source) = try table.withDescriptor(parent) { (directory) throws(FuseError) -> (CInt, [UInt8]) in
            if let found = try finder.find(name, in: directory, names) {
                guard flags & O_EXCL == 0 else { throw FuseError(EEXIST) }
                isAlias = found.listed != name
                return (
                    try SourceCalls.open(in: directory, found.source, flags & ~O_CREAT | shareagent_open_nofollow), found.source
                )
            }
            let source = try finder.newName(name)
            var file: CInt = -1
            try change(names, directory, adding: [(source, name)], removing: []) { () throws(FuseError) in
                file = try SourceCalls.open(in: directory, source, flags | O_CREAT | shareagent_open_nofollow, mode: wish.mode)
            }
            return (file, source)
        }
        try tell(file, at: Node.Place(parent: parent, name: source), isAlias: isAlias, flags, exchange)
    }

    /// A file without a name (O_TMPFILE), which may be linked to one later.
    func createNameless(_ header: fuse_in_header, _ exchange: Exchange) throws(FuseError) {
        let wish = try exchange.create
        adoptMask(wish.umask)
        let flags = CInt(bitPattern: wish.flags) & ~(shareagent_open_direct | O_NOCTTY | O_CREAT) | shareagent_open_nameless
        let file = try table.withDescriptor(directory(header.nodeid).node) { (directory) throws(FuseError) in
            try SourceCalls.open(in: directory, [0x2E], flags, mode: wish.mode)
        }
        try tell(file, at: nil, isAlias: false, flags, exchange)
    }

    /// Gives the kernel a file that was made and opened.
    private func tell(_ file: CInt, at place: Node.Place?, isAlias: Bool, _ flags: CInt, _ exchange: Exchange) throws(FuseError) {
        let status: stat
        let node: Node
        let entry: fuse_entry_out
        do throws(FuseError) {
            status = try SourceCalls.status(of: file)
            entry = self.entry(status, at: place, isAlias: isAlias)
            node = try table.node(entry.nodeid)
        } catch {
            _ = close(file)
            throw error
        }
        let answer: fuse_open_out
        do throws(FuseError) {
            answer = try handle(FileHandle(node, file, flags: flags, opener: acting), status, flags, exchange)
        } catch {
            table.forget(entry.nodeid, 1)
            throw error
        }
        if !exchange.reply(entry, answer) {
            try end(answer.fh, exchange)
            table.forget(entry.nodeid, 1)
        }
    }

    /// Runs `body` with an open file, which stays open until then, even where nobody waits for the answer any more and the kernel closes it.
    func with<Answer>(_ number: UInt64, _ body: (FileHandle) throws(FuseError) -> Answer) throws(FuseError) -> Answer {
        let handle: FileHandle = try Handles.object(number)
        defer { withExtendedLifetime(handle) {} }
        return try body(handle)
    }

    func read(_ exchange: Exchange) throws(FuseError) {
        let wish = try exchange.read
        try with(wish.fh) { exchange.reply(dataOf: $0.file, offset: Int64(bitPattern: wish.offset), size: Int(wish.size)) }
    }

    func write(_ exchange: Exchange) throws(FuseError) {
        let wish = try exchange.write
        let count = try with(wish.fh) { (handle) throws(FuseError) in
            let file = try file(of: handle, for: wish, exchange.header)
            let data = unsafe try exchange.data(after: MemoryLayout<fuse_write_in>.size, count: Int(wish.size))
            if wish.write_flags & UInt32(FUSE_WRITE_KILL_SUIDGID) != 0 { actWithoutRights() }
            return try FuseError.check { unsafe pwrite(file, data.baseAddress, data.count, off_t(Int64(bitPattern: wish.offset))) }
        }
        exchange.reply(written: count)
    }

    /// What a piece is written by. The kernel writes the pages of mappings by any handle that is open for writing, and a program may take
    /// O_APPEND back, or give it, while the file is open (fcntl).
    private func file(of handle: FileHandle, for wish: fuse_write_in, _ header: fuse_in_header) throws(FuseError) -> CInt {
        let appends = wish.write_flags & UInt32(FUSE_WRITE_CACHE) == 0 && CInt(bitPattern: wish.flags) & O_APPEND != 0
        guard appends != handle.isAppending else { return handle.file }
        return try handle.second { () throws(FuseError) in
            let flags = fcntl(handle.file, F_GETFL) & ~(shareagent_open_nameless | shareagent_open_nofollow) ^ O_APPEND
            defer { act(as: header.uid, header.gid) }
            act(as: handle.opener.user, handle.opener.group)
            if let file = try? reopen(handle.file, flags) { return file }
            // It is open for writing already; who opened it may have had the right by a group, or before it was taken away.
            act(as: 0, 0)
            return try reopen(handle.file, flags)
        }
    }

    func flush(_ exchange: Exchange) throws(FuseError) {
        // Closing a second descriptor says what the source has to say to a close, while the file stays open.
        let second = try with(exchange.flush.fh) { (handle) throws(FuseError) in
            try FuseError.check { fcntl(handle.file, F_DUPFD_CLOEXEC, 0) }
        }
        if close(second) != 0 {
            let number = errno
            throw FuseError(number)
        }
        exchange.replyDone()
    }

    func release(_ exchange: Exchange) throws(FuseError) {
        let handle = try end(exchange.release.fh, exchange)
        // Answered before the file is closed: nobody waits for that.
        exchange.replyDone()
        _ = consume handle
    }

    /// The kernel has no use for an open file any more, or never learned of it.
    @discardableResult
    private func end(_ number: UInt64, _ exchange: Exchange) throws(FuseError) -> FileHandle {
        let handle = try Handles.end(number, FileHandle.self)
        if let backing = table.closed(handle) { exchange.closeBacking(backing) }
        return handle
    }

    func sync(_ exchange: Exchange) throws(FuseError) {
        let wish = try exchange.fsync
        try with(wish.fh) { (handle) throws(FuseError) in
            _ = try FuseError.check { wish.fsync_flags & UInt32(FUSE_FSYNC_FDATASYNC) != 0 ? fdatasync(handle.file) : fsync(handle.file) }
        }
        exchange.replyDone()
    }

    func allocate(_ exchange: Exchange) throws(FuseError) {
        let wish = try exchange.fallocate
        try with(wish.fh) { (handle) throws(FuseError) in
            _ = try FuseError.check {
                shareagent_file_allocate(
                    handle.file, CInt(bitPattern: wish.mode), Int64(bitPattern: wish.offset), Int64(bitPattern: wish.length))
            }
        }
        exchange.replyDone()
    }

    func seek(_ exchange: Exchange) throws(FuseError) {
        let wish = try exchange.lseek
        let place = try with(wish.fh) { (handle) throws(FuseError) in
            try FuseError.check { lseek(handle.file, off_t(Int64(bitPattern: wish.offset)), CInt(bitPattern: wish.whence)) }
        }
        exchange.reply(offset: Int64(place))
    }

    func copyRange(_ exchange: Exchange) throws(FuseError) {
        let wish = try exchange.copyFileRange
        let length = UInt(min(wish.len, UInt64(Int32.max) & ~4095))
        let count = try with(wish.fh_in) { (from) throws(FuseError) in
            try with(wish.fh_out) { (to) throws(FuseError) in
                try FuseError.check {
                    shareagent_file_copy(
                        from.file, Int64(bitPattern: wish.off_in), to.file, Int64(bitPattern: wish.off_out), length,
                        UInt32(truncatingIfNeeded: wish.flags))
                }
            }
        }
        exchange.reply(written: count)
    }
}
