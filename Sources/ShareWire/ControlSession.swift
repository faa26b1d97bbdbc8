public import ShareModel

/// The agent's end of one connection to its control socket: the channel's frames and messages without hello and session,
/// for a Unix socket has connections of its own. `now` is milliseconds of a clock that does not jump.
public struct ControlSession: Sendable {
    /// What the caller is to do, in this order.
    public enum Action: Equatable, Sendable {
        /// Write these bytes.
        case write([UInt8])
        /// The program asks; `respond` with the id. Whether it may is for the caller to say (`ControlMethod.changes`).
        case request(MessageID, ControlMethod, params: Value)
    }

    /// What was counted.
    public private(set) var counters = SessionCounters()
    private var intake = FrameIntake()
    private var asked: Set<MessageID> = []
    private var errorAnswers = RateLimit(burst: 1, intervalMs: Limits.errorAnswerIntervalMs)

    /// A fresh connection.
    public init() {}

    /// The moment at which `tick` has something to do; nil when only an event can change anything.
    public var deadline: Int64? { intake.deadline }

    /// Whether a request still waits for its answer.
    public var isWaiting: Bool { !asked.isEmpty }

    /// Bytes came.
    public mutating func received(_ bytes: ArraySlice<UInt8>, now: Int64) -> [Action] {
        var actions: [Action] = []
        var intake = FrameIntake()
        swap(&intake, &self.intake)
        intake.take(bytes, now: now) { receive($0, now: now, &actions) }
        swap(&intake, &self.intake)
        return actions
    }

    /// Bytes came.
    public mutating func received(_ bytes: [UInt8], now: Int64) -> [Action] {
        received(bytes[...], now: now)
    }

    /// Time passed: gives up a frame that does not end.
    public mutating func tick(now: Int64) {
        if intake.expire(now: now) { counters.badFrames += 1 }
    }

    /// The answer to a request; no bytes where it was answered already.
    public mutating func respond(to id: MessageID, _ result: Result<Value, RPCError>) -> [UInt8] {
        guard asked.remove(id) != nil else { return [] }
        return Message.answerFrame(to: id, session: nil, result)
    }

    private mutating func receive(_ piece: FrameSplitter.Piece, now: Int64, _ actions: inout [Action]) {
        switch piece {
        case .reset: break
        case .oversized: refuse(nil, RPCError.oversized, now: now, &actions)
        case .frame(let frame):
            do throws(MessageProblem) {
                receive(try Message(frame: frame), now: now, &actions)
            } catch {
                refuse(error.answering, error.error, now: now, &actions)
            }
        }
    }

    private mutating func receive(_ message: Message, now: Int64, _ actions: inout [Action]) {
        guard case .request(let id, let name, let params, _) = message else {
            counters.droppedFrames += 1
            return
        }
        guard let method = ControlMethod(rawValue: name) else { return refuse(id, .unknown(name), now: now, &actions) }
        guard asked.count < Limits.pendingRequests, asked.insert(id).inserted else {
            return refuse(id, .tooManyAsked, now: now, &actions)
        }
        counters.acceptedFrames += 1
        actions.append(.request(id, method, params: params))
    }

    private mutating func refuse(_ id: MessageID?, _ error: RPCError, now: Int64, _ actions: inout [Action]) {
        counters.badFrames += 1
        guard errorAnswers.allows(now: now) else {
            counters.withheldAnswers += 1
            return
        }
        actions.append(.write(Message.failure(id: id, error: error).frame))
    }
}
