import CFuse
import FileNames
import FuseKernel
import Glibc

// Attributes, extended ones, and how full the source is.
extension Answerer {
    private func reply(_ exchange: Exchange, _ status: stat, of node: Node) {
        var answer = fuse_attr_out()
        answer.attr_valid = View.secondsOfTrust
        answer.attr = attributes(status, of: node)
        exchange.reply(answer)
    }

    func getAttributes(_ header: fuse_in_header, _ exchange: Exchange) throws(FuseError) {
        let wish = try exchange.getattr
        if wish.getattr_flags & UInt32(FUSE_GETATTR_FH) != 0 {
            try with(wish.fh) { (handle) throws(FuseError) in
                reply(exchange, try SourceCalls.status(of: handle.file), of: handle.node)
            }
        } else {
            let node = try table.node(header.nodeid)
            reply(exchange, try table.status(of: node), of: node)
        }
    }

    func setAttributes(_ header: fuse_in_header, _ exchange: Exchange) throws(FuseError) {
        let wish = try exchange.setattr
        let node = try table.node(header.nodeid)
        func has(_ bit: CInt) -> Bool { wish.valid & UInt32(bitPattern: bit) != 0 }
        // A set-group-ID bit stays only for members of the file's group.
        if has(FATTR_MODE), wish.mode & UInt32(S_ISGID) != 0 { try adoptGroups(of: header) }
        let status = try table.withDescriptor(node) { (place) throws(FuseError) -> stat in
            let number = Array(String(place).utf8)
            if has(FATTR_MODE) {
                try unsafe byNumber(number) { unsafe fchmodat(view.descriptors, $0, mode_t(wish.mode & 0o7777), 0) }
            }
            if has(FATTR_UID) || has(FATTR_GID) {
                try FuseError.check {
                    shareagent_file_chown(place, has(FATTR_UID) ? wish.uid : .max, has(FATTR_GID) ? wish.gid : .max)
                }
            }
            if has(FATTR_SIZE) {
                let (size, removesRights) = (Int64(bitPattern: wish.size), has(FATTR_KILL_SUIDGID))
                if has(FATTR_FH) {
                    try with(wish.fh) { (handle) throws(FuseError) in try cut(handle.file, to: size, removesRights: removesRights) }
                } else {
                    try cutClosed(place, to: size, removesRights: removesRights)
                }
            }
            if has(FATTR_ATIME) || has(FATTR_MTIME) {
                let times = [
                    Self.time(wish.atime, wish.atimensec, has(FATTR_ATIME), has(FATTR_ATIME_NOW)),
                    Self.time(wish.mtime, wish.mtimensec, has(FATTR_MTIME), has(FATTR_MTIME_NOW)),
                ]
                try unsafe byNumber(number) { unsafe utimensat(view.descriptors, $0, times, 0) }
            }
            return try SourceCalls.status(of: place)
        }
        reply(exchange, status, of: node)
    }

    /// Cuts a file that is open as a place.
    func cutClosed(_ place: CInt, to size: Int64, removesRights: Bool) throws(FuseError) {
        let file = try reopen(place, O_WRONLY)
        defer { _ = close(file) }
        try cut(file, to: size, removesRights: removesRights)
    }

    /// UTIME_NOW and UTIME_OMIT, which are macros.
    private static func time(_ seconds: UInt64, _ nanoseconds: UInt32, _ isSet: Bool, _ isNow: Bool) -> timespec {
        if !isSet { return timespec(tv_sec: 0, tv_nsec: (1 << 30) - 2) }
        if isNow { return timespec(tv_sec: 0, tv_nsec: (1 << 30) - 1) }
        return timespec(tv_sec: time_t(Int64(bitPattern: seconds)), tv_nsec: Int(nanoseconds))
    }

    private func byNumber(_ number: [UInt8], _ call: (UnsafePointer<CChar>) -> CInt) throws(FuseError) {
        try unsafe SourceCalls.lend(number) { (number) throws(FuseError) in
            _ = try FuseError.check { unsafe call(number) }
        }
    }

    func usage(_ header: fuse_in_header, _ exchange: Exchange) throws(FuseError) {
        let usage = try table.withDescriptor(table.node(header.nodeid)) { (place) throws(FuseError) -> statvfs in
            var usage = statvfs()
            try FuseError.check { unsafe fstatvfs(place, &usage) }
            return usage
        }
        var answer = fuse_statfs_out()
        answer.st.blocks = UInt64(usage.f_blocks)
        answer.st.bfree = UInt64(usage.f_bfree)
        answer.st.bavail = UInt64(usage.f_bavail)
        answer.st.files = UInt64(usage.f_files)
        answer.st.ffree = UInt64(usage.f_ffree)
        answer.st.bsize = UInt32(clamping: usage.f_bsize)
        answer.st.frsize = UInt32(clamping: usage.f_frsize)
        answer.st.namelen = UInt32(view.translation.policy.longest)
        exchange.reply(answer)
    }

    func syncAll(_ header: fuse_in_header, _ exchange: Exchange) throws(FuseError) {
        try table.withDescriptor(table.node(header.nodeid)) { (place) throws(FuseError) in
            let file = try reopen(place, O_RDONLY)
            defer { _ = close(file) }
            try FuseError.check { shareagent_file_syncfs(file) }
        }
        exchange.replyDone()
    }

    // Extended attributes go by a path below /proc, as the calls that take a descriptor want an open file.

    private func withPath(
        _ header: fuse_in_header, _ attribute: [UInt8], _ call: (UnsafePointer<CChar>, UnsafePointer<CChar>) -> Int
    ) throws(FuseError) -> Int {
        try table.withDescriptor(table.node(header.nodeid)) { (place) throws(FuseError) in
            try unsafe SourceCalls.lend(Array("/proc/self/fd/\(place)".utf8)) { (path) throws(FuseError) in
                try unsafe SourceCalls.lend(attribute) { (attribute) throws(FuseError) in
                    try FuseError.check { unsafe call(path, attribute) }
                }
            }
        }
    }

    func getAttribute(_ header: fuse_in_header, _ exchange: Exchange) throws(FuseError) {
        let room = min(Int(try exchange.getxattr.size), Exchange.largestData)
        let name = try exchange.name(after: MemoryLayout<fuse_getxattr_in>.size)
        let count: Int
        do throws(FuseError) {
            count = try unsafe withPath(header, name) {
                unsafe shareagent_file_getxattr($0, $1, room == 0 ? nil : exchange.output.baseAddress, UInt(room))
            }
        } catch {
            // A file of a source that knows no ACLs has none. To the kernel, which asks before it lets anybody else than the owner in, any
            // other answer is a failure to tell.
            throw error.errno == EOPNOTSUPP && name.starts(with: "system.posix_acl_".utf8) ? FuseError(ENODATA) : error
        }
        if room == 0 { exchange.reply(attributeSize: count) } else { exchange.replyOutput(count) }
    }

    func listAttributes(_ header: fuse_in_header, _ exchange: Exchange) throws(FuseError) {
        let room = min(Int(try exchange.getxattr.size), Exchange.largestData)
        let count = try unsafe withPath(header, []) { (path, _) in
            unsafe shareagent_file_listxattr(
                path, room == 0 ? nil : exchange.output.baseAddress?.assumingMemoryBound(to: CChar.self), UInt(room))
        }
        if room == 0 { exchange.reply(attributeSize: count) } else { exchange.replyOutput(count) }
    }

    func setAttribute(_ header: fuse_in_header, _ exchange: Exchange) throws(FuseError) {
        let wish = try exchange.setxattr
        let size = Int(FUSE_COMPAT_SETXATTR_IN_SIZE)
        let name = try exchange.name(after: size)
        let value = unsafe try exchange.data(after: size + name.count + 1, count: Int(wish.size))
        // Setting it sets the mode, too: the same is true of that.
        if name.elementsEqual("system.posix_acl_access".utf8) { try adoptGroups(of: header) }
        _ = try unsafe withPath(header, name) {
            Int(unsafe shareagent_file_setxattr($0, $1, value.baseAddress, UInt(value.count), CInt(bitPattern: wish.flags)))
        }
        exchange.replyDone()
    }

    func removeAttribute(_ header: fuse_in_header, _ exchange: Exchange) throws(FuseError) {
        let name = try exchange.name(after: 0)
        _ = try unsafe withPath(header, name) { Int(unsafe shareagent_file_removexattr($0, $1)) }
        exchange.replyDone()
    }
}
