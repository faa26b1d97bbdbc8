import CFuse
import FuseKernel
import Glibc
import LinuxSystem

/// One thread's answers. What it does on the source it does as the user who asks, so that the source, too, can refuse.
final class Answerer: FuseAnswering {
    let view: View
    var finder: NameFinder
    /// Whom this thread acts as.
    private(set) var acting = (user: UInt32(0), group: UInt32(0))
    /// The other groups that this thread has until the request is answered.
    private(set) var groups: [UInt32] = []
    /// Who asks.
    private var asking = fuse_in_header()
    private var mask: UInt32?
    /// What is to be done once the answer is given.
    var afterwards: (() -> Void)?

    var table: NodeTable { view.table }

    init(_ view: View) {
        self.view = view
        // A new thread is whoever the one was acting as that has started it.
        shareagent_thread_user(0, 0)
        finder = NameFinder(view.translation)
        finder.openUnlistable = { [unowned self] directory throws(FuseError) in try openUnlistable(directory) }
    }

    func answer(_ exchange: Exchange) {
        let header = exchange.header
        asking = header
        do throws(FuseError) {
            act(as: header.uid, header.gid)
            do throws(FuseError) {
                try perform(header, exchange)
            } catch {
                guard error.errno == EACCES || error.errno == EPERM, try adoptGroups(of: header) else { throw error }
                try perform(header, exchange)
            }
        } catch {
            // Nobody waits for an answer to these.
            if header.opcode != FUSE_FORGET.rawValue, header.opcode != FUSE_BATCH_FORGET.rawValue { exchange.reply(error) }
        }
        if !groups.isEmpty { try? adopt([]) }
        afterwards?()
        afterwards = nil
    }

    func act(as user: UInt32, _ group: UInt32) {
        guard acting != (user, group) else { return }
        shareagent_thread_user(user, group)
        acting = (user, group)
    }

    /// For bits that go with a write by somebody without the right to keep them: the source takes them away from nobody else.
    func actWithoutRights() {
        if acting.user == 0 { act(as: 65_534, 65_534) }
    }

    /// Cuts an open file. Bits that go with that are taken away as for a write, but root stays who may cut it.
    func cut(_ file: CInt, to size: Int64, removesRights: Bool) throws(FuseError) {
        try FuseError.check {
            removesRights && acting.user == 0 ? shareagent_file_truncate_plainly(file, size) : ftruncate(file, off_t(size))
        }
    }

    /// The asking process' other groups, which a request does not name. Only where the source has refused: it takes a look into /proc.
    /// - Returns: whether there are any and they were not there before.
    @discardableResult
    func adoptGroups(of header: fuse_in_header) throws(FuseError) -> Bool {
        guard header.uid != 0, header.pid != 0, groups.isEmpty else { return false }
        act(as: 0, 0)
        defer { act(as: header.uid, header.gid) }
        guard let found = ProcessWords(of: header.pid)?.groups, !found.isEmpty else { return false }
        do throws(FuseError) {
            try adopt(found)
        } catch {
            // A view that is not root's has those of its user in any case.
            guard error.errno == EPERM else { throw error }
            return false
        }
        return true
    }

    /// Other groups of this thread.
    func adopt(_ wanted: [UInt32]) throws(FuseError) {
        try FuseError.check { unsafe shareagent_thread_groups(wanted, CInt(wanted.count)) }
        groups = wanted
    }

    /// As the view, or, where that may not either, by the other groups of whoever asks.
    private func openUnlistable(_ directory: CInt) throws(FuseError) -> CInt {
        act(as: 0, 0)
        do throws(FuseError) {
            defer { act(as: asking.uid, asking.gid) }
            return try SourceCalls.open(in: directory, [0x2E], O_RDONLY)
        } catch {
            guard try adoptGroups(of: asking) else { throw error }
            return try SourceCalls.open(in: directory, [0x2E], O_RDONLY)
        }
    }

    /// The asking process' umask, so that the source's own rules for default ACLs hold.
    func adoptMask(_ wanted: UInt32) {
        guard mask != wanted else { return }
        umask(mode_t(wanted & 0o777))
        mask = wanted
    }

    private func perform(_ header: fuse_in_header, _ exchange: Exchange) throws(FuseError) {
        switch fuse_opcode(header.opcode) {
        case FUSE_LOOKUP: try lookUp(header, exchange)
        case FUSE_FORGET: table.forget(header.nodeid, try exchange.forget.nlookup)
        case FUSE_BATCH_FORGET: for one in try exchange.forgotten { table.forget(one.nodeid, one.nlookup) }
        case FUSE_GETATTR: try getAttributes(header, exchange)
        case FUSE_SETATTR: try setAttributes(header, exchange)
        case FUSE_READLINK: try readLink(header, exchange)
        case FUSE_SYMLINK: try makeLink(header, exchange)
        case FUSE_MKNOD: try makeNode(header, exchange)
        case FUSE_MKDIR: try makeDirectory(header, exchange)
        case FUSE_LINK: try link(header, exchange)
        case FUSE_UNLINK: try remove(header, exchange, isDirectory: false)
        case FUSE_RMDIR: try remove(header, exchange, isDirectory: true)
        case FUSE_RENAME: try rename(header, exchange, to: exchange.rename.newdir, 0, MemoryLayout<fuse_rename_in>.size)
        case FUSE_RENAME2:
            let wish = try exchange.rename2
            try rename(header, exchange, to: wish.newdir, wish.flags, MemoryLayout<fuse_rename2_in>.size)
        case FUSE_OPEN: try open(header, exchange)
        case FUSE_CREATE: try create(header, exchange)
        case FUSE_TMPFILE: try createNameless(header, exchange)
        case FUSE_READ: try read(exchange)
        case FUSE_WRITE: try write(exchange)
        case FUSE_FLUSH: try flush(exchange)
        case FUSE_RELEASE: try release(exchange)
        case FUSE_FSYNC: try sync(exchange)
        case FUSE_FALLOCATE: try allocate(exchange)
        case FUSE_LSEEK: try seek(exchange)
        case FUSE_COPY_FILE_RANGE: try copyRange(exchange)
        case FUSE_OPENDIR: try openDirectory(header, exchange)
        case FUSE_READDIR: try readDirectory(exchange, withAttributes: false)
        case FUSE_READDIRPLUS: try readDirectory(exchange, withAttributes: true)
        case FUSE_RELEASEDIR:
            _ = try Handles.end(exchange.release.fh, DirectoryHandle.self)
            exchange.replyDone()
        case FUSE_FSYNCDIR: try syncDirectory(exchange)
        case FUSE_STATFS: try usage(header, exchange)
        case FUSE_SYNCFS: try syncAll(header, exchange)
        case FUSE_GETXATTR: try getAttribute(header, exchange)
        case FUSE_SETXATTR: try setAttribute(header, exchange)
        case FUSE_LISTXATTR: try listAttributes(header, exchange)
        case FUSE_REMOVEXATTR: try removeAttribute(header, exchange)
        // The kernel's way to say goodbye to a file system on a block device; this one ends with its device.
        case FUSE_DESTROY: exchange.replyDone()
        // Among them FUSE_ACCESS, which the kernel decides by attributes, and locks, which it keeps itself.
        default: throw FuseError(ENOSYS)
        }
    }
}
