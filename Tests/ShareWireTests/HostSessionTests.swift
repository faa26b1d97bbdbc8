import ShareModel
import ShareWire
import Testing

@Suite("the host's session")
struct HostSessions {
    let session = "00000000000000000000000000000001"

    @Test("begins with 0xFF and host.sync, and waits without a timer")
    func sync() throws {
        var host = HostSession(greeting: .fixture)
        let actions = host.opened(now: 0)
        #expect(actions.first == .discardUnwritten)
        #expect(actions.written.first == 0xFF)
        #expect(try messages(in: actions.written) == [.notification(method: "host.sync", params: .object([]))])
        #expect(host.deadline == nil)
    }

    @Test("answers a hello with its nonce and greeting behind a 0xFF")
    func hello() throws {
        var host = HostSession(greeting: .fixture)
        _ = host.opened(now: 0)
        let actions = host.received(try HostSession.hello(1), now: 0)
        #expect(actions.written.first == 0xFF)
        #expect(
            try messages(in: actions.written) == [
                .response(id: .text(session), result: HostGreeting.fixture.result(nonce: try nonce(1)), session: session)
            ])
        #expect(actions.last == .hello(.fixture, nonce: try nonce(1)))
        #expect(host.session == (try nonce(1)))
    }

    @Test("the same hello again is answered again and changes nothing")
    func repeatedHello() throws {
        var host = try HostSession.established()
        let (_, _) = host.send(.agentPing, params: .object([]), timeoutMs: 1_000, now: 0)
        let actions = host.received(try HostSession.hello(1), now: 0)
        #expect(actions.count == 1)
        #expect(try messages(in: actions.written).count == 1)
        #expect(host.deadline == 1_000, "what waits goes on waiting")
    }

    @Test("a hello with another nonce ends the session and what waits in it")
    func newHello() throws {
        var host = try HostSession.established()
        let (token, _) = host.send(.shareAttach, params: .object([]), timeoutMs: 1_000, now: 0)
        let actions = host.received(try HostSession.hello(2), now: 0)
        guard case .answer(token, .shareAttach, .failure)? = actions.first else {
            Issue.record("\(actions)")
            return
        }
        #expect(actions[1] == .lost(.peerRestarted))
        #expect(actions.last == .hello(.fixture, nonce: try nonce(2)))
    }

    @Test("an id means another request in the next session: it is free again, and a late answer to the old one is not sent")
    func idsOfTwoSessions() throws {
        var host = try HostSession.established()
        func list(_ session: String) -> [UInt8] {
            Message.request(id: .number(1), method: "shares.list", params: .object([]), session: session).frame
        }
        guard case .request(let old, _, _)? = host.received(list(session), now: 0).first else {
            Issue.record("not asked")
            return
        }
        _ = host.received(try HostSession.hello(2), now: 0)
        let second = try nonce(2).text
        guard case .request(let new, _, _)? = host.received(list(second), now: 0).first else {
            Issue.record("the id is still taken")
            return
        }
        #expect(host.respond(to: old, .success(1)) == [])
        #expect(try messages(in: host.respond(to: new, .success(2)).written) == [.response(id: .number(1), result: 2, session: second)])
    }

    @Test("another major version gets protocol-mismatch and what is spoken here", arguments: ["2.0", "0.9", "1", "one", "1.0.0", ""])
    func mismatch(version: String) throws {
        var host = HostSession(greeting: .fixture)
        _ = host.opened(now: 0)
        guard case .object(var members) = GuestGreeting.fixture.params(nonce: try nonce(1)) else { return }
        members[0] = .init("protocol", .string(version))
        let actions = host.received(Message.request(id: .number(1), method: "agent.hello", params: .object(members)).frame, now: 0)
        guard case .failure(.number(1), let error, _)? = try messages(in: actions.written).first else {
            Issue.record("\(actions)")
            return
        }
        #expect(error.data?["cause"] == "protocol-mismatch")
        #expect(error.data?["supported"] == .array(["1.0"]))
        #expect(actions.last == .refused(error))
        #expect(host.session == nil)
    }

    @Test("a later minor version is welcome, and what it adds is passed over")
    func laterMinor() throws {
        var host = HostSession(greeting: .fixture)
        _ = host.opened(now: 0)
        guard case .object(let members) = GuestGreeting.fixture.params(version: ProtocolVersion(major: 1, minor: 7), nonce: try nonce(1))
        else { return }
        let params = Value.object(members + [.init("added", "later")])
        let actions = host.received(Message.request(id: .number(1), method: "agent.hello", params: params).frame, now: 0)
        #expect(actions.last == .hello(.fixture, nonce: try nonce(1)))
    }

    @Test("a hello without a proper nonce or guest is refused with the key", arguments: ["nonce", "agent", "guest"])
    func badHello(key: String) throws {
        var host = HostSession(greeting: .fixture)
        _ = host.opened(now: 0)
        guard case .object(let members) = GuestGreeting.fixture.params(nonce: try nonce(1)) else { return }
        let params = Value.object(members.filter { $0.key != key })
        let actions = host.received(Message.request(id: .number(1), method: "agent.hello", params: params).frame, now: 0)
        guard case .failure(.number(1), let error, nil)? = try messages(in: actions.written).first else {
            Issue.record("\(actions)")
            return
        }
        #expect(error.code == RPCError.invalidParams)
        #expect(error.message.contains(key))
        #expect(host.session == nil)
    }

    @Test("before a hello everything is dropped; a message of a session it knows nothing of is answered with host.sync, once a second")
    func unknownSession() throws {
        var host = HostSession(greeting: .fixture)
        _ = host.opened(now: 0)
        let report = Message.request(id: .number(1), method: "health.report", params: .object([]), session: session).frame
        #expect(host.received(report, now: 999) == [], "a sync has just been sent")
        #expect(try messages(in: host.received(report, now: 1_000).written) == [.notification(method: "host.sync", params: .object([]))])
        #expect(host.received(report, now: 1_999) == [])
        #expect(host.received(Message.request(id: .number(1), method: "health.report", params: .object([])).frame, now: 3_000) == [])
        #expect(host.counters.droppedFrames == 4)
    }

    @Test("messages of another session are dropped and counted")
    func foreign() throws {
        var host = try HostSession.established()
        for session in [nil, "", "00000000000000000000000000000002"] {
            #expect(
                host.received(
                    Message.request(id: .number(1), method: "health.report", params: .object([]), session: session).frame, now: 5_000) == []
            )
        }
        #expect(host.counters.foreignSession == 3)
    }

    @Test("a report is handed out and acknowledged in its session")
    func report() throws {
        var host = try HostSession.established()
        let params = Value.object([.init("sequence", 1)])
        let asked = host.received(Message.request(id: .number(4), method: "health.report", params: params, session: session).frame, now: 0)
        guard case .request(let address, .healthReport, params)? = asked.first else {
            Issue.record("\(asked)")
            return
        }
        #expect(
            try messages(in: host.respond(to: address, .success(.object([]))).written) == [
                .response(id: .number(4), result: .object([]), session: session)
            ])
    }

    @Test("a request past its deadline fails alone; the session stays")
    func deadline() throws {
        var host = try HostSession.established()
        let (slow, _) = host.send(.shareAttach, params: .object([]), timeoutMs: 60_000, now: 0)
        let (quick, _) = host.send(.agentPing, params: .object([]), timeoutMs: 1_000, now: 0)
        #expect(host.deadline == 1_000)
        guard case .answer(quick, .agentPing, .failure(let error))? = host.tick(now: 1_000).first else {
            Issue.record("nothing expired")
            return
        }
        #expect(error.code == RPCError.timeout)
        #expect(host.received(Message.response(id: .number(2), result: .object([]), session: session).frame, now: 1_001) == [], "too late")
        #expect(
            host.received(Message.response(id: .number(1), result: 1, session: session).frame, now: 59_999) == [
                .answer(slow, .shareAttach, .success(1))
            ])
    }

    @Test("notifications go out only in a session")
    func notifications() throws {
        var host = HostSession(greeting: .fixture)
        #expect(host.notify(.sharesChanged, params: .object([.init("revision", 3)])) == [])
        host = try HostSession.established()
        let told = host.notify(.sharesChanged, params: .object([.init("revision", 3)]))
        #expect(
            try messages(in: told.written) == [
                .notification(method: "shares.changed", params: .object([.init("revision", 3)]), session: session)
            ])
    }

    @Test("a storm of hellos is answered ten times a second at most")
    func helloStorm() throws {
        var host = HostSession(greeting: .fixture)
        _ = host.opened(now: 0)
        var answers = 0
        for now in Int64(0)..<1_000 {
            answers += try messages(in: host.received(try HostSession.hello(UInt64(now + 1)), now: now).written).count
        }
        #expect((10...21).contains(answers), "\(answers)")
    }
}
