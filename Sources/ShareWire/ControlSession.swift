public import ShareModel

/// A server's end of one connection to a control socket, the agent's or sharehost's: the channel's frames and messages without hello
/// and session, for a Unix socket has connections of its own. `Method` is the table of what may be asked.
public struct ControlSession<Method>: Sendable
where Method: RawRepresentable & CaseIterable & Equatable & Sendable, Method.RawValue == String {
    /// What the caller is to do, in this order.
    public enum Action: Equatable, Sendable {
        /// Write these bytes.
        case write([UInt8])
        /// The program asks; `respond` with the id. Whether it may is for the caller to say.
        case request(MessageID, Method, params: Value)
    }

    /// What was counted.
    public private(set) var counters = SessionCounters()
    private var splitter = FrameSplitter()
    private var asked: Set<MessageID> = []
    private var errorAnswers = RateLimit(burst: 1, intervalMs: Limits.errorAnswerIntervalMs)

    /// A fresh connection.
    public init() {}

    /// Whether a request still waits for its answer.
    public var isWaiting: Bool { !asked.isEmpty }

    /// Bytes came.
    /// - Parameter now: milliseconds of a clock that does not jump.
    public mutating func received(_ bytes: ArraySlice<UInt8>, now: Int64) -> [Action] {
        var actions: [Action] = []
        // Taken out meanwhile: the pieces are acted upon while the splitter works.
        var splitter = FrameSplitter()
        swap(&splitter, &self.splitter)
        splitter.push(bytes) { receive($0, now: now, &actions) }
        swap(&splitter, &self.splitter)
        return actions
    }

    /// Bytes came.
    public mutating func received(_ bytes: [UInt8], now: Int64) -> [Action] {
        received(bytes[...], now: now)
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
        guard let method = Method(rawValue: name) else {
            return refuse(id, .unknown(name, among: Method.allCases.map(\.rawValue)), now: now, &actions)
        }
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
