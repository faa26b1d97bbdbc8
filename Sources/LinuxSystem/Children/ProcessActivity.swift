/// What a process is doing, from the files of /proc that answer even while it is stuck in the kernel.
///
/// Never cmdline, environ, maps or cwd: they wait for locks that a stuck process may hold, or name a share's paths.
public struct ProcessActivity: Hashable, Sendable {
    /// The state letter of proc(5): `D` is uninterruptible, `Z` ended but not reaped.
    public let state: Character
    /// The kernel function it waits in, such as `request_wait_answer`; nil where it does not wait or the kernel does not tell.
    public let waitingIn: String?

    /// Made up of its parts.
    public init(state: Character, waitingIn: String?) {
        self.state = state
        self.waitingIn = waitingIn
    }

    /// Whether not even SIGKILL ends it now.
    public var isUninterruptible: Bool { state == "D" }

    /// The activity of any process; nil where there is no such process.
    public static func read(_ processID: Int32) -> ProcessActivity? {
        guard let stat = try? readFile(Array("/proc/\(processID)/stat".utf8), limit: 8 << 10),
            let state = state(inStat: stat)
        else { return nil }
        let wchan = (try? readFile(Array("/proc/\(processID)/wchan".utf8), limit: 4 << 10)) ?? []
        let symbol = String(decoding: wchan.prefix { $0 > 0x20 && $0 < 0x7F }, as: UTF8.self)
        return ProcessActivity(state: state, waitingIn: symbol.isEmpty || symbol == "0" ? nil : symbol)
    }

    /// The third field. The second is the program's name in parentheses, which may itself hold parentheses and spaces.
    static func state(inStat stat: [UInt8]) -> Character? {
        guard let end = stat.lastIndex(of: UInt8(ascii: ")")), end + 2 < stat.count, stat[end + 1] == UInt8(ascii: " ") else { return nil }
        return Character(Unicode.Scalar(stat[end + 2]))
    }
}
