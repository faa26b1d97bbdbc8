import ShareModel
import ShareWire
import Testing

@Suite("messages are JSON-RPC 2.0 with a session")
struct Messages {
    static let messages: [(message: Message, text: String)] = [
        (
            .request(id: .number(1), method: "shares.list", params: .object([]), session: "ab"),
            #"{"jsonrpc":"2.0","session":"ab","id":1,"method":"shares.list","params":{}}"#
        ),
        (
            .request(id: .text("e\u{301}"), method: "m", params: .object([.init("a", .null)])),
            "{\"jsonrpc\":\"2.0\",\"id\":\"e\u{301}\",\"method\":\"m\",\"params\":{\"a\":null}}"
        ),
        (.notification(method: "host.sync", params: .object([])), #"{"jsonrpc":"2.0","method":"host.sync","params":{}}"#),
        (.response(id: .number(-3), result: .null, session: ""), #"{"jsonrpc":"2.0","session":"","id":-3,"result":null}"#),
        (
            .failure(id: nil, error: RPCError(code: -32_700, message: "no", data: 1)),
            #"{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"no","data":1}}"#
        ),
        (.failure(id: .text(""), error: RPCError(code: 1, message: "")), #"{"jsonrpc":"2.0","id":"","error":{"code":1,"message":""}}"#),
    ]

    @Test("a message is this line and back", arguments: messages)
    func bothWays(message: Message, text: String) throws {
        #expect(message.frame == Array(text.utf8) + [0x0A])
        #expect(try Message(frame: Array(text.utf8)) == message)
    }

    @Test("absent parameters are none; unknown members are passed over")
    func tolerated() throws {
        let text = #"{"later":[1],"method":"m","id":1,"jsonrpc":"2.0"}"#
        #expect(try Message(frame: Array(text.utf8)) == .request(id: .number(1), method: "m", params: .object([])))
    }

    static let refused: [(text: String, code: Int64, answering: MessageID?)] = [
        ("nonsense", RPCError.parseError, nil), ("[]", RPCError.invalidRequest, nil), ("1", RPCError.invalidRequest, nil),
        (#"[{"jsonrpc":"2.0","id":1,"method":"m"}]"#, RPCError.invalidRequest, nil),  // batches are not taken
        (#"{"id":1,"method":"m"}"#, RPCError.invalidRequest, .number(1)),
        (#"{"jsonrpc":"1.0","id":"x","method":"m"}"#, RPCError.invalidRequest, .text("x")),
        (#"{"jsonrpc":2,"id":1,"method":"m"}"#, RPCError.invalidRequest, .number(1)),
        (#"{"jsonrpc":"2.0","id":1,"method":2}"#, RPCError.invalidRequest, .number(1)),
        (#"{"jsonrpc":"2.0","id":1,"method":"m","params":[]}"#, RPCError.invalidRequest, .number(1)),
        (#"{"jsonrpc":"2.0","id":1,"method":"m","params":null}"#, RPCError.invalidRequest, .number(1)),
        (#"{"jsonrpc":"2.0","id":1,"method":"m","result":1}"#, RPCError.invalidRequest, .number(1)),
        (#"{"jsonrpc":"2.0","id":null,"method":"m"}"#, RPCError.invalidRequest, nil),
        (#"{"jsonrpc":"2.0","id":true,"method":"m"}"#, RPCError.invalidRequest, nil),
        (#"{"jsonrpc":"2.0","id":1,"session":5,"method":"m"}"#, RPCError.invalidRequest, .number(1)),
        (#"{"jsonrpc":"2.0","session":null,"id":1,"method":"m"}"#, RPCError.invalidRequest, .number(1)),
        (#"{"jsonrpc":"2.0","id":1}"#, RPCError.invalidRequest, nil),
        (#"{"jsonrpc":"2.0","result":1}"#, RPCError.invalidRequest, nil),
        (#"{"jsonrpc":"2.0","id":null,"result":1}"#, RPCError.invalidRequest, nil),
        (#"{"jsonrpc":"2.0","id":1,"result":1,"error":{"code":1,"message":""}}"#, RPCError.invalidRequest, nil),
        (#"{"jsonrpc":"2.0","id":1,"error":{"code":1}}"#, RPCError.invalidRequest, nil),
        (#"{"jsonrpc":"2.0","id":1,"error":"no"}"#, RPCError.invalidRequest, nil),
    ]

    @Test("what is no message is refused, with the id where an answer is due", arguments: refused)
    func refuses(text: String, code: Int64, answering: MessageID?) {
        do throws(MessageProblem) {
            let message = try Message(frame: Array(text.utf8))
            Issue.record("taken as \(message)")
        } catch {
            #expect(error.code == code)
            #expect(error.answering == answering)
        }
    }

    @Test("an id is a whole number or a text of at most 128 bytes, and its bytes count")
    func ids() {
        #expect(MessageID(.string(String(repeating: "x", count: Limits.idBytes))) != nil)
        #expect(MessageID(.string(String(repeating: "x", count: Limits.idBytes + 1))) == nil)
        #expect(MessageID(.null) == nil && MessageID(.array([])) == nil && MessageID(true) == nil)
        #expect(MessageID.text("\u{E9}") != MessageID.text("e\u{301}"))
        #expect(MessageID.text("1") != MessageID.number(1))
    }

    @Test("a cause survives the way through an error")
    func causes() throws {
        let cause = Cause(.exportNotFound, "no export /x", evidence: ["showmount says so"], remedy: ["export it"], errno: "ENOENT")
        let error = try #require(RPCError(RPCError(cause).value))
        #expect(error.causeText == "export-not-found")
        #expect(error.cause == cause)
        #expect(RPCError(code: 1, message: "x").cause == nil)
    }

    @Test("a nonce is 32 lower-case hexadecimal digits and nothing else")
    func nonces() {
        #expect(Nonce.fresh() != Nonce.fresh())
        #expect(Nonce(Nonce.fresh().text) != nil)
        for wrong in [
            "", "0", String(repeating: "0", count: 31), String(repeating: "0", count: 33), String(repeating: "A", count: 32),
            String(repeating: "g", count: 32),
        ] {
            #expect(Nonce(wrong) == nil)
        }
    }

    @Test("greetings survive the way there; an interval out of range is held at its bound")
    func greetings() throws {
        #expect(try GuestGreeting(GuestGreeting.fixture.params(nonce: .fresh())) == .fixture)
        #expect(try HostGreeting(HostGreeting.fixture.result(nonce: .fresh())) == .fixture)
        for (said, held) in [(Int64(-5), Int64(1_000)), (999, 1_000), (1_000, 1_000), (86_400_000, 86_400_000), (86_400_001, 86_400_000)] {
            let greeting = HostGreeting(name: "h", id: "i", reportIntervalMs: said)
            #expect(try HostGreeting(greeting.result(nonce: .fresh())).reportIntervalMs == held)
        }
    }
}
