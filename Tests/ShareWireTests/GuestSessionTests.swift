import ShareModel
import ShareWire
import Testing

@Suite("the guest's session")
struct GuestSessions {
    let session = "00000000000000000000000000000001"

    @Test("begins with 0xFF and a hello with a fresh nonce")
    func hello() throws {
        var guest = GuestSession.fixture()
        let actions = guest.opened(now: 5)
        #expect(actions.first == .discardUnwritten)
        #expect(actions.written.first == 0xFF)
        let nonce = try nonce(1)
        #expect(
            try messages(in: actions.written) == [
                .request(id: .text(nonce.text), method: "agent.hello", params: GuestGreeting.fixture.params(nonce: nonce))
            ])
        #expect(guest.session == nil)
        #expect(guest.deadline == 1_005)
    }

    @Test("says hello again with growing pauses and the same nonce while nobody answers, at most every 30 s")
    func growingPauses() throws {
        var guest = GuestSession.fixture()
        let first = guest.opened(now: 0)
        var times: [Int64] = []
        var now: Int64 = 0
        while times.count < 8 {
            now = try #require(guest.deadline)
            #expect(guest.tick(now: now - 1) == [])
            #expect(guest.tick(now: now) == first)
            times.append(now)
        }
        #expect(times == [1_000, 3_000, 7_000, 15_000, 31_000, 61_000, 91_000, 121_000])
    }

    @Test("drops everything before the answer that repeats its nonce")
    func dropsBeforeAnswer() throws {
        var guest = GuestSession.fixture()
        _ = guest.opened(now: 0)
        let other = try nonce(9)
        let dropped: [Message] = [
            .request(id: .number(1), method: "agent.ping", params: .object([]), session: session),
            .notification(method: "shares.changed", params: .object([.init("revision", 1)]), session: session),
            .response(id: .text(other.text), result: HostGreeting.fixture.result(nonce: other)),
            .response(id: .text(session), result: HostGreeting.fixture.result(nonce: other)),
            .response(id: .text(other.text), result: HostGreeting.fixture.result(nonce: try nonce(1))),
            .failure(id: .text(other.text), error: RPCError(code: RPCError.protocolMismatch, message: "no")),
            .failure(id: nil, error: RPCError(code: RPCError.parseError, message: "no")),
        ]
        for message in dropped { #expect(guest.receives(message) == [], "\(message)") }
        #expect(guest.counters.droppedFrames == dropped.count)
        #expect(guest.received(Array("garbage\n".utf8), now: 0) == [], "no answer to garbage without a session")
        #expect(guest.counters.badFrames == 1)
        let answer = Message.response(id: .text(session), result: HostGreeting.fixture.result(nonce: try nonce(1)), session: session)
        #expect(guest.receives(answer) == [.established(.fixture, nonce: try nonce(1))])
        #expect(guest.receives(answer) == [], "a second answer to the same hello changes nothing")
        #expect(guest.session == (try nonce(1)))
        #expect(guest.deadline == nil, "an idle session wakes nobody")
    }

    @Test("the answer begins the session though garbage, 0xFF and half a frame stand before it")
    func answerAfterGarbage() throws {
        var guest = GuestSession.fixture()
        _ = guest.opened(now: 0)
        let answer = Message.response(id: .text(session), result: HostGreeting.fixture.result(nonce: try nonce(1)))
        let stream: [UInt8] = Array("\u{0}{\"a\":[[[".utf8) + [0xFF, 0xFF] + Array("{\"half".utf8) + [0xFF] + answer.frame
        #expect(guest.received(stream, now: 0) == [.established(.fixture, nonce: try nonce(1))])
    }

    @Test("another major version is refused with what the host speaks, and asked again only after minutes")
    func mismatch() throws {
        var guest = GuestSession.fixture()
        _ = guest.opened(now: 0)
        let error = RPCError(code: -32_001, message: "no", data: .object(["cause": "protocol-mismatch", "supported": .array(["2.0"])]))
        #expect(guest.receives(.failure(id: .text(session), error: error)) == [.refused(error)])
        #expect(guest.deadline == Limits.refusedHelloPauseMs)
        // A host that answers with a version this guest does not speak is as good as one that refuses.
        var other = GuestSession.fixture()
        _ = other.opened(now: 0)
        guard case .object(var members) = HostGreeting.fixture.result(nonce: try nonce(1)) else { return }
        members[0] = .init("protocol", "2.0")
        guard case .refused(let told) = other.receives(.response(id: .text(session), result: .object(members))).first else {
            Issue.record("not refused")
            return
        }
        #expect(told.causeText == "protocol-mismatch")
        #expect(told.data?["supported"] == .array(["1.0"]))
    }

    @Test("a hello refused for another reason is said again after the longest pause")
    func refusedOtherwise() throws {
        var guest = GuestSession.fixture()
        _ = guest.opened(now: 0)
        let error = RPCError(code: RPCError.internalError, message: "no configuration")
        #expect(guest.receives(.failure(id: .text(session), error: error)) == [.refused(error)])
        #expect(guest.deadline == Limits.longestHelloPauseMs)
    }

    @Test("host.sync ends the session, its requests, and begins a new one with another nonce")
    func sync() throws {
        var guest = try GuestSession.established()
        let (token, written) = guest.send(.sharesList, params: .object([]), now: 0)
        #expect(try messages(in: written.written).map(\.session) == [session])
        let actions = guest.received([0xFF] + Message.notification(method: "host.sync", params: .object([])).frame, now: 10)
        #expect(actions.count == 4)
        guard case .answer(token, .sharesList, .failure(let error)) = actions[0] else {
            Issue.record("the waiting request is not answered first")
            return
        }
        #expect(error.code == RPCError.noSession)
        #expect(actions[1...2] == [.lost(.peerRestarted), .discardUnwritten])
        #expect(try messages(in: actions.written).map(\.helloNonce) == [try nonce(2).text])
        #expect(guest.session == nil)
    }

    @Test("a storm of host.sync makes at most ten hellos a second")
    func syncStorm() throws {
        var guest = try GuestSession.established()
        let sync = [0xFF] + Message.notification(method: "host.sync", params: .object([])).frame
        var hellos = 0
        for now in Int64(1)...2_000 {
            hellos += try messages(in: guest.received(sync, now: now).written).count
            if let deadline = guest.deadline, now >= deadline { hellos += try messages(in: guest.tick(now: now).written).count }
        }
        #expect((10...25).contains(hellos), "\(hellos)")
    }

    @Test("nor does a host that asks for a new session as soon as it has one")
    func syncStormOfSessions() throws {
        var guest = try GuestSession.established()
        let sync = [0xFF] + Message.notification(method: "host.sync", params: .object([])).frame
        var sessions = 0
        for now in Int64(1)...2_000 {
            var hellos = try messages(in: guest.received(sync, now: now).written)
            if let deadline = guest.deadline, now >= deadline { hellos += try messages(in: guest.tick(now: now).written) }
            guard let nonce = hellos.last?.helloNonce.flatMap(Nonce.init) else { continue }
            _ = guest.receives(.response(id: .text(nonce.text), result: HostGreeting.fixture.result(nonce: nonce)), now: now)
            if guest.session == nonce { sessions += 1 }
        }
        #expect((10...25).contains(sessions), "\(sessions)")
    }

    @Test("an id means another request in the next session: it is free again, and a late answer to the old one is not sent")
    func idsOfTwoSessions() throws {
        var guest = try GuestSession.established()
        func ping(_ session: String) -> Message { .request(id: .number(1), method: "agent.ping", params: .object([]), session: session) }
        guard case .request(let old, _, _)? = guest.receives(ping(session)).first else {
            Issue.record("not asked")
            return
        }
        _ = guest.receives(.notification(method: "host.sync", params: .object([])))
        let second = try nonce(2)
        _ = guest.receives(.response(id: .text(second.text), result: HostGreeting.fixture.result(nonce: second)))
        guard case .request(let new, _, _)? = guest.receives(ping(second.text)).first else {
            Issue.record("the id is still taken")
            return
        }
        #expect(guest.respond(to: old, .success(1)) == [])
        #expect(
            try messages(in: guest.respond(to: new, .success(2)).written) == [.response(id: .number(1), result: 2, session: second.text)])
    }

    @Test("messages of another session are dropped and counted, whatever they ask")
    func foreign() throws {
        var guest = try GuestSession.established()
        let (_, _) = guest.send(.sharesList, params: .object([]), now: 0)
        for session in [nil, "", "00000000000000000000000000000002", "0000000000000000000000000000000", self.session.uppercased() + "0"] {
            #expect(guest.receives(.request(id: .number(1), method: "share.detach", params: .object([]), session: session)) == [])
            #expect(guest.receives(.response(id: .number(1), result: .object([]), session: session)) == [])
            #expect(guest.receives(.notification(method: "shares.changed", params: .object([]), session: session)) == [])
        }
        #expect(guest.counters.foreignSession == 15)
    }

    @Test("a request of the host is answered in its session, once, and not after it")
    func requests() throws {
        var guest = try GuestSession.established()
        let params = Value.object([.init("share", "projects")])
        let asked = guest.receives(.request(id: .text("é"), method: "share.attach", params: params, session: session))
        guard case .request(let address, .shareAttach, params)? = asked.first else {
            Issue.record("not asked: \(asked)")
            return
        }
        let answer = guest.respond(to: address, .success(.object([])))
        #expect(try messages(in: answer.written) == [.response(id: .text("é"), result: .object([]), session: session)])
        #expect(guest.respond(to: address, .success(.object([]))) == [], "a second answer")
        guard
            case .request(let late, _, _)? = guest.receives(
                .request(id: .number(7), method: "agent.ping", params: .object([]), session: session)
            ).first
        else {
            Issue.record("not asked")
            return
        }
        _ = guest.receives(.notification(method: "host.sync", params: .object([])))
        #expect(guest.respond(to: late, .success(.object([]))) == [])
    }

    @Test("a request unacknowledged for 30 s begins a new session")
    func unacknowledged() throws {
        var guest = try GuestSession.established()
        let (token, _) = guest.send(.healthReport, params: .object([]), now: 100)
        #expect(guest.deadline == 30_100)
        #expect(guest.tick(now: 30_099) == [])
        let actions = guest.tick(now: 30_100)
        guard case .answer(token, .healthReport, .failure)? = actions.first else {
            Issue.record("no answer to the request: \(actions)")
            return
        }
        #expect(actions[1] == .lost(.unacknowledged))
        #expect(try messages(in: actions.written).map(\.helloNonce) == [try nonce(2).text])
    }

    @Test("an answer in time is handed out, success or failure, and leaves nothing to wait for")
    func answers() throws {
        var guest = try GuestSession.established()
        let (first, written) = guest.send(.sharesList, params: .object([]), now: 0)
        let (second, _) = guest.send(.credentialsGet, params: .object([]), now: 0)
        guard case .request(let id, "shares.list", _, _)? = try messages(in: written.written).first else { return }
        #expect(guest.receives(.response(id: id, result: 5, session: session)) == [.answer(first, .sharesList, .success(5))])
        #expect(guest.receives(.response(id: id, result: 5, session: session)) == [], "twice")
        let error = RPCError(Cause(.credentialMissing, "no such credential", remedy: ["add it"]))
        #expect(
            guest.receives(.failure(id: .number(2), error: error, session: session)) == [.answer(second, .credentialsGet, .failure(error))])
        #expect(guest.deadline == nil)
    }

    @Test("bad frames are answered at most once a second and end nothing")
    func badFrames() throws {
        var guest = try GuestSession.established()
        var answers: [Message] = []
        for now in stride(from: Int64(0), to: 3_000, by: 10) {
            answers += try messages(in: guest.received(Array("{\"a\":1,\"a\":2}\n".utf8), now: now).written)
        }
        #expect(answers.count == 3)
        guard case .failure(nil, let error, session) = answers[0] else {
            Issue.record("\(answers[0])")
            return
        }
        #expect(error.code == RPCError.parseError)
        #expect(guest.counters.badFrames == 300)
        #expect(guest.counters.withheldAnswers == 297)
        #expect(guest.session != nil)
    }

    @Test("a method that is not in the table is refused by name; a notification nobody knows is dropped")
    func unknownMethods() throws {
        var guest = try GuestSession.established()
        let answer = guest.receives(.request(id: .number(1), method: "guest.exec", params: .object([]), session: session))
        guard case .failure(.number(1), let error, _)? = try messages(in: answer.written).first else {
            Issue.record("\(answer)")
            return
        }
        #expect(error.code == RPCError.methodNotFound)
        #expect(guest.receives(.notification(method: "guest.exec", params: .object([]), session: session)) == [])
        #expect(
            guest.receives(.notification(method: "share.detach", params: .object([]), session: session)) == [], "must be asked, not told")
        #expect(guest.counters.droppedFrames == 2)
    }

    @Test("at most 64 requests wait on either side")
    func pendingLimit() throws {
        var guest = try GuestSession.established()
        for _ in 0..<Limits.pendingRequests { #expect(!guest.send(.sharesList, params: .object([]), now: 0).actions.written.isEmpty) }
        guard case .answer(_, _, .failure(let error))? = guest.send(.sharesList, params: .object([]), now: 0).actions.first else {
            Issue.record("one request too many was sent")
            return
        }
        #expect(error.code == RPCError.busy)
        for id in 0..<Limits.pendingRequests {
            guard
                case .request? = guest.receives(
                    .request(id: .number(Int64(id)), method: "agent.ping", params: .object([]), session: session)
                ).first
            else {
                Issue.record("request \(id) was not handed out")
                return
            }
        }
        let refused = guest.receives(.request(id: .number(64), method: "agent.ping", params: .object([]), session: session))
        guard case .failure(.number(64), _, _)? = try messages(in: refused.written).first else {
            Issue.record("one request too many was taken")
            return
        }
    }

    @Test("what the host would refuse for its size is not sent")
    func unsendable() throws {
        var guest = try GuestSession.established()
        for (length, fits) in [(Limits.stringBytes, true), (Limits.stringBytes + 1, false)] {
            let text = Value.string(String(repeating: "x", count: length))
            let sent = guest.send(.healthReport, params: .object([.init("x", text)]), now: 0).actions
            #expect(!sent.written.isEmpty == fits)
            guard
                case .request(let address, _, _)? = guest.receives(
                    .request(id: .number(Int64(length)), method: "health.get", params: .object([]), session: session)
                ).first
            else { return }
            let answer = try messages(in: guest.respond(to: address, .success(text)).written)
            guard case .response? = answer.first else {
                #expect(!fits)
                continue
            }
            #expect(fits)
        }
    }

    @Test("a frame that never ends is given up 30 s after it began, however slowly it grows")
    func slowLoris() throws {
        var guest = try GuestSession.established()
        var now: Int64 = 0
        for _ in 0..<3 {
            #expect(guest.received([0x7B], now: now) == [])
            #expect(guest.deadline == Limits.partialFrameMs)
            now += 9_999
        }
        #expect(guest.tick(now: 29_999) == [])
        #expect(guest.counters.badFrames == 0)
        #expect(guest.tick(now: 30_000) == [])
        #expect(guest.counters.badFrames == 1)
        #expect(guest.deadline == nil)
        let ping = Message.request(id: .number(1), method: "agent.ping", params: .object([]), session: session)
        #expect(guest.received(ping.frame, now: 30_001) == [], "the rest of the line belongs to the frame given up")
        #expect(guest.received(ping.frame, now: 30_002).count == 1)
    }

    @Test("a closed channel answers what waits, and nothing is sent or taken until it opens again")
    func closing() throws {
        var guest = try GuestSession.established()
        let (token, _) = guest.send(.sharesList, params: .object([]), now: 0)
        let actions = guest.closed()
        guard case .answer(token, _, .failure)? = actions.first else {
            Issue.record("\(actions)")
            return
        }
        #expect(actions.last == .lost(.closed))
        #expect(guest.closed() == [])
        #expect(guest.deadline == nil)
        #expect(guest.received(Message.notification(method: "host.sync", params: .object([])).frame, now: 0) == [])
        guard case .answer(_, _, .failure)? = guest.send(.sharesList, params: .object([]), now: 0).actions.first else {
            Issue.record("sent into a closed channel")
            return
        }
        #expect(try messages(in: guest.opened(now: 50).written).map(\.helloNonce) == [try nonce(2).text])
    }
}

extension Message {
    /// The nonce, where this is a hello.
    var helloNonce: String? {
        if case .request(_, "agent.hello", let params, _) = self { params["nonce"]?.text } else { nil }
    }
}
