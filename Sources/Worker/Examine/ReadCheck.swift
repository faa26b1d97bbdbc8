import Glibc
import LinuxSystem
import ShareModel

/// Lists a share's top directory as programs see it and reads the beginning of one file, as root. Bounded in names, directories and files.
struct ReadCheck {
    let mount: StandingMount

    private var share: Share { mount.share }
    private var place: Target { mount.view?.target ?? mount.target }

    private static let namesLimit = 2000
    /// Files that are tried, and directories that are looked into for one.
    private static let triesLimit = 16
    private static let readBytes = 64 << 10

    /// What a directory holds, as far as it was listed.
    private struct Listed {
        var count = 0
        var foreign = 0
        var sample: [UInt8] = []
        var files: [[UInt8]] = []
        var directories: [[UInt8]] = []
    }

    func run() {
        do throws(SystemCallError) {
            let root = try openRoot()
            let listed = try list(root)
            tellNames(listed)
            try read(root, listed)
        } catch {
            WorkerProgram.tell(Finding(.read, Self.isDenial(error) ? .warning : .failed, cause: cause(of: error)))
        }
    }

    private func openRoot() throws(SystemCallError) -> OwnedDescriptor {
        let root = try TargetWalk.open(place.bytes, below: [UInt8(ascii: "/")], creating: nil)
        // Somebody else's mount is nobody's share.
        guard try mountID(of: root.rawValue) == UInt64(clamping: mount.view?.mountID ?? mount.mountID) else {
            throw SystemCallError(call: "open", errno: EXDEV, path: place.bytes)
        }
        return try openDirectoryBeneath(root.rawValue, [UInt8(ascii: ".")])
    }

    private func list(_ directory: borrowing OwnedDescriptor) throws(SystemCallError) -> Listed {
        var listing = try DirectoryListing(directory.rawValue)
        var listed = Listed()
        var goesOn = true
        while goesOn, listed.count < Self.namesLimit {
            goesOn = try listing.next { entry, kind in
                let name = bytes(of: entry)
                listed.count += 1
                switch kind {
                case .directory: if listed.directories.count < Self.triesLimit { listed.directories.append(name) }
                case .other, .unknown: if listed.files.count < Self.triesLimit { listed.files.append(name) }
                case .link: break
                }
                guard String(validating: name, as: UTF8.self) == nil else { return }
                listed.foreign += 1
                if listed.sample.isEmpty { listed.sample = name }
            }
        }
        return listed
    }

    /// Only where nothing is wished: what becomes of a wish, the daemon knows.
    private func tellNames(_ listed: Listed) {
        guard share.namesFact == nil else { return }
        guard listed.foreign > 0 else {
            let note = listed.count == 0 ? nil : "all \(listed.count) that were listed are UTF-8"
            return WorkerProgram.tell(Finding(.names, .ok, note: note))
        }
        WorkerProgram.tell(
            Finding(
                .names, .warning,
                cause: Cause(
                    .namesUnconvertible,
                    "share '\(share.name)': \(listed.foreign) of \(listed.count) names in its top directory are not UTF-8, so programs show them garbled",
                    evidence: ["one of them: \(String(printing: listed.sample))"],
                    remedy: [
                        "shareagent names scan \(place.quotedForShell)   # tells which charset they are in",
                        "then offer the share with names: {encoding: CHARSET}",
                    ])))
    }

    private func read(_ root: borrowing OwnedDescriptor, _ listed: Listed) throws(SystemCallError) {
        var denied = 0
        if try read(among: listed.files, in: root, below: [], &denied) { return }
        for name in listed.directories {
            do throws(SystemCallError) {
                let directory = try openDirectoryBeneath(root.rawValue, name)
                if try read(among: try list(directory).files, in: directory, below: name + [UInt8(ascii: "/")], &denied) { return }
            } catch {
                guard Self.isOfThatName(error) else { throw error }
                if Self.isDenial(error) { denied += 1 }
            }
        }
        guard denied > 0 else {
            let note = listed.count == 0 ? "there is nothing in it" : "\(listed.count) names were listed; there is no file to read nearby"
            return WorkerProgram.tell(Finding(.read, .ok, note: note))
        }
        WorkerProgram.tell(
            Finding(
                .read, .warning,
                cause: Cause(
                    .accessDenied, "share '\(share.name)': root may read none of the files and directories that were tried at \(place)",
                    evidence: ["\(denied) of them were refused"],
                    remedy: [
                        "try as the user whose programs use it: sudo -u USER ls -l \(place.quotedForShell)",
                        "see the server's rules for root (root_squash of an NFS export, valid users of an SMB share)",
                    ])))
    }

    /// Reads the first of these files that can be read.
    private func read(
        among files: [[UInt8]], in directory: borrowing OwnedDescriptor, below path: [UInt8], _ denied: inout Int
    ) throws(SystemCallError) -> Bool {
        var empty: [UInt8]?
        for name in files {
            do throws(SystemCallError) {
                let mark = try EntryMark.read(in: directory.rawValue, name)
                guard mark.kind == .file else { continue }
                guard mark.size > 0 else {
                    empty = empty ?? name
                    continue
                }
                let begin = MonotonicTime.now()
                let file = try openBeneath(directory.rawValue, name, O_RDONLY | O_NONBLOCK | O_NOCTTY)
                var room = [UInt8](repeating: 0, count: Self.readBytes)
                let count = try readAt(file.rawValue, 0, into: &room)
                let took = ExamineTask.words(microseconds: (MonotonicTime.now() - begin).wholeNanoseconds / 1000)
                WorkerProgram.tell(Finding(.read, .ok, note: "\(count) bytes of \(String(printing: path + name)) in \(took)"))
                return true
            } catch {
                guard Self.isOfThatName(error) else { throw error }
                if Self.isDenial(error) { denied += 1 }
            }
        }
        guard let empty else { return false }
        WorkerProgram.tell(Finding(.read, .ok, note: "\(String(printing: path + empty)), which is empty"))
        return true
    }

    private static func isDenial(_ error: SystemCallError) -> Bool { error.errno == EACCES || error.errno == EPERM }

    /// Whether another name may do better.
    private static func isOfThatName(_ error: SystemCallError) -> Bool {
        isDenial(error) || [ENOENT, ELOOP, EXDEV, ENOTDIR, ENXIO].contains(error.errno)
    }

    private func cause(of error: SystemCallError) -> Cause {
        guard error.errno != EXDEV else {
            return Cause(
                .foreignMount, "share '\(share.name)': something else is mounted at \(place)", evidence: ["\(error)"],
                remedy: ["findmnt \(place.quotedForShell)"])
        }
        return ProbeTask(share: share.name, target: place, mountID: mount.mountID, readAheadKiB: nil).cause(of: error)
    }
}
