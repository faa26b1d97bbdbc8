import CLinux
import Glibc

/// posix_spawn's two opaque records, destroyed with their owner.
@safe struct SpawnRecipe: ~Copyable {
    private var actions = unsafe posix_spawn_file_actions_t()
    private var attributes = posix_spawnattr_t()

    init() throws(SystemCallError) {
        try spawnCall("posix_spawn_file_actions_init", unsafe posix_spawn_file_actions_init(&actions))
        try spawnCall("posix_spawnattr_init", unsafe posix_spawnattr_init(&attributes))
        var none = sigset_t()
        unsafe sigemptyset(&none)
        var all = sigset_t()
        unsafe sigfillset(&all)
        try spawnCall("posix_spawnattr_setsigmask", unsafe posix_spawnattr_setsigmask(&attributes, &none))
        try spawnCall("posix_spawnattr_setsigdefault", unsafe posix_spawnattr_setsigdefault(&attributes, &all))
        try spawnCall("posix_spawnattr_setpgroup", unsafe posix_spawnattr_setpgroup(&attributes, 0))
        let flags = Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF)
        try spawnCall("posix_spawnattr_setflags", unsafe posix_spawnattr_setflags(&attributes, flags))
    }

    deinit {
        var actions = unsafe actions
        var attributes = attributes
        _ = unsafe posix_spawn_file_actions_destroy(&actions)
        _ = unsafe posix_spawnattr_destroy(&attributes)
    }

    mutating func map(_ source: CInt, to number: CInt) throws(SystemCallError) {
        try spawnCall("posix_spawn_file_actions_adddup2", unsafe posix_spawn_file_actions_adddup2(&actions, source, number))
    }

    mutating func openNull(as number: CInt, _ flags: CInt) throws(SystemCallError) {
        try spawnCall(
            "posix_spawn_file_actions_addopen", unsafe posix_spawn_file_actions_addopen(&actions, number, "/dev/null", flags, 0))
    }

    mutating func closeAll(from first: CInt) throws(SystemCallError) {
        try spawnCall("posix_spawn_file_actions_addclosefrom_np", unsafe shareagent_spawn_close_from(&actions, first))
    }

    mutating func spawn(
        _ executable: [UInt8], arguments: [[UInt8]], environment: [[UInt8]]
    ) throws(SystemCallError) -> Int32 {
        for text in [executable] + arguments + environment where text.contains(0) {
            throw SystemCallError(call: "posix_spawn", errno: EINVAL, path: executable)
        }
        var id: pid_t = 0
        let path = executable + [0]
        let number = unsafe withStringVector(arguments) { argv in
            unsafe withStringVector(environment) { envp in
                unsafe path.withUnsafeBytes { bytes in
                    let name = unsafe bytes.assumingMemoryBound(to: CChar.self).baseAddress.unsafelyUnwrapped
                    return unsafe posix_spawn(&id, name, &actions, &attributes, argv, envp)
                }
            }
        }
        if number != 0 { throw SystemCallError(call: "posix_spawn", errno: number, path: executable) }
        return id
    }

    /// The posix_spawn family answers with the errno instead of setting it.
    private func spawnCall(_ name: String, _ number: CInt) throws(SystemCallError) {
        if number != 0 { throw SystemCallError(call: name, errno: number) }
    }
}

/// Lends a NULL-ended vector of C strings that all lie in one buffer.
private func withStringVector<Answer>(
    _ strings: [[UInt8]], _ body: ([UnsafeMutablePointer<CChar>?]) -> Answer
) -> Answer {
    var joined: [UInt8] = []
    var offsets: [Int] = []
    for string in strings {
        offsets.append(joined.count)
        joined += string
        joined.append(0)
    }
    joined.append(0)
    return unsafe joined.withUnsafeMutableBytes { bytes in
        let start = unsafe bytes.assumingMemoryBound(to: CChar.self).baseAddress.unsafelyUnwrapped
        return unsafe body(offsets.map { unsafe start + $0 } + [nil])
    }
}
