import CLinux
import Glibc

/// A change of a mounted file system's options (fspick(2), Linux 5.2): set one after another, then brought into force at once. It
/// leaves the mount's own flags, such as nosuid, alone. Can block: for workers only.
public struct Reconfiguration: ~Copyable {
    private let context: OwnedDescriptor

    /// The longest value, in bytes, that the kernel takes here.
    public static let longestValue = 255

    /// - Parameter root: the root of the mount; O_PATH will do.
    public init(of root: CInt) throws(SystemCallError) {
        context = OwnedDescriptor(adopting: try systemCall("fspick") { shareagent_pick(root) })
    }

    /// Sets one option; nil for one without a value. The value may be a secret: no copy of it stays.
    /// - Throws: EINVAL where the file system does not know the option or the value; then nothing can be brought into force any more.
    public borrowing func set(_ name: String, _ value: UnsafeRawBufferPointer?) throws(SystemCallError) {
        let descriptor = context.rawValue
        guard let value = unsafe value else {
            try systemCall("fsconfig") { unsafe shareagent_configure(descriptor, name, nil) }
            return
        }
        guard value.count <= Self.longestValue, unsafe !value.contains(0) else { throw SystemCallError(call: "fsconfig", errno: EINVAL) }
        let room = UnsafeMutableRawPointer.allocate(byteCount: value.count + 1, alignment: 1)
        unsafe room.initializeMemory(as: UInt8.self, repeating: 0, count: value.count + 1)
        if let start = value.baseAddress { unsafe room.copyMemory(from: start, byteCount: value.count) }
        defer {
            unsafe explicit_bzero(room, value.count)
            unsafe room.deallocate()
        }
        try systemCall("fsconfig") { unsafe shareagent_configure(descriptor, name, room.assumingMemoryBound(to: CChar.self)) }
    }

    /// Brings what was set into force.
    public borrowing func commit() throws(SystemCallError) {
        let descriptor = context.rawValue
        try systemCall("fsconfig") { shareagent_reconfigure(descriptor) }
    }
}
