import Glibc
import LinuxSystem
import ShareModel

/// A share's target, reached from `/` without following a symbolic link, with its parent held open: what may be mounted on,
/// and unmounted from, without anybody being able to lead the call elsewhere.
struct TargetDirectory: ~Copyable {
    let target: Target
    /// Whether the directory was not there before.
    let wasMade: Bool
    private let parent: OwnedDescriptor
    private let name: [UInt8]

    /// Walks to the target, making missing directories where wished (mode 0755, root's).
    /// - Throws: the cause, with the part of the path that stands in the way.
    init(walkingTo target: Target, making: Bool, for share: ShareName) throws(Cause) {
        var path: [UInt8] = []
        var parent = try Self.step([UInt8(ascii: "/")], making: false, share, target)
        var last: [UInt8] = []
        for component in target.components {
            try Self.requireRootOnly(parent, at: path.isEmpty ? [UInt8(ascii: "/")] : path, share, target)
            if !last.isEmpty { path += [UInt8(ascii: "/")] + last }
            if !last.isEmpty { parent = try Self.step(path, making: making, share, target) }
            last = Array(component)
        }
        try Self.requireRootOnly(parent, at: path.isEmpty ? [UInt8(ascii: "/")] : path, share, target)
        var made = false
        do throws(Cause) {
            _ = try Self.step(target.bytes, making: false, share, target)
        } catch {
            guard making, error.code == .targetMissing else { throw error }
            _ = try Self.step(target.bytes, making: true, share, target)
            made = true
        }
        wasMade = made
        self.target = target
        self.parent = parent
        name = last
    }

    /// What stands at the target now, as an O_PATH descriptor: the topmost mount's root where something is mounted there.
    borrowing func open(for share: ShareName) throws(Cause) -> OwnedDescriptor {
        try Self.step(target.bytes, making: false, share, target)
    }

    /// Removes the directory where it was made for a mount that then failed; an empty one only, so nothing can be lost.
    borrowing func removeIfMade() {
        guard wasMade else { return }
        let place = Array("/proc/self/fd/\(parent.rawValue)/".utf8) + name + [0]
        unsafe place.withUnsafeBytes { bytes in
            if let start = bytes.baseAddress { _ = unsafe rmdir(start.assumingMemoryBound(to: CChar.self)) }
        }
    }

    /// umount2(2) of what is topmost at the target; it can block for as long as the file system wants.
    borrowing func unmount(lazily: Bool = false) throws(SystemCallError) {
        let place = Array("/proc/self/fd/\(parent.rawValue)/".utf8) + name
        try LinuxSystem.unmount(place, lazily ? [.noFollow, .detach] : .noFollow)
    }

    /// Ends the requests under way of what is topmost at the target (MNT_FORCE), which somebody must hold so that it stays mounted.
    borrowing func endRequests() throws(SystemCallError) {
        do throws(SystemCallError) {
            try LinuxSystem.unmount(Array("/proc/self/fd/\(parent.rawValue)/".utf8) + name, [.noFollow, .force])
        } catch {
            if error.errno != EBUSY { throw error }
        }
    }

    private static func step(_ path: [UInt8], making: Bool, _ share: ShareName, _ target: Target) throws(Cause) -> OwnedDescriptor {
        do throws(SystemCallError) {
            return try TargetWalk.open(path, below: [UInt8(ascii: "/")], creating: making ? 0o755 : nil)
        } catch {
            let part = String(printing: path)
            let what = "share '\(share)': target \(target) cannot be used"
            switch error.errno {
            case ELOOP:
                throw Cause(
                    .targetSymlink, "\(what): \(part) is a symbolic link",
                    remedy: ["name the real directory as the target, or remove the link: ls -ld \(part.quotedForShell)"],
                    errno: error.name)
            case ENOTDIR:
                throw Cause(
                    .targetNotDirectory, "\(what): \(part) is not a directory", remedy: ["move it away: ls -ld \(part.quotedForShell)"],
                    errno: error.name)
            case ENOENT:
                throw Cause(
                    .targetMissing, "\(what): \(part) does not exist", remedy: ["mkdir -p \(target.quotedForShell)"], errno: error.name)
            case EROFS:
                throw Cause(
                    .targetMissing, "\(what): \(part) does not exist and cannot be made on a read-only file system",
                    remedy: ["make the directory in the guest's image"], errno: error.name)
            case ENOSPC, EDQUOT:
                throw Cause(
                    error.errno == ENOSPC ? .outOfSpace : .quotaExceeded, "\(what): \(part) does not exist and there is no room to make it",
                    remedy: ["df -h \(part.quotedForShell); df -i \(part.quotedForShell)"], errno: error.name)
            case EACCES, EPERM:
                throw Cause(
                    .permissionDenied, "\(what): access to \(part) is denied", remedy: ["run shareagent as root"], errno: error.name)
            default:
                throw Cause(.ioError, "\(what): \(error)", remedy: ["ls -ld \(part.quotedForShell)"], errno: error.name)
            }
        }
    }

    /// Whoever may write to a directory on the way can put another one in the place of the target.
    private static func requireRootOnly(_ directory: borrowing OwnedDescriptor, at path: [UInt8], _ share: ShareName, _ target: Target)
        throws(Cause)
    {
        let number = directory.rawValue
        var answer = stat()
        guard unsafe fstat(number, &answer) == 0 else { return }
        let mode = answer.st_mode
        let groupMayWrite = mode & S_IWGRP != 0 && answer.st_gid != 0
        let othersMayWrite = mode & S_IWOTH != 0
        guard answer.st_uid != 0 || mode & S_ISVTX == 0 && (groupMayWrite || othersMayWrite) else { return }
        let place = String(printing: path)
        throw Cause(
            .permissionDenied, "share '\(share)': target \(target) cannot be used: others than root may write to \(place)",
            evidence: ["\(place): owner \(answer.st_uid), group \(answer.st_gid), mode 0\(String(mode & 0o7777, radix: 8))"],
            remedy: [
                "chown root:root \(place.quotedForShell) && chmod go-w \(place.quotedForShell)",
                "choose a target in a directory that only root may write to",
            ])
    }
}
