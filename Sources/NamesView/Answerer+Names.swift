import CFuse
import FuseKernel
import Glibc

// Looking for names, making, moving and removing them.
extension Answerer {
    /// The kernel's number of a found file, and how long it may be believed.
    /// - Parameter isAlias: whether it is listed under another name; then the kernel keeps nothing, or the name would outlive the file.
    func entry(_ status: stat, _ parent: Node, _ source: [UInt8], isAlias: Bool) -> fuse_entry_out {
        entry(status, at: Node.Place(parent: parent, name: source), isAlias: isAlias)
    }

    /// The same; without a place for a file that has no name.
    func entry(_ status: stat, at place: Node.Place?, isAlias: Bool = false) -> fuse_entry_out {
        var entry = fuse_entry_out()
        let node = table.enter(status, at: place)
        entry.nodeid = node.id
        entry.entry_valid = isAlias ? 0 : View.secondsOfTrust
        entry.attr_valid = View.secondsOfTrust
        entry.attr = attributes(status, of: node)
        return entry
    }

    /// A directory and what is known of its names.
    func directory(_ id: UInt64) throws(FuseError) -> (node: Node, names: NamesCache) {
        let node = try table.node(id)
        guard let names = node.names else { throw FuseError(ENOTDIR) }
        return (node, names)
    }

    func lookUp(_ header: fuse_in_header, _ exchange: Exchange) throws(FuseError) {
        let name = try exchange.name(after: 0)
        let (parent, names) = try directory(header.nodeid)
        let found = try table.withDescriptor(parent) { (directory) throws(FuseError) in
            try finder.find(name, in: directory, names)
        }
        if let found {
            tell(entry(found.status, parent, found.source, isAlias: found.listed != name), exchange)
            return
        }
        // That a name is not there may be believed only if no other spelling of it can come to be there.
        guard finder.isPlain(name), !finder.mayStandForAnother(name) else { throw FuseError(ENOENT) }
        var nothing = fuse_entry_out()
        nothing.entry_valid = View.secondsOfTrust
        _ = exchange.reply(nothing)
    }

    /// Gives the kernel a node, which it will give back, or never, if nobody waits for it any more.
    private func tell(_ entry: fuse_entry_out, _ exchange: Exchange) {
        if !exchange.reply(entry) { table.forget(entry.nodeid, 1) }
    }

    /// Makes an entry: `make` gets the directory and the name on the source.
    private func make(
        _ name: [UInt8], _ header: fuse_in_header, _ exchange: Exchange, _ make: (CInt, [UInt8]) throws(FuseError) -> Void
    ) throws(FuseError) {
        let (parent, names) = try directory(header.nodeid)
        let (status, source) = try table.withDescriptor(parent) { (directory) throws(FuseError) -> (stat, [UInt8]) in
            guard try finder.find(name, in: directory, names) == nil else { throw FuseError(EEXIST) }
            let source = try finder.newName(name)
            try change(names, directory, adding: [(source, name)], removing: []) { () throws(FuseError) in
                try make(directory, source)
            }
            return (try SourceCalls.status(in: directory, source), source)
        }
        tell(entry(status, parent, source, isAlias: finder.inForm(name) != name), exchange)
    }

    /// Changes a directory's names through the view, so that what is known of them goes with it.
    func change(
        _ names: NamesCache, _ directory: CInt, adding: [(source: [UInt8], name: [UInt8])], removing: [(source: [UInt8], name: [UInt8])],
        _ body: () throws(FuseError) -> Void
    ) throws(FuseError) {
        let isKept = names.isKept
        let before = isKept ? try? KnownNames.Stamp(SourceCalls.status(of: directory)) : nil
        defer {
            let after = isKept ? try? KnownNames.Stamp(SourceCalls.status(of: directory)) : nil
            names.change(from: before, to: after) { known in
                for (source, name) in removing where !known.remove(source, key: finder.key(name)) { return false }
                for (source, name) in adding { known.add(source, shown: finder.inForm(name), key: finder.key(name)) }
                return true
            }
        }
        do throws(FuseError) {
            try body()
        } catch {
            // What became of it nobody knows.
            names.drop()
            throw error
        }
    }

    func makeNode(_ header: fuse_in_header, _ exchange: Exchange) throws(FuseError) {
        let wish = try exchange.mknod
        adoptMask(wish.umask)
        try make(exchange.name(after: MemoryLayout<fuse_mknod_in>.size), header, exchange) { (directory, name) throws(FuseError) in
            try unsafe SourceCalls.lend(name) { (name) throws(FuseError) in
                _ = try FuseError.check { unsafe mknodat(directory, name, mode_t(wish.mode), dev_t(shareagent_device_of(wish.rdev))) }
            }
        }
    }

    func makeDirectory(_ header: fuse_in_header, _ exchange: Exchange) throws(FuseError) {
        let wish = try exchange.mkdir
        adoptMask(wish.umask)
        try make(exchange.name(after: MemoryLayout<fuse_mkdir_in>.size), header, exchange) { (directory, name) throws(FuseError) in
            try unsafe SourceCalls.lend(name) { (name) throws(FuseError) in
                _ = try FuseError.check { unsafe mkdirat(directory, name, mode_t(wish.mode)) }
            }
        }
    }

    func makeLink(_ header: fuse_in_header, _ exchange: Exchange) throws(FuseError) {
        let (name, shown) = try exchange.names(after: 0)
        let target = try finder.sourceTarget(shown)
        try make(name, header, exchange) { (directory, name) throws(FuseError) in
            try unsafe SourceCalls.lend(name) { (name) throws(FuseError) in
                try unsafe SourceCalls.lend(target) { (target) throws(FuseError) in
                    _ = try FuseError.check { unsafe symlinkat(target, directory, name) }
                }
            }
        }
    }

    func link(_ header: fuse_in_header, _ exchange: Exchange) throws(FuseError) {
        let file = try table.node(exchange.link.oldnodeid)
        try make(exchange.name(after: MemoryLayout<fuse_link_in>.size), header, exchange) { (directory, name) throws(FuseError) in
            try table.withDescriptor(file) { (file) throws(FuseError) in
                try unsafe SourceCalls.lend(name) { (name) throws(FuseError) in
                    try unsafe SourceCalls.lend(Array(String(file).utf8)) { (number) throws(FuseError) in
                        _ = try FuseError.check { unsafe shareagent_file_link(view.descriptors, number, directory, name) }
                    }
                }
            }
        }
    }

    func remove(_ header: fuse_in_header, _ exchange: Exchange, isDirectory: Bool) throws(FuseError) {
        let name = try exchange.name(after: 0)
        let (parent, names) = try directory(header.nodeid)
        let found = try table.withDescriptor(parent) { (directory) throws(FuseError) -> NameFinder.Found in
            guard let found = try finder.find(name, in: directory, names) else { throw FuseError(ENOENT) }
            table.willLoseName(found.status)
            try change(names, directory, adding: [], removing: [(found.source, found.listed)]) { () throws(FuseError) in
                try unsafe SourceCalls.lend(found.source) { (name) throws(FuseError) in
                    _ = try FuseError.check { unsafe unlinkat(directory, name, isDirectory ? AT_REMOVEDIR : 0) }
                }
            }
            return found
        }
        table.lost(found.status, in: parent, found.source)
        exchange.replyDone()
        forget([found.listed], unless: name, in: header.nodeid, exchange)
    }

    /// The kernel may know a file under its listed name while it was changed by another spelling. It is told once the change is answered:
    /// until then it holds the directory.
    /// - Parameter typed: where all names are this one there is nothing to tell.
    private func forget(_ names: [[UInt8]], unless typed: [UInt8]? = nil, in directory: UInt64, _ exchange: Exchange) {
        guard names.contains(where: { $0 != typed }) else { return }
        let before = afterwards
        afterwards = {
            before?()
            for name in Set(names) { exchange.forgetEntry(name, in: directory) }
        }
    }

    func rename(
        _ header: fuse_in_header, _ exchange: Exchange, to newDirectory: UInt64, _ flags: UInt32, _ size: Int
    ) throws(FuseError) {
        let (name, newName) = try exchange.names(after: size)
        let isExchange = flags & UInt32(shareagent_rename_exchange) != 0
        guard flags & ~UInt32(shareagent_rename_exchange | shareagent_rename_noreplace) == 0 else { throw FuseError(EINVAL) }
        let (parent, names) = try directory(header.nodeid)
        let (newParent, newNames) = try directory(newDirectory)
        try table.withDescriptor(parent) { (directory) throws(FuseError) in
            try table.withDescriptor(newParent) { (newDirectory) throws(FuseError) in
                guard let found = try finder.find(name, in: directory, names) else { throw FuseError(ENOENT) }
                let other = try finder.find(newName, in: newDirectory, newNames)
                if isExchange, other == nil { throw FuseError(ENOENT) }
                // Two spellings of one name are one file to the kernel, which then renames nothing and does not ask.
                if parent === newParent, other?.source == found.source { return }
                if other != nil, flags & UInt32(shareagent_rename_noreplace) != 0 { throw FuseError(EEXIST) }
                let target: [UInt8] = if let other { other.source } else { try finder.newName(newName) }
                if let other, !isExchange { table.willLoseName(other.status) }
                let moved: () throws(FuseError) -> Void = { () throws(FuseError) in
                    try unsafe SourceCalls.lend(found.source) { (source) throws(FuseError) in
                        try unsafe SourceCalls.lend(target) { (target) throws(FuseError) in
                            _ = try FuseError.check { unsafe shareagent_file_rename(directory, source, newDirectory, target, flags) }
                        }
                    }
                }
                let gone = (found.source, found.listed)
                let come = (target, other?.listed ?? newName)
                if isExchange {
                    // Both names stay; what they mean changes place.
                    try moved()
                } else if parent === newParent {
                    let removing = other == nil ? [gone] : [gone, come]
                    try change(names, directory, adding: [come], removing: removing, moved)
                } else {
                    try change(names, directory, adding: [], removing: [gone]) { () throws(FuseError) in
                        try change(newNames, newDirectory, adding: [come], removing: other == nil ? [] : [come], moved)
                    }
                }
                if let other {
                    if isExchange {
                        table.moved(other.status, to: parent, found.source)
                    } else {
                        table.lost(other.status, in: newParent, other.source)
                    }
                }
                table.moved(found.status, to: newParent, target)
                // The kernel moves what it knew of one name to the other, for as long as that was to be believed; under another spelling than
                // the listed one nothing may be believed.
                if found.listed != name || isExchange { forget([found.listed, name], in: parent.id, exchange) }
                forget([other?.listed ?? newName, finder.inForm(newName), newName], unless: newName, in: newParent.id, exchange)
            }
        }
        exchange.replyDone()
    }

    /// A file's attributes as the view shows them: a link is as long as its translated target.
    func attributes(_ status: stat, of node: Node) -> fuse_attr {
        var attributes = fuse_attr(status)
        attributes.ino = view.number(of: node.identity.inode, on: node.identity.device)
        if node.identity.kind == UInt32(S_IFLNK),
            let size = table.targetSize(of: node, { (try? shownTarget(of: node)).map { UInt64($0.count) } })
        {
            attributes.size = size
        }
        return attributes
    }

    func readLink(_ header: fuse_in_header, _ exchange: Exchange) throws(FuseError) {
        exchange.reply(try shownTarget(of: table.node(header.nodeid)))
    }

    private func shownTarget(of link: Node) throws(FuseError) -> [UInt8] {
        let target = try table.withDescriptor(link) { (file) throws(FuseError) in
            var room = [UInt8](repeating: 0, count: 4096)
            let count = try FuseError.check {
                unsafe room.withUnsafeMutableBytes {
                    unsafe readlinkat(file, "", $0.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: CChar.self), $0.count)
                }
            }
            return Array(room[..<count])
        }
        return finder.shownTarget(target)
    }
}
