import CFuse
import FuseKernel
import Glibc

/// As whom the kernel reads and writes a file that is passed through, whoever has it open.
struct Passer: Equatable {
    let user: UInt32
    let group: UInt32
    let groups: [UInt32]

    static let root = Passer(user: 0, group: 0, groups: [])
}

// How what is opened is read and written from now on.
extension Answerer {
    /// - Parameters:
    ///   - status: the file's, where it is known.
    ///   - flags: that it was opened with.
    /// - Throws: ESTALE where the kernel has to look the file up anew and come again.
    func handle(_ handle: FileHandle, _ status: stat?, _ flags: CInt, _ exchange: Exchange) throws(FuseError) -> fuse_open_out {
        // Asked before the table's lock is taken.
        let status = status ?? (try? SourceCalls.status(of: handle.file))
        let isWritten = flags & O_ACCMODE != O_RDONLY
        // Passing through costs the source another open; what is read at once is not worth that.
        let isLong = status.map { $0.st_size >= 256 << 10 } ?? false
        let passer = exchange.passesThrough && (isWritten || isLong) ? passer(for: handle, status, isLong: isLong) : nil
        let (way, isAsBefore) = try opened(handle, status.map { KnownNames.Stamp($0) }, flags) {
            guard let passer else { return nil }
            if passer == .root { act(as: 0, 0) }
            return exchange.openBacking(handle.file).map { ($0, passer) }
        }
        var answer = fuse_open_out()
        answer.fh = Handles.number(handle)
        switch way {
        case .passed(let number, _): unsafe shareagent_fuse_pass_to(&answer, number)
        case .answeredUnkept: answer.open_flags = UInt32(FOPEN_DIRECT_IO)
        case .answered:
            // The kernel itself drops its pages of a file only where its size or time of change is another one, and `cp -p` sets that.
            answer.open_flags = isAsBefore ? UInt32(FOPEN_KEEP_CACHE) : 0
            // The view's pages are enough: the source's would cost as much again.
            if view.isOfTheSource(handle.node), isWritten ? view.nature.isWrittenDirectly : isLong && view.nature.isReadDirectly {
                _ = fcntl(handle.file, F_SETFL, fcntl(handle.file, F_GETFL) | shareagent_open_direct)
            }
        }
        // Linux 5.16 spares a question at each close to which there is nothing to be said.
        if !isWritten || view.isLocal(handle.node) { answer.open_flags |= UInt32(FOPEN_NOFLUSH) }
        return answer
    }

    /// As whom a file may be passed through, if nobody has it open yet.
    private func passer(for handle: FileHandle, _ status: stat?, isLong: Bool) -> Passer? {
        guard let status else { return nil }
        switch view.nature.passing {
        case .never: return nil
        case .asRoot where view.isOfTheSource(handle.node): return .root
        case .asRoot, .asOpener:
            // What is mounted inside the source may be of another kind. A short file that is not written anew is not worth what a server asks
            // for being opened once more.
            guard isLong || status.st_size == 0, mayDoAll(handle.file, status) else { return nil }
            return Passer(user: acting.user, group: acting.group, groups: groups)
        }
    }

    /// Whether nobody may do more with a file than this thread's user, now or later: servers look at each piece, and refuse no owner, nor root
    /// that they do not squash. Who may do more all the same is served by a node of their own, and the kernel's locks are a node's.
    private func mayDoAll(_ file: CInt, _ status: stat) -> Bool {
        if status.st_uid == acting.user { return status.st_mode & (S_IRUSR | S_IWUSR) == S_IRUSR | S_IWUSR }
        // Root that may do what others may not.
        return acting.user == 0 && status.st_mode & (S_IROTH | S_IWOTH) != S_IROTH | S_IWOTH && mayUse(file, R_OK | W_OK)
    }

    /// All that have a file open are served in one way, by what whoever came first may do. Whoever may do more is sent to look the file up anew.
    private func opened(
        _ handle: FileHandle, _ stamp: KnownNames.Stamp?, _ flags: CInt, pass: () -> (number: Int32, passer: Passer)?
    ) throws(FuseError) -> (way: Node.Way, isAsBefore: Bool) {
        var serving = [Passer(user: acting.user, group: acting.group, groups: groups)]
        if view.nature.passing == .asRoot, view.isOfTheSource(handle.node) { serving.append(.root) }
        while true {
            if let opened = table.opened(handle, stamp, isServed: { serving.contains($0) }, pass: pass) { return opened }
            guard let passer = table.passer(of: handle.node) else { continue }
            guard try mayOpen(handle.file, flags, as: passer) else {
                table.part(from: handle.node)
                throw FuseError(ESTALE)
            }
            serving.append(passer)
        }
    }

    /// Whether somebody else could have opened a file as well.
    private func mayOpen(_ file: CInt, _ flags: CInt, as passer: Passer) throws(FuseError) -> Bool {
        let own = (acting, groups)
        defer {
            act(as: 0, 0)
            try? adopt(own.1)
            act(as: own.0.user, own.0.group)
        }
        act(as: 0, 0)
        try adopt(passer.groups)
        act(as: passer.user, passer.group)
        // The kernel opens once more, and cuts once more.
        let use = flags & O_ACCMODE == O_RDONLY ? R_OK : flags & O_ACCMODE == O_WRONLY ? W_OK : R_OK | W_OK
        return mayUse(file, flags & O_TRUNC == 0 ? use : use | W_OK)
    }

    /// Asks the source.
    private func mayUse(_ file: CInt, _ use: CInt) -> Bool { unsafe faccessat(file, "", use, SourceCalls.emptyPath | AT_EACCESS) == 0 }
}
