import CFuse
import Glibc

/// The kernel's end of a file system in user space. Closed, the file system is dead: whoever uses it gets ENOTCONN.
public struct FuseDevice: ~Copyable {
    let descriptor: CInt

    /// - Throws: ENOENT where the kernel has no FUSE, EACCES without the right.
    public init() throws(FuseError) {
        descriptor = try FuseError.check { unsafe shareagent_file_open(AT_FDCWD, "/dev/fuse", O_RDWR, 0) }
    }

    /// The device of a file system that is mounted at once, by libfuse's set-user-ID helper fusermount3, for somebody who is not root. Only
    /// they can use it.
    /// - Parameter source: what the mount table says it shows.
    /// - Throws: ENOENT without the helper, EPERM where it refuses; why it says on standard error.
    public init(mountedByHelper source: [UInt8], on target: [UInt8], isReadOnly: Bool, isExecutable: Bool) throws(FuseError) {
        // A comma would begin another option.
        let shown = source.flatMap { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "\\") ? [UInt8(ascii: "\\"), $0] : [$0] }
        let words = "subtype=shareagent-names,default_permissions,\(isReadOnly ? "ro" : "rw")\(isExecutable ? "" : ",noexec"),fsname="
        descriptor = try FuseError.check {
            unsafe Self.lend(Array(words.utf8) + shown) { options in
                unsafe Self.lend(target) { unsafe shareagent_fuse_mount_by_helper(options, $0) }
            }
        }
    }

    /// Unmounts what the helper has mounted.
    public static func unmountByHelper(_ target: [UInt8], isLazy: Bool = false) throws(FuseError) {
        try FuseError.check { unsafe lend(target) { unsafe shareagent_fuse_unmount_by_helper($0, isLazy ? 1 : 0) } }
    }

    private static func lend(_ text: [UInt8], _ call: (UnsafePointer<CChar>?) -> CInt) -> CInt {
        unsafe (text + [0]).withUnsafeBytes { unsafe call($0.assumingMemoryBound(to: CChar.self).baseAddress) }
    }

    deinit { _ = close(descriptor) }

    /// Mounts it. The kernel checks access by the attributes it is told; every user may try.
    /// - Parameter source: what the mount table says it shows.
    public func mount(_ source: [UInt8], on target: [UInt8], isReadOnly: Bool, isExecutable: Bool = true) throws(FuseError) {
        let flags =
            shareagent_mount_flags | (isReadOnly ? shareagent_mount_flag_readonly : 0) | (isExecutable ? 0 : shareagent_mount_flag_noexec)
        let (source, target) = (source + [0], target + [0])
        try FuseError.check {
            unsafe source.withUnsafeBytes { source in
                unsafe target.withUnsafeBytes { target in
                    unsafe shareagent_fuse_mount(
                        descriptor, source.assumingMemoryBound(to: CChar.self).baseAddress,
                        target.assumingMemoryBound(to: CChar.self).baseAddress, flags)
                }
            }
        }
    }
}
