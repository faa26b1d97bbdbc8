public import ShareModel

/// The host's end of one guest's channel: bytes and moments in, actions out. It holds no descriptor and no clock; `now` is
/// always milliseconds of a clock that does not jump. Call `tick` at `deadline`.
///
/// The host says `host.sync` when it connects and answers each `agent.hello`; the guest's newest hello is the session.
public struct HostSession: Sendable {
    /// What the caller is to do, in this order.
    public enum Action: Equatable, Sendable {
        /// What was to be written earlier and has not gone out yet may be thrown away: a new session begins.
        case discardUnwritten
        /// Write these bytes.
        case write([UInt8])
        /// There is a session now.
        case hello(GuestGreeting, nonce: Nonce)
        /// A guest of another protocol version asked, and was told so.
        case refused(RPCError)
        /// The guest asks; `respond` with the address.
        case request(ReplyAddress, GuestMethod, params: Value)
        /// The answer to a request sent with `send`; each one gets exactly one.
        case answer(RequestToken, HostMethod, Result<Value, RPCError>)
        /// The session is over.
        case lost(LostReason)
    }

    private enum State {
        case closed
        case waiting
        case established(Nonce)
    }

    /// What the host says of itself; a change is told with the next session.
    public var greeting: HostGreeting
    /// What was counted.
    public private(set) var counters = SessionCounters()
    private var state = State.closed
    private var intake = FrameIntake()
    private var pending = PendingRequests<HostMethod>()
    private var asked: Set<MessageID> = []
    private var errorAnswers = RateLimit(burst: 1, intervalMs: Limits.errorAnswerIntervalMs)
    private var hellos = RateLimit(burst: 10, intervalMs: Limits.sessionIntervalMs)
    private var resyncs = RateLimit(burst: 1, intervalMs: Limits.errorAnswerIntervalMs)

    /// A closed channel's end.
    public init(greeting: HostGreeting) {
        self.greeting = greeting
    }

    /// The nonce while a session is established.
    public var session: Nonce? {
        if case .established(let nonce) = state { nonce } else { nil }
    }

    /// The moment at which `tick` has something to do; nil when only an event can change anything.
    public var deadline: Int64? {
        [pending.deadline, intake.deadline].compactMap(\.self).min()
    }

    /// The channel is open: asks the guest for a session.
    public mutating func opened(now: Int64) -> [Action] {
        var actions = closed()
        state = .waiting
        _ = resyncs.allows(now: now)
        sync(&actions)
        return actions
    }

    /// The channel is closed.
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

    /// Time passed: gives up what waited too long.
    public mutating func tick(now: Int64) -> [Action] {
        if intake.expire(now: now) { counters.badFrames += 1 }
        return pending.takeExpired(now: now).map { .answer($0.token, $0.method, .failure(.late)) }
    }

    /// Sends a request; its answer, or the word that none came in time, is an action of this or a later call.
    public mutating func send(
        _ method: HostMethod, params: Value, timeoutMs: Int64, now: Int64
    ) -> (token: RequestToken, actions: [Action]) {
        let token = pending.token()
        guard case .established(let nonce) = state else { return (token, [.answer(token, method, .failure(.notConnected))]) }
        guard !pending.isFull else { return (token, [.answer(token, method, .failure(.tooManyWaiting))]) }
        let message = Message.request(id: .number(token.number), method: method.rawValue, params: params, session: nonce.text)
        guard let frame = message.frameWithinLimits else { return (token, [.answer(token, method, .failure(.tooLarge))]) }
        pending.add(token, method, deadline: now + timeoutMs)
        return (token, [.write(frame)])
    }

    /// Tells the guest something, where there is a session: without one, the new session's list tells it anyway.
    public mutating func notify(_ method: HostMethod, params: Value) -> [Action] {
        guard case .established(let nonce) = state else { return [] }
        return [.write(Message.notification(method: method.rawValue, params: params, session: nonce.text).frame)]
    }

    /// Answers a request of the guest. Nothing is sent when its session is over or it was answered already.
    public mutating func respond(to address: ReplyAddress, _ result: Result<Value, RPCError>) -> [Action] {
        guard case .established(address.session) = state, asked.remove(address.id) != nil else { return [] }
        return [.write(Message.answerFrame(to: address.id, session: address.session.text, result))]
    }

    // MARK: beginning and ending

    private func sync(_ actions: inout [Action]) {
        let message = Message.notification(method: HostMethod.hostSync.rawValue, params: .object([]))
        actions += [.discardUnwritten, .write([0xFF] + message.frame)]
    }

    private mutating func end(_ reason: LostReason, _ actions: inout [Action]) {
        guard case .established = state else { return }
        asked = []
        for (token, method) in pending.takeAll() { actions.append(.answer(token, method, .failure(.sessionEnded))) }
        actions.append(.lost(reason))
    }

    private mutating func hello(_ id: MessageID, _ params: Value, now: Int64, _ actions: inout [Action]) {
        guard hellos.allows(now: now) else {
            counters.droppedFrames += 1
            return
        }
        guard let nonce = params["nonce"]?.text.flatMap(Nonce.init) else {
            refuse(
                id, RPCError(code: RPCError.invalidParams, message: "'nonce' must be 32 lower-case hexadecimal digits"), now: now, &actions)
            return
        }
        guard let version = params["protocol"]?.text.flatMap(ProtocolVersion.init), ProtocolVersion.understands(version) else {
            counters.acceptedFrames += 1
            let error = RPCError.mismatch(params["protocol"]?.text)
            end(.peerRestarted, &actions)
            state = .waiting
            actions += [.write(Message.failure(id: id, error: error, session: nonce.text).frame), .refused(error)]
            return
        }
        let guest: GuestGreeting
        do throws(FieldProblem) {
            guest = try GuestGreeting(params)
        } catch {
            refuse(id, RPCError(error), now: now, &actions)
            return
        }
        counters.acceptedFrames += 1
        let answer = Message.response(id: id, result: greeting.result(nonce: nonce), session: nonce.text)
        if case .established(nonce) = state {
            // The guest asked again before the answer reached it; the session is the same.
            actions.append(.write(answer.frame))
            return
        }
        end(.peerRestarted, &actions)
        state = .established(nonce)
        counters.sessions += 1
        // What is thrown away may end in the middle of a frame, hence the 0xFF.
        actions += [.discardUnwritten, .write([0xFF] + answer.frame), .hello(guest, nonce: nonce)]
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
        if case .request(let id, GuestMethod.agentHello.rawValue, let params, _) = message {
            hello(id, params, now: now, &actions)
            return
        }
        switch state {
        case .closed: break
        case .waiting:
            counters.droppedFrames += 1
            // The guest believes in a session that this host knows nothing of: our sync was lost on the way.
            if message.session != nil, resyncs.allows(now: now) { sync(&actions) }
        case .established(let nonce):
            guard let session = message.session, session.hasSameBytes(as: nonce.text) else {
                counters.foreignSession += 1
                return
            }
            receive(message, in: nonce, now: now, &actions)
        }
    }

    private mutating func receive(_ message: Message, in nonce: Nonce, now: Int64, _ actions: inout [Action]) {
        switch message {
        case .request(let id, let method, let params, _):
            guard let method = GuestMethod(rawValue: method) else {
                refuse(id, .unknown(method), now: now, &actions)
                return
            }
            guard asked.count < Limits.pendingRequests, asked.insert(id).inserted else {
                refuse(id, .tooManyAsked, now: now, &actions)
                return
            }
            actions.append(.request(ReplyAddress(id: id, session: nonce), method, params: params))
        case .notification:
            // Version 1.0 has none in this direction.
            counters.droppedFrames += 1
            return
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

    /// Counts what cannot be accepted, and says so, at most once a second, to a guest with which there is a session
    /// or whose request could be read.
    private mutating func refuse(_ id: MessageID?, _ error: RPCError, now: Int64, _ actions: inout [Action]) {
        counters.badFrames += 1
        guard session != nil || id != nil else { return }
        guard errorAnswers.allows(now: now) else {
            counters.withheldAnswers += 1
            return
        }
        actions.append(.write(Message.failure(id: id, error: error, session: session?.text).frame))
    }
}
