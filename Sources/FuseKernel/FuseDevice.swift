import CFuse
import Glibc

/// The kernel's end of a file system in user space. Closed, the file system is dead: whoever uses it gets ENOTCONN.
public struct FuseDevice: ~Copyable {
    let descriptor: CInt

    /// - Throws: ENOENT where the kernel has no FUSE, EACCES without the right.
    public init() throws(FuseError) {
        descriptor = try FuseError.check { unsafe shareagent_file_open(AT_FDCWD, "/dev/fuse", O_RDWR, 0) }
    }

    /// The device of a file system that somebody else has mounted.
    public init(adopting descriptor: CInt) { self.descriptor = descriptor }

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
                        target.assumingMemoryBound(to: CChar.self).baseAddress, flags, UInt32(Exchange.largestData))
                }
            }
        }
    }
}
