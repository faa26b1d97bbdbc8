import ShareModel
import ShareWire
import Testing

@Suite("a connection to the control socket")
struct ControlSessions {
    private func ask(_ id: Int64, _ method: String) -> [UInt8] {
        Message.request(id: .number(id), method: method, params: .object([])).frame
    }

    @Test("hands out requests and frames their answers, each once, in any order")
    func requests() throws {
        var session = ControlSession<ControlMethod>()
        #expect(
            session.received(ask(1, "status.get") + ask(2, "agent.ping"), now: 0) == [
                .request(.number(1), .statusGet, params: .object([])), .request(.number(2), .agentPing, params: .object([])),
            ])
        #expect(session.isWaiting)
        #expect(
            try messages(in: session.respond(to: .number(2), .success(.object([])))) == [.response(id: .number(2), result: .object([]))])
        let error = RPCError(Cause.fixture, code: RPCError.notPermitted)
        #expect(try messages(in: session.respond(to: .number(1), .failure(error))) == [.failure(id: .number(1), error: error)])
        #expect(session.respond(to: .number(1), .success(.object([]))).isEmpty)
        #expect(!session.isWaiting)
    }

    @Test("an unknown method and bad frames are answered at most once a second; an answer or notification is dropped")
    func refusals() throws {
        var session = ControlSession<ControlMethod>()
        guard case .write(let bytes)? = session.received(ask(1, "guest.exec"), now: 0).first,
            case .failure(.number(1), let error, nil)? = try messages(in: bytes).first
        else {
            Issue.record("no refusal")
            return
        }
        #expect(error.code == RPCError.methodNotFound)
        #expect(error.message.hasSuffix("shares.attach, shares.detach, shares.diagnose"), "it says what there is")
        #expect(session.received(Array("{}\n".utf8), now: 999) == [])
        #expect(session.received(Array("{}\n".utf8), now: 1_000).count == 1)
        #expect(session.received(Message.response(id: .number(1), result: 1).frame, now: 5_000) == [])
        #expect(session.received(Message.notification(method: "agent.ping", params: .object([])).frame, now: 5_000) == [])
        #expect(session.counters.badFrames == 3 && session.counters.withheldAnswers == 1 && session.counters.droppedFrames == 2)
    }

    @Test("at most 64 requests wait, none with an id in use")
    func limit() {
        var session = ControlSession<ControlMethod>()
        for id in 0..<Int64(Limits.pendingRequests) { #expect(session.received(ask(id, "status.get"), now: 0).count == 1) }
        guard case .write? = session.received(ask(64, "status.get"), now: 0).first else {
            Issue.record("one request too many was taken")
            return
        }
        _ = session.respond(to: .number(0), .success(.object([])))
        guard case .write? = session.received(ask(1, "status.get"), now: 2_000).first else {
            Issue.record("an id in use was taken")
            return
        }
        guard case .request? = session.received(ask(64, "status.get"), now: 2_000).first else {
            Issue.record("a free place was not used")
            return
        }
    }

    @Test("only what changes something, or uses a share as root, needs rights")
    func rights() {
        #expect(
            ControlMethod.allCases.filter(\.isPrivileged) == [
                .shareAttach, .shareDetach, .shareDiagnose, .shareBench, .sharesAttach, .sharesDetach, .sharesDiagnose,
            ])
    }
}
