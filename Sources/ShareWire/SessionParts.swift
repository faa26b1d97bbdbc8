internal import ShareModel

/// Names one request that was sent, until its answer is handed out. Never used twice by one session value.
public struct RequestToken: Hashable, Sendable {
    let number: Int64
}

/// Where the answer to a received request goes: the request's id in the session in which it was asked. An answer that
/// comes after the session ended is dropped, for the id may mean another request by then.
public struct ReplyAddress: Hashable, Sendable {
    let id: MessageID
    let session: Nonce
}

/// Why a session that had been established is one no more.
public enum LostReason: String, Sendable, CaseIterable {
    /// The channel closed.
    case closed
    /// The other side began anew.
    case peerRestarted = "peer-restarted"
    /// A request stayed without its answer for `Limits.ackTimeoutMs`.
    case unacknowledged
}

/// What a session counted since it was made, over all its sessions.
public struct SessionCounters: Equatable, Sendable {
    /// Frames that said something and were acted upon.
    public internal(set) var acceptedFrames = 0
    /// Frames that were no message: bad JSON, oversized, abandoned half way, no JSON-RPC.
    public internal(set) var badFrames = 0
    /// Messages of another session than the present one.
    public internal(set) var foreignSession = 0
    /// Messages that came while no session was established, and answers nobody waits for.
    public internal(set) var droppedFrames = 0
    /// Error answers that were due and not sent, to keep to one a second.
    public internal(set) var withheldAnswers = 0
    /// Sessions established.
    public internal(set) var sessions = 0

    /// Nothing counted yet.
    public init() {}
}

/// Lets something happen `burst` times at once and then once an interval. All times in milliseconds.
struct RateLimit: Sendable {
    private let interval: Int64
    private let burst: Int64
    // The moment at which the whole burst is available again.
    private var full = Int64.min

    init(burst: Int64, intervalMs: Int64) {
        self.burst = burst
        interval = intervalMs
    }

    mutating func allows(now: Int64) -> Bool {
        let next = max(full, now) + interval
        guard next - now <= burst * interval else { return false }
        full = next
        return true
    }
}

/// The frame splitter with the age of what it holds, so that a frame that never ends is given up.
struct FrameIntake: Sendable {
    private var splitter = FrameSplitter()
    private var begun: Int64?

    /// When the unfinished frame is to be given up; nil without one.
    var deadline: Int64? { begun.map { $0 + Limits.partialFrameMs } }

    mutating func take(_ bytes: ArraySlice<UInt8>, now: Int64, piece: (FrameSplitter.Piece) -> Void) {
        var began = begun == nil
        splitter.push(bytes) {
            began = true
            piece($0)
        }
        if splitter.pendingCount == 0 { begun = nil } else if began { begun = now }
    }

    /// Gives up a frame that is too old; whether there was one.
    mutating func expire(now: Int64) -> Bool {
        guard let deadline, now >= deadline else { return false }
        splitter.skipLine()
        begun = nil
        return true
    }
}

/// The requests of one side that wait for their answers.
struct PendingRequests<Method: Sendable>: Sendable {
    private struct Entry: Sendable {
        let method: Method
        let deadline: Int64
    }

    private var entries: [Int64: Entry] = [:]
    private var last: Int64 = 0

    var isFull: Bool { entries.count >= Limits.pendingRequests }
    var deadline: Int64? { entries.values.lazy.map(\.deadline).min() }

    /// A token that waits for nothing: its request was refused at once.
    mutating func token() -> RequestToken {
        last += 1
        return RequestToken(number: last)
    }

    mutating func add(_ token: RequestToken, _ method: Method, deadline: Int64) {
        entries[token.number] = Entry(method: method, deadline: deadline)
    }

    /// Takes out the request an answer belongs to.
    mutating func take(_ id: MessageID) -> (token: RequestToken, method: Method)? {
        guard case .number(let number) = id, let entry = entries.removeValue(forKey: number) else { return nil }
        return (RequestToken(number: number), entry.method)
    }

    /// Takes out all whose deadline has come, in the order in which they were sent.
    mutating func takeExpired(now: Int64) -> [(token: RequestToken, method: Method)] {
        takeAll { $0.deadline <= now }
    }

    /// Takes out all, in the order in which they were sent.
    mutating func takeAll() -> [(token: RequestToken, method: Method)] {
        takeAll { _ in true }
    }

    private mutating func takeAll(where condition: (Entry) -> Bool) -> [(token: RequestToken, method: Method)] {
        let taken = entries.filter { condition($0.value) }
        for number in taken.keys { entries[number] = nil }
        return taken.sorted { $0.key < $1.key }.map { (RequestToken(number: $0.key), $0.value.method) }
    }
}

extension RPCError {
    static let sessionEnded = RPCError(code: noSession, message: "the session ended before the answer came")
    static let notConnected = RPCError(code: noSession, message: "there is no session with the other side")
    static let tooManyWaiting = RPCError(code: busy, message: "\(Limits.pendingRequests) requests wait for their answers already")
    static let late = RPCError(code: timeout, message: "the answer did not come in time")
    static let oversized = RPCError(code: parseError, message: "the frame is longer than 1 MiB")
    static let tooManyAsked = RPCError(
        code: busy, message: "the id is in use, or \(Limits.pendingRequests) requests wait for their answers already")
    static let tooLarge = RPCError(code: unsendable, message: "the message would pass a limit of the frame")
}

extension RPCError {
    static func unknown(_ method: String, among methods: [String] = []) -> RPCError {
        let list = methods.isEmpty ? "" : "; there are: \(methods.joined(separator: ", "))"
        return RPCError(code: methodNotFound, message: "there is no request '\(String(method.prefix(64)).printable)'\(list)")
    }

    /// The answer to a hello of another major version, with the versions this build speaks.
    static func mismatch(_ version: String?) -> RPCError {
        RPCError(
            code: protocolMismatch,
            message: "protocol \((version ?? "without a version").printable) is not spoken here, only \(ProtocolVersion.current)",
            data: .object([
                "cause": .string(CauseCode.protocolMismatch.rawValue), "supported": .array([.string(ProtocolVersion.current.description)]),
            ]))
    }
}

extension Message {
    /// The frame, where no limit of the receiver refuses it.
    var frameWithinLimits: [UInt8]? {
        StrictJSON.bytesWithinLimits(of: value).map { $0 + [0x0A] }
    }

    /// The frame of an answer; where it passes a limit, of the error that says so.
    static func answerFrame(to id: MessageID, session: String?, _ result: Result<Value, RPCError>) -> [UInt8] {
        let answer: Message
        switch result {
        case .success(let value): answer = .response(id: id, result: value, session: session)
        case .failure(let error): answer = .failure(id: id, error: error, session: session)
        }
        if let frame = answer.frameWithinLimits { return frame }
        let error = RPCError(code: RPCError.internalError, message: "the answer would pass a limit of the frame")
        return Message.failure(id: id, error: error, session: session).frame
    }
}
