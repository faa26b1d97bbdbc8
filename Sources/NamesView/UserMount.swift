import CFuse
import FuseKernel
import Glibc
import LinuxSystem

/// Mounting for whoever is not root, by libfuse's set-user-ID fusermount3. Why it refuses it says on standard error.
enum UserMount {
    private static let program = "/usr/bin/fusermount3"
    private static let patience = Duration.seconds(10)

    /// Mounts a file system that only this user can use.
    /// - Parameter source: what the mount table says it shows.
    /// - Returns: the device that serves it.
    /// - Throws: ENOENT without the helper, EPERM where it refuses.
    static func mount(_ source: [UInt8], on target: [UInt8], isReadOnly: Bool, isExecutable: Bool) throws(FuseError) -> FuseDevice {
        // A comma would begin another option.
        let shown = source.flatMap { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "\\") ? [UInt8(ascii: "\\"), $0] : [$0] }
        let words =
            "subtype=shareagent-names,default_permissions,max_read=\(Exchange.largestData),\(isReadOnly ? "ro" : "rw")"
            + "\(isExecutable ? "" : ",noexec"),fsname="
        do throws(SystemCallError) {
            let ends = try UnixStream.pair()
            try run([Array("-o".utf8), Array(words.utf8) + shown], target, socket: ends.far.rawValue)
            let near = ends.near.rawValue
            // The helper has ended, so what it had to give is there.
            return FuseDevice(adopting: try systemCall("recvmsg") { shareagent_fuse_received(near) })
        } catch {
            throw FuseError(error.errno)
        }
    }

    /// Unmounts one.
    static func unmount(_ target: [UInt8], isLazy: Bool = false) throws(SystemCallError) {
        try run([Array((isLazy ? "-uz" : "-u").utf8)], target)
    }

    /// Runs it to its end.
    /// - Throws: EPERM where it refuses.
    private static func run(_ options: [[UInt8]], _ target: [UInt8], socket: CInt? = nil) throws(SystemCallError) {
        let environment = ChildEnvironment.clean
        let child = try ChildProcess.spawn(
            Array(program.utf8), arguments: [Array("fusermount3".utf8)] + options + [Array("--".utf8), target],
            environment: socket == nil ? environment : environment.adding("_FUSE_COMMFD", Array("\(ChildProcess.firstDescriptor)".utf8)),
            descriptors: socket.map { [$0] } ?? [])
        var question = pollfd(fd: child.pidfd, events: Int16(POLLIN), revents: 0)
        let isOver = try systemCall("poll") { unsafe poll(&question, 1, CInt(patience.components.seconds * 1000)) } > 0
        guard isOver else {
            // It is root's: it cannot be ended from here.
            throw SystemCallError(call: "fusermount3", errno: ETIMEDOUT)
        }
        if try child.reap()?.isSuccess != true { throw SystemCallError(call: "fusermount3", errno: EPERM) }
    }
}
