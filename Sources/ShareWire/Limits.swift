/// What this side accepts and keeps, on the channel and on the control socket. Every one is tested at the limit and one past it.
public enum Limits {
    /// The longest frame, its ending LF not counted: 1 MiB.
    public static let frameBytes = 1 << 20
    /// The longest answer's content: what a frame has besides fits into the kilobyte left.
    public static let answerBytes = frameBytes - 1024
    /// How many lists and mappings may stand inside each other.
    public static let depth = 16
    /// How many values one frame may hold, lists and mappings counted too, keys not.
    public static let values = 65_536
    /// The longest text or key in UTF-8 bytes, after escapes are undone: 64 KiB.
    public static let stringBytes = 64 << 10
    /// Numbers lie from minus this to plus this: 2^53, what a double still counts exactly.
    public static let number: Int64 = 1 << 53
    /// How much may wait to be reported to the host: 256 KiB.
    public static let queueBytes = 256 << 10
    /// The longest report: two of them, with their frames, fit into a stream's queue of `queueBytes`.
    public static let reportBytes = 120 << 10
    /// A report not acknowledged for this long ends the session, in milliseconds.
    public static let ackTimeoutMs: Int64 = 30_000
    /// The shortest time between two answers to bad frames, in milliseconds: at most one a second.
    public static let errorAnswerIntervalMs: Int64 = 1_000
    /// The first pause before an unanswered hello is sent again, in milliseconds; it doubles with every further one.
    public static let firstHelloPauseMs: Int64 = 1_000
    /// The longest pause before an unanswered hello is sent again, in milliseconds.
    public static let longestHelloPauseMs: Int64 = 30_000
    /// The pause before a host of another protocol version is asked again, in milliseconds; a host that restarts says so itself.
    public static let refusedHelloPauseMs: Int64 = 300_000
    /// How many requests of one side may wait for their answers at the same time.
    public static let pendingRequests = 64
    /// The longest request id, where it is a text, in UTF-8 bytes.
    public static let idBytes = 128
    /// A frame not ended this long after it was begun is dropped, in milliseconds.
    public static let partialFrameMs: Int64 = 30_000
    /// The mean time between two new sessions that the peer asks for, in milliseconds: ten a second, a few at once.
    public static let sessionIntervalMs: Int64 = 100
}
