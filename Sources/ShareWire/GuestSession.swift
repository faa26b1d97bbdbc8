public import ShareModel

/// The guest's end of the channel: bytes and moments in, actions out. It holds no descriptor and no clock; `now` is
/// always milliseconds of a clock that does not jump. Call `tick` at `deadline`.
///
/// A session begins with 0xFF and `agent.hello` with a fresh nonce. Until the answer that repeats the nonce, everything
/// is dropped; from then on every message carries the nonce, and one with another nonce is dropped (docs/protocol.md).
public struct GuestSession: Sendable {
    /// What the caller is to do, in this order.
    public enum Action: Equatable, Sendable {
        /// What was to be written earlier and has not gone out yet may be thrown away: a new session begins.
        case discardUnwritten
        /// Write these bytes.
        case write([UInt8])
        /// There is a session now: report the full state.
        case established(HostGreeting, nonce: Nonce)
        /// The host does not want this guest: mostly `protocol-mismatch`. It is asked again, seldom.
        case refused(RPCError)
        /// The host asks; `respond` with the address.
        case request(ReplyAddress, HostMethod, params: Value)
        /// The host tells.
        case notification(HostMethod, params: Value)
        /// The answer to a request sent with `send`; each one gets exactly one.
        case answer(RequestToken, GuestMethod, Result<Value, RPCError>)
        /// The session is over; unless the channel closed, a new one is being begun.
        case lost(LostReason)
    }

    private enum State {
        case closed
        case greeting(Nonce, nextHello: Int64, pause: Int64)
        case established(Nonce)
    }

    /// What the guest says of itself; a change is told with the next session.
    public var greeting: GuestGreeting
    /// What was counted.
    public private(set) var counters = SessionCounters()
    private let freshNonce: @Sendable () -> Nonce
    private var state = State.closed
    private var intake = FrameIntake()
    private var pending = PendingRequests<GuestMethod>()
    private var asked: Set<MessageID> = []
    private var errorAnswers = RateLimit(burst: 1, intervalMs: Limits.errorAnswerIntervalMs)
    private var restarts = RateLimit(burst: 5, intervalMs: Limits.sessionIntervalMs)

    /// A closed channel's end.
    public init(greeting: GuestGreeting, freshNonce: @escaping @Sendable () -> Nonce = Nonce.fresh) {
        self.greeting = greeting
        self.freshNonce = freshNonce
    }

    /// The nonce while a session is established.
    public var session: Nonce? {
        if case .established(let nonce) = state { nonce } else { nil }
    }

    /// The moment at which `tick` has something to do; nil when only an event can change anything.
    public var deadline: Int64? {
        let own: Int64? =
            switch state {
            case .closed: nil
            case .greeting(_, let nextHello, _): nextHello
            case .established: pending.deadline
            }
        return [own, intake.deadline].compactMap(\.self).min()
    }

    /// The channel is open: begins a session.
    public mutating func opened(now: Int64) -> [Action] {
        var actions = closed()
        begin(now: now, at: now, &actions)
        return actions
    }

    /// The channel is closed, or its other end went.
    public mutating func closed() -> [Action] {
        var actions: [Action] = []
        end(.closed, &actions)
        state = .closed
        intake = FrameIntake()
        return actions
    }

    /// Bytes came.
    public mutating func received(_ bytes: ArraySlice<UInt8>, now: Int64) -> [Action] {
        var actions: [Action] = []
        // Taken out meanwhile: the pieces are acted upon while the splitter works.
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

    /// Time passed: says hello again, gives up what waited too long.
    public mutating func tick(now: Int64) -> [Action] {
        var actions: [Action] = []
        if intake.expire(now: now) { counters.badFrames += 1 }
        switch state {
        case .closed: break
        case .greeting(let nonce, let nextHello, let pause):
            guard now >= nextHello else { break }
            state = .greeting(nonce, nextHello: now + pause, pause: min(2 * pause, Limits.longestHelloPauseMs))
            hello(nonce, &actions)
        case .established:
            guard let deadline = pending.deadline, now >= deadline else { break }
            end(.unacknowledged, &actions)
            begin(now: now, at: now, &actions)
        }
        return actions
    }

    /// Sends a request; its answer is an action of this or a later call.
    public mutating func send(_ method: GuestMethod, params: Value, now: Int64) -> (token: RequestToken, actions: [Action]) {
        let token = pending.token()
        guard case .established(let nonce) = state else { return (token, [.answer(token, method, .failure(.notConnected))]) }
        guard !pending.isFull else { return (token, [.answer(token, method, .failure(.tooManyWaiting))]) }
        let message = Message.request(id: .number(token.number), method: method.rawValue, params: params, session: nonce.text)
        guard let frame = message.frameWithinLimits else { return (token, [.answer(token, method, .failure(.tooLarge))]) }
        pending.add(token, method, deadline: now + Limits.ackTimeoutMs)
        return (token, [.write(frame)])
    }

    /// Answers a request of the host. Nothing is sent when its session is over or it was answered already.
    public mutating func respond(to address: ReplyAddress, _ result: Result<Value, RPCError>) -> [Action] {
        guard case .established(address.session) = state, asked.remove(address.id) != nil else { return [] }
        return [.write(Message.answerFrame(to: address.id, session: address.session.text, result))]
    }

    // MARK: beginning and ending

    /// - Parameter firstHello: when the first hello goes out; `now` for at once.
    private mutating func begin(now: Int64, at firstHello: Int64, _ actions: inout [Action]) {
        let nonce = freshNonce()
        if firstHello <= now {
            state = .greeting(nonce, nextHello: now + Limits.firstHelloPauseMs, pause: 2 * Limits.firstHelloPauseMs)
            hello(nonce, &actions)
        } else {
            state = .greeting(nonce, nextHello: firstHello, pause: Limits.firstHelloPauseMs)
        }
    }

    /// The host asks for a new session. However often it does, hellos stay apart.
    private mutating func restart(now: Int64, _ actions: inout [Action]) {
        let allowed = restarts.allows(now: now)
        let soon = now + Limits.sessionIntervalMs
        if case .greeting(let nonce, let nextHello, let pause) = state, !allowed {
            state = .greeting(nonce, nextHello: min(nextHello, soon), pause: pause)
            return
        }
        end(.peerRestarted, &actions)
        begin(now: now, at: allowed ? now : soon, &actions)
    }

    private mutating func end(_ reason: LostReason, _ actions: inout [Action]) {
        guard case .established = state else { return }
        asked = []
        for (token, method) in pending.takeAll() { actions.append(.answer(token, method, .failure(.sessionEnded))) }
        actions.append(.lost(reason))
    }

    private func hello(_ nonce: Nonce, _ actions: inout [Action]) {
        // The nonce is the id as well, so that an error, which repeats no nonce, cannot be one for an earlier hello.
        let message = Message.request(id: .text(nonce.text), method: GuestMethod.agentHello.rawValue, params: greeting.params(nonce: nonce))
        actions += [.discardUnwritten, .write([0xFF] + message.frame)]
    }

    // MARK: receiving

    private mutating func receive(_ piece: FrameSplitter.Piece, now: Int64, _ actions: inout [Action]) {
        if case .closed = state { return }
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
        if case .notification(HostMethod.hostSync.rawValue, _, _) = message {
            counters.acceptedFrames += 1
            restart(now: now, &actions)
            return
        }
        switch state {
        case .closed: break
        case .greeting(let nonce, _, _): receiveAnswer(to: nonce, message, now: now, &actions)
        case .established(let nonce):
            guard let session = message.session, session.hasSameBytes(as: nonce.text) else {
                counters.foreignSession += 1
                return
            }
            receive(message, in: nonce, now: now, &actions)
        }
    }

    private mutating func receiveAnswer(to nonce: Nonce, _ message: Message, now: Int64, _ actions: inout [Action]) {
        switch message {
        case .response(.text(nonce.text), let result, _):
            guard let repeated = result["nonce"]?.text, repeated.hasSameBytes(as: nonce.text) else { break }
            guard let version = result["protocol"]?.text.flatMap(ProtocolVersion.init), ProtocolVersion.understands(version) else {
                refused(.mismatch(result["protocol"]?.text), nonce, now: now, &actions)
                return
            }
            guard let host = try? HostGreeting(result) else {
                counters.badFrames += 1
                return
            }
            counters.acceptedFrames += 1
            counters.sessions += 1
            state = .established(nonce)
            actions.append(.established(host, nonce: nonce))
            return
        case .failure(.text(nonce.text), let error, _):
            refused(error, nonce, now: now, &actions)
            return
        default: break
        }
        counters.droppedFrames += 1
    }

    private mutating func refused(_ error: RPCError, _ nonce: Nonce, now: Int64, _ actions: inout [Action]) {
        counters.acceptedFrames += 1
        let pause = error.causeText == CauseCode.protocolMismatch.rawValue ? Limits.refusedHelloPauseMs : Limits.longestHelloPauseMs
        state = .greeting(nonce, nextHello: now + pause, pause: Limits.longestHelloPauseMs)
        actions.append(.refused(error))
    }

    private mutating func receive(_ message: Message, in nonce: Nonce, now: Int64, _ actions: inout [Action]) {
        switch message {
        case .request(let id, let method, let params, _):
            guard let method = HostMethod(rawValue: method), !method.isNotification else {
                refuse(id, .unknown(method), now: now, &actions)
                return
            }
            guard asked.count < Limits.pendingRequests, asked.insert(id).inserted else {
                refuse(id, .tooManyAsked, now: now, &actions)
                return
            }
            actions.append(.request(ReplyAddress(id: id, session: nonce), method, params: params))
        case .notification(let method, let params, _):
            guard let method = HostMethod(rawValue: method), method.isNotification else {
                counters.droppedFrames += 1
                return
            }
            actions.append(.notification(method, params: params))
        case .response(let id, let result, _):
            guard let (token, method) = pending.take(id) else {
                counters.droppedFrames += 1
                return
            }
            actions.append(.answer(token, method, .success(result)))
        case .failure(let id, let error, _):
            guard let id, let (token, method) = pending.take(id) else {
                counters.droppedFrames += 1
                return
            }
            actions.append(.answer(token, method, .failure(error)))
        }
        counters.acceptedFrames += 1
    }

    /// Counts what cannot be accepted, and says so to a host with which there is a session, at most once a second.
    private mutating func refuse(_ id: MessageID?, _ error: RPCError, now: Int64, _ actions: inout [Action]) {
        counters.badFrames += 1
        guard case .established(let nonce) = state else { return }
        guard errorAnswers.allows(now: now) else {
            counters.withheldAnswers += 1
            return
        }
        actions.append(.write(Message.failure(id: id, error: error, session: nonce.text).frame))
    }
}
