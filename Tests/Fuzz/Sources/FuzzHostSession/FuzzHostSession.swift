import ShareModel
import ShareWire

/// Plays a guest of the input's making to a host's session, and holds the session to its promises.
@c(LLVMFuzzerTestOneInput)
public func fuzzHostSession(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    var script = Array(UnsafeBufferPointer(start: start, count: count))[...]
    var now: Int64 = 0
    var host = HostSession(greeting: HostGreeting(name: "n", id: "i"))
    let guest = GuestGreeting(hostname: "h", machineID: "m", bootID: "b", kernel: "k", os: "o", architecture: "a")
    let nonces = (0..<4).map { Nonce(String(repeating: "0", count: 31) + String($0)) ?? .fresh() }
    var session: Nonce?
    var asked: Set<RequestToken> = []
    var addresses: [ReplyAddress] = []

    func draw() -> Int { Int(script.popFirst() ?? 0) }

    func perform(_ actions: [HostSession.Action]) {
        for action in actions {
            switch action {
            case .discardUnwritten: break
            case .write(let bytes):
                var splitter = FrameSplitter()
                for case .frame(let frame) in splitter.push(bytes) {
                    precondition((try? Message(frame: frame)) != nil, "own writing is refused")
                }
            case .hello(_, let nonce): session = nonce
            case .refused: precondition(session == nil)
            case .request(let address, let method, _):
                precondition(session != nil && method != .agentHello)
                addresses.append(address)
            case .answer(let token, _, _): precondition(asked.remove(token) != nil, "an answer to nothing")
            case .lost:
                precondition(session != nil)
                session = nil
            }
        }
    }

    while let verb = script.popFirst() {
        switch verb % 9 {
        case 0: perform(host.opened(now: now))
        case 1: perform(host.closed())
        case 2:
            let count = min(draw(), script.count)
            let bytes = script.prefix(count)
            script.removeFirst(count)
            perform(host.received(bytes, now: now))
        case 3:
            let nonce = nonces[draw() % 4]
            let version = ProtocolVersion(major: 1 + draw() % 2, minor: draw())
            let hello = Message.request(id: .text(nonce.text), method: "agent.hello", params: guest.params(version: version, nonce: nonce))
            perform(host.received([0xFF] + hello.frame, now: now))
        case 4:
            let report = Message.request(
                id: .number(Int64(draw())), method: "health.report", params: .object([]), session: nonces[draw() % 4].text)
            perform(host.received(report.frame, now: now))
        case 5:
            let (token, actions) = host.send(.agentPing, params: .object([]), timeoutMs: Int64(draw()), now: now)
            precondition(asked.insert(token).inserted, "a token twice")
            perform(actions)
        case 6:
            let answer = Message.response(id: .number(Int64(draw())), result: .null, session: nonces[draw() % 4].text)
            perform(host.received(answer.frame, now: now))
        case 7:
            if let address = addresses.popLast() { perform(host.respond(to: address, .failure(RPCError(code: 1, message: "")))) }
        default:
            now += Int64(draw()) * Int64(draw())
            perform(host.tick(now: now))
            if let deadline = host.deadline { precondition(deadline > now, "what was due was not done") }
        }
        precondition(host.session == session, "the actions did not tell")
    }
    perform(host.closed())
    precondition(asked.isEmpty, "a request was never answered")
    return 0
}
