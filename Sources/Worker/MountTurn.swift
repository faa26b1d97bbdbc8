import Glibc
import LinuxSystem

/// A turn among the workers that mount the same kind of file system, so that the kernel's log lines between its beginning and its
/// end are one mount's. It spans the call of mount(2) and nothing else, and it is not waited for without end: a mount that hangs in
/// the kernel keeps its turn, and then others mount beside it and both know that nameless lines may be the other's.
struct MountTurn: ~Copyable {
    /// How long a turn is waited for. Mounting from a server that answers takes a tenth of a second.
    static let patience = Duration.seconds(6)
    /// Between two looks.
    private static let pause = Duration.milliseconds(10)

    private let turn: OwnedDescriptor
    /// Held, shared, by whoever mounts without having got a turn, and written to when that one is done.
    private let disturbance: OwnedDescriptor
    private let hasTurn: Bool
    private let disturbancesBefore: Int64

    /// Waits for a turn; nil where there can be none, because nothing can be written below `folder`.
    /// - Parameter folder: where the locks lie; it is made where it is missing.
    init?(of fstype: String, in folder: String = "/run/shareagent", within patience: Duration = patience) {
        _ = unsafe mkdir(folder, 0o755)
        let turn = Self.open("\(folder)/.turn-\(fstype)")
        guard turn >= 0 else { return nil }
        let disturbance = Self.open("\(folder)/.disturbed-\(fstype)")
        guard disturbance >= 0 else {
            _ = close(turn)
            return nil
        }
        let deadline = MonotonicTime.now() + patience
        var got = Self.lock(turn, LOCK_EX)
        while !got, MonotonicTime.now() < deadline {
            letTimePass(Self.pause)
            got = Self.lock(turn, LOCK_EX)
        }
        if !got { _ = Self.lock(disturbance, LOCK_SH) }
        hasTurn = got
        disturbancesBefore = Self.size(disturbance)
        self.turn = OwnedDescriptor(adopting: turn)
        self.disturbance = OwnedDescriptor(adopting: disturbance)
    }

    deinit {
        // The size only grows, a byte a disturbance: whoever had a turn meanwhile sees it.
        if !hasTurn { try? writeAll(disturbance.rawValue, [0]) }
    }

    /// Whether nobody has mounted beside this one so far.
    borrowing func isUndisturbed() -> Bool {
        let number = disturbance.rawValue
        guard hasTurn, Self.size(number) == disturbancesBefore, Self.lock(number, LOCK_EX) else { return false }
        return Self.lock(number, LOCK_UN)
    }

    private static func open(_ path: String) -> CInt {
        unsafe Glibc.open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
    }

    private static func lock(_ number: CInt, _ how: CInt) -> Bool { flock(number, how | LOCK_NB) == 0 }

    private static func size(_ number: CInt) -> Int64 {
        var answer = stat()
        return unsafe fstat(number, &answer) == 0 ? Int64(answer.st_size) : 0
    }
}
