import ShareModel
import ShareWire

/// Plays a host of the input's making to a guest's session, and holds the session to its promises.
@c(LLVMFuzzerTestOneInput)
public func fuzzGuestSession(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    var play = Play(script: Array(UnsafeBufferPointer(start: start, count: count)))
    play.run()
    return 0
}

private struct Play {
    private var script: ArraySlice<UInt8>
    private var now: Int64 = 0
    private var guest = GuestSession(
        greeting: GuestGreeting(hostname: "h", machineID: "m", bootID: "b", kernel: "k", os: "o", architecture: "a"),
        freshNonce: Nonce.fresh)
    private var hello: Nonce?
    private var asked: Set<RequestToken> = []
    private var addresses: [ReplyAddress] = []
    private var session: Nonce?
    private var errorAnswers: [Int64] = []
    private var splitter = FrameSplitter()

    init(script: [UInt8]) {
        self.script = script[...]
    }

    private mutating func draw() -> Int {
        Int(script.popFirst() ?? 0)
    }

    mutating func run() {
        while let verb = script.popFirst() {
            switch verb % 10 {
            case 0: perform(guest.opened(now: now))
            case 1: perform(guest.closed())
            case 2:
                let count = min(draw(), script.count)
                let bytes = script.prefix(count)
                script.removeFirst(count)
                perform(guest.received(bytes, now: now))
            case 3: answerHello()
            case 4: receive(.notification(method: "host.sync", params: .object([])))
            case 5: receive(.request(id: .number(Int64(draw())), method: "share.attach", params: .object([]), session: session?.text))
            case 6:
                let (token, actions) = guest.send(.healthReport, params: .object([]), now: now)
                precondition(asked.insert(token).inserted, "a token twice")
                perform(actions)
            case 7: receive(.response(id: .number(Int64(draw())), result: .null, session: session?.text))
            case 8:
                if let address = addresses.popLast() { perform(guest.respond(to: address, .success(.null))) }
            default:
                now += Int64(draw()) * Int64(draw())
                perform(guest.tick(now: now))
                if let deadline = guest.deadline { precondition(deadline > now, "what was due was not done") }
            }
            precondition(guest.session == session, "the actions did not tell")
        }
        perform(guest.closed())
        precondition(asked.isEmpty, "a request was never answered")
    }

    private mutating func answerHello() {
        guard let hello else { return }
        let result = HostGreeting(name: "n", id: "i").result(nonce: hello)
        receive(.response(id: .text(hello.text), result: result))
    }

    private mutating func receive(_ message: Message) {
        perform(guest.received(message.frame, now: now))
    }

    private mutating func perform(_ actions: [GuestSession.Action]) {
        for action in actions {
            switch action {
            case .discardUnwritten: splitter = FrameSplitter()
            case .write(let bytes): written(bytes)
            case .established(_, let nonce):
                precondition(nonce == hello, "a session nobody asked for")
                session = nonce
            case .refused: precondition(session == nil)
            case .request(let address, let method, _):
                precondition(session != nil && !method.isNotification)
                addresses.append(address)
            case .notification(let method, _): precondition(session != nil && method == .sharesChanged)
            case .answer(let token, _, _): precondition(asked.remove(token) != nil, "an answer to nothing")
            case .lost:
                precondition(session != nil)
                session = nil
            }
        }
    }

    private mutating func written(_ bytes: [UInt8]) {
        for piece in splitter.push(bytes) {
            switch piece {
            case .reset: break
            case .oversized: preconditionFailure("a frame too long")
            case .frame(let frame):
                guard let message = try? Message(frame: frame) else { preconditionFailure("own writing is refused") }
                switch message {
                case .request(.text(let id), "agent.hello", _, nil): hello = Nonce(id)
                case .failure(_, let error, _):
                    guard error.code != RPCError.internalError else { break }
                    if let last = errorAnswers.last { precondition(now - last >= Limits.errorAnswerIntervalMs, "a storm of errors") }
                    errorAnswers.append(now)
                case .request, .notification, .response:
                    precondition(message.session != nil)
                }
            }
        }
    }
}
