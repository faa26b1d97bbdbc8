import CLinux
import Glibc

/// Opening a share's target without being led astray: no symbolic link anywhere on the way, and never out of the root.
public enum TargetWalk {
    /// Opens the directory `target`, which lies below `root`, as an O_PATH descriptor; what follows is done through the descriptor, so
    /// that nobody can swap a component afterwards.
    ///
    /// The walk ends on what is mounted topmost at the target, if anything is.
    /// - Parameters:
    ///   - target: absolute, without `.`, `..` or empty components; may be `root` itself.
    ///   - root: absolute; must exist.
    ///   - mode: with which missing directories below the root are made, less the umask; nil to make none.
    /// - Throws: `openat2` with ELOOP for a symbolic link, ENOTDIR, ENOENT (with `mode` nil, or the root is missing), EXDEV where `target`
    ///   is not below `root`; `mkdirat` with EROFS, EACCES, ….
    public static func open(_ target: [UInt8], below root: [UInt8], creating mode: UInt32?) throws(SystemCallError) -> OwnedDescriptor {
        guard let components = components(of: target, below: root) else {
            throw SystemCallError(call: "openat2", errno: EXDEV, path: target)
        }
        var directory = try step(AT_FDCWD, root, resolve: noLinks, about: root)
        for component in components {
            do throws(SystemCallError) {
                directory = try step(directory.rawValue, component, resolve: below, about: target)
            } catch {
                guard error.errno == ENOENT, let mode else { throw error }
                directory = try make(component, in: directory.rawValue, mode, about: target)
            }
        }
        return directory
    }

    private static let noLinks = shareagent_resolve_no_symlinks | shareagent_resolve_no_magiclinks
    private static let below = noLinks | shareagent_resolve_beneath

    private static func make(
        _ component: [UInt8], in directory: CInt, _ mode: UInt32, about target: [UInt8]
    ) throws(SystemCallError) -> OwnedDescriptor {
        do throws(SystemCallError) {
            unsafe try withPath("mkdirat", component) { unsafe mkdirat(directory, $0, mode_t(mode)) }
        } catch {
            // Somebody else was quicker; whether it is a directory shows in the next step.
            if error.errno != EEXIST { throw SystemCallError(call: error.call, errno: error.errno, path: target) }
        }
        return try step(directory, component, resolve: below, about: target)
    }

    private static func step(
        _ directory: CInt, _ component: [UInt8], resolve: UInt64, about path: [UInt8]
    ) throws(SystemCallError) -> OwnedDescriptor {
        let flags = UInt64(shareagent_o_path | shareagent_o_directory)
        do throws(SystemCallError) {
            return OwnedDescriptor(
                adopting: unsafe try withPath("openat2", component) { unsafe shareagent_openat2(directory, $0, flags, 0, resolve) })
        } catch {
            // EAGAIN: a rename or mount somewhere while the kernel walked; it asks for another try.
            if error.errno == EAGAIN { return try step(directory, component, resolve: resolve, about: path) }
            throw SystemCallError(call: error.call, errno: error.errno, path: path)
        }
    }

    /// The names between root and target; nil where the target is not below the root or has a component that is no name.
    static func components(of target: [UInt8], below root: [UInt8]) -> [[UInt8]]? {
        guard let targetNames = names(target), let rootNames = names(root), targetNames.starts(with: rootNames) else { return nil }
        return Array(targetNames.dropFirst(rootNames.count))
    }

    private static func names(_ path: [UInt8]) -> [[UInt8]]? {
        let slash = UInt8(ascii: "/")
        guard path.first == slash else { return nil }
        if path.count == 1 { return [] }
        let names = path.dropFirst().split(separator: slash, omittingEmptySubsequences: false).map(Array.init)
        return names.allSatisfy { !$0.isEmpty && $0 != Array(".".utf8) && $0 != Array("..".utf8) && !$0.contains(0) } ? names : nil
    }
}

/// Whether a directory holds nothing but `.` and `..`.
/// - Parameter descriptor: of the directory; O_PATH will do.
public func isEmptyDirectory(_ descriptor: CInt) throws(SystemCallError) -> Bool {
    let readable = try systemCall("openat") { unsafe openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    guard let directory = unsafe fdopendir(readable) else {
        let number = errno
        _ = close(readable)
        throw SystemCallError(call: "fdopendir", errno: number)
    }
    defer { _ = unsafe closedir(directory) }
    while true {
        errno = 0
        guard let entry = unsafe readdir(directory) else {
            // Only errno tells the end from a failure.
            let number = errno
            if number != 0 { throw SystemCallError(call: "readdir", errno: number) }
            return true
        }
        let first = unsafe entry.pointee.d_name.0
        let second = unsafe entry.pointee.d_name.1
        let third = unsafe entry.pointee.d_name.2
        let dot = CChar(bitPattern: UInt8(ascii: "."))
        let isDots = first == dot && (second == 0 || (second == dot && third == 0))
        if !isDots { return false }
    }
}
