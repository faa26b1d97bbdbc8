import CLibMount
import Glibc

/// One mount by libmount: made, used once, freed.
///
/// libmount is told to leave out all that suits a person's mount(8) and not an agent: it reads no fstab, resolves no path
/// (the target is an open descriptor), starts no helper, does not try again read-only after an error (with SMB that would be
/// a second logon), and does not write its table, since it would write the descriptor's path there (see `MountMark`).
@safe public struct MountContext: ~Copyable {
    private let context: OpaquePointer

    /// A context with an agent's settings.
    public init() throws(LibMountError) {
        // From 2.39 on libmount prefers fsopen(2), where the data of `mnt_context_set_mountdata` is silently left out. 2.40
        // and newer take mount(2) when told so by this variable (see `prepare`); 2.38 knows nothing else.
        _ = unsafe setenv("LIBMOUNT_FORCE_MOUNT2", "always", 1)
        if Self.version.hasPrefix("2.39") { throw .unsupportedVersion(Self.version) }
        guard let new = unsafe mnt_new_context() else { throw .library(step: "mnt_new_context", code: ENOMEM) }
        unsafe context = new
        do throws(LibMountError) {
            unsafe try Self.harden(new)
        } catch {
            failure = error
        }
    }

    // A noncopyable value cannot be half made, so a setting that was refused is told by `mount`.
    private var failure: LibMountError?

    private static func harden(_ context: OpaquePointer) throws(LibMountError) {
        try check("mnt_context_set_optsmode", unsafe mnt_context_set_optsmode(context, Int32(MNT_OMODE_NOTAB)))
        try check("mnt_context_disable_canonicalize", unsafe mnt_context_disable_canonicalize(context, 1))
        try check("mnt_context_disable_swapmatch", unsafe mnt_context_disable_swapmatch(context, 1))
        try check("mnt_context_disable_helpers", unsafe mnt_context_disable_helpers(context, 1))
        try check("mnt_context_disable_mtab", unsafe mnt_context_disable_mtab(context, 1))
        try check("mnt_context_enable_rwonly_mount", unsafe mnt_context_enable_rwonly_mount(context, 1))
    }

    deinit {
        unsafe mnt_free_context(context)
    }

    /// libmount's version as it is loaded: `2.38.1`.
    public static var version: String {
        var text: UnsafePointer<CChar>?
        _ = unsafe mnt_get_library_version(&text)
        guard let text = unsafe text else { return "" }
        return unsafe String(cString: text)
    }

    /// Mounts.
    /// - Parameters:
    ///   - fstype: as the kernel knows it.
    ///   - source: as the kernel is told.
    ///   - target: the directory, open with O_PATH; nobody can put another one in its place.
    ///   - flags: MS_* bits.
    ///   - data: the file system's options as the kernel parses them, without NUL; it may hold a secret. Empty: none.
    /// - Throws: `LibMountError`; `.systemCall` where the kernel refused.
    public borrowing func mount(
        fstype: String, source: [UInt8], target: CInt, flags: UInt, data: UnsafeRawBufferPointer
    ) throws(LibMountError) {
        if let failure { throw failure }
        let context = unsafe context
        unsafe try withCString("file system type", Array(fstype.utf8)) { text throws(LibMountError) in
            try check("mnt_context_set_fstype", unsafe mnt_context_set_fstype(context, text))
        }
        unsafe try withCString("source", source) { text throws(LibMountError) in
            try check("mnt_context_set_source", unsafe mnt_context_set_source(context, text))
        }
        unsafe try withCString("target", Array("/proc/self/fd/\(target)".utf8)) { text throws(LibMountError) in
            try check("mnt_context_set_target", unsafe mnt_context_set_target(context, text))
        }
        try check("mnt_context_set_mflags", unsafe mnt_context_set_mflags(context, flags))
        unsafe try prepare(context)
        if unsafe data.contains(0) { throw .holdsNUL("mount data") }
        let terminated = UnsafeMutableRawPointer.allocate(byteCount: data.count + 1, alignment: 1)
        unsafe terminated.initializeMemory(as: UInt8.self, repeating: 0, count: data.count + 1)
        if let start = data.baseAddress { unsafe terminated.copyMemory(from: start, byteCount: data.count) }
        defer {
            unsafe explicit_bzero(terminated, data.count)
            unsafe terminated.deallocate()
        }
        try check("mnt_context_set_mountdata", unsafe mnt_context_set_mountdata(context, data.isEmpty ? nil : terminated))
        let answer = unsafe mnt_context_do_mount(context)
        if unsafe mnt_context_get_status(context) == 1 { return }
        if unsafe mnt_context_syscall_called(context) == 1 {
            let number = unsafe mnt_context_get_syscall_errno(context)
            if number != 0 { throw .systemCall(errno: number) }
        }
        throw .library(step: "mnt_context_do_mount", code: answer < 0 ? -answer : answer)
    }

    /// Lets libmount choose how it will mount. It looks at its environment only in a process that may be dumped; so this one may,
    /// until the choice is made and before the data with its secret comes into libmount's hands.
    private borrowing func prepare(_ context: OpaquePointer) throws(LibMountError) {
        let before = shareagent_set_dumpable(1)
        defer { if before >= 0 { _ = shareagent_set_dumpable(before) } }
        try check("mnt_context_prepare_mount", unsafe mnt_context_prepare_mount(context))
    }
}
