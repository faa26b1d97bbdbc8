import CLinux
import Glibc

/// A process that this one need not have started, held by a pidfd: whatever is done, it is never done to another one.
public struct OtherProcess: ~Copyable {
    private let handle: OwnedDescriptor

    /// - Parameter started: when it began, in clock ticks since the machine did; another process with this number is another one.
    /// - Returns: nil where it has ended.
    public init?(_ id: Int32, started: Int64) {
        guard id > 1, let number = try? systemCall("pidfd_open", { shareagent_pidfd_open(id) }) else { return nil }
        let held = OwnedDescriptor(adopting: number)
        // Asked after it is held, so that the number cannot go to another one meanwhile.
        guard Self.start(of: id) == started else { return nil }
        // One that nobody has reaped yet has ended all the same.
        if Self.ends(held.rawValue, within: .zero) { return nil }
        handle = held
    }

    /// Becomes readable when it has ended.
    public var pidfd: CInt { handle.rawValue }

    /// Sends it a signal; one that has ended is left in peace.
    public borrowing func signal(_ signal: CInt) {
        _ = shareagent_pidfd_signal(handle.rawValue, signal)
    }

    /// Whether it ends by then.
    public borrowing func ends(within patience: Duration) -> Bool {
        Self.ends(handle.rawValue, within: patience)
    }

    private static func ends(_ pidfd: CInt, within patience: Duration) -> Bool {
        var question = pollfd(fd: pidfd, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&question, 1, CInt(clamping: patience.wholeNanoseconds / 1_000_000)) > 0
    }

    /// When a process began, in clock ticks since the machine did; nil where there is none.
    public static func start(of id: Int32) -> Int64? {
        guard let stat = try? readFile(Array("/proc/\(id)/stat".utf8), limit: 8 << 10),
            let end = stat.lastIndex(of: UInt8(ascii: ")"))
        else { return nil }
        // proc(5): the 22nd field, and the name in parentheses is the second.
        let fields = stat[(end + 1)...].split(separator: UInt8(ascii: " "))
        return fields.count > 19 ? Int64(String(decoding: fields[19], as: UTF8.self)) : nil
    }
}
