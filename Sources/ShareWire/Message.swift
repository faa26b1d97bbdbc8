public import ShareModel

/// One JSON-RPC 2.0 message: what a frame of the channel or of the control socket says.
public enum Message: Equatable, Sendable {
    /// Asks for an answer.
    case request(id: MessageID, method: String, params: Value, session: String? = nil)
    /// Asks for none.
    case notification(method: String, params: Value, session: String? = nil)
    /// The answer to a request.
    case response(id: MessageID, result: Value, session: String? = nil)
    /// The answer to a request that was not fulfilled; without an id, to a frame whose id nobody could read.
    case failure(id: MessageID?, error: RPCError, session: String? = nil)

    /// The session it belongs to; nil on the control socket and in the messages that begin a session.
    public var session: String? {
        switch self {
        case .request(_, _, _, let session), .notification(_, _, let session), .response(_, _, let session), .failure(_, _, let session):
            session
        }
    }

    /// Reads a message. Members that JSON-RPC does not know are passed over, so that a later minor version may add some.
    /// - Throws: `MessageProblem` that says what keeps it from being one.
    public init(decoding value: Value) throws(MessageProblem) {
        guard case .object(let members) = value else { throw MessageProblem("a message is a mapping, not \(value.kind)", answering: nil) }
        let written = MessageMembers(members)
        // Only a request is ever answered with an error, so only its id is worth telling.
        let answering = written.method == nil ? nil : written.id.flatMap(MessageID.init)
        guard written.version?.text == "2.0" else { throw MessageProblem("'jsonrpc' must be \"2.0\"", answering: answering) }
        var session: String?
        if let value = written.session {
            guard let text = value.text else { throw MessageProblem("'session' must be a text, not \(value.kind)", answering: answering) }
            session = text
        }
        if let method = written.method {
            guard let method = method.text else {
                throw MessageProblem("'method' must be a text, not \(method.kind)", answering: answering)
            }
            guard written.result == nil, written.error == nil else {
                throw MessageProblem("a message either asks or answers", answering: answering)
            }
            let params = written.params ?? .object([])
            guard case .object = params else {
                throw MessageProblem("'params' must be a mapping, not \(params.kind)", answering: answering)
            }
            guard written.id != nil else {
                self = .notification(method: method, params: params, session: session)
                return
            }
            guard let answering else { throw MessageProblem("'id' must be a whole number or a short text", answering: nil) }
            self = .request(id: answering, method: method, params: params, session: session)
        } else {
            self = try Self.answer(written, session: session)
        }
    }

    private static func answer(_ written: MessageMembers, session: String?) throws(MessageProblem) -> Message {
        guard let id = written.id else { throw MessageProblem("there is neither 'method' nor 'id'", answering: nil) }
        switch (written.result, written.error) {
        case (let result?, nil):
            guard let id = MessageID(id) else { throw MessageProblem("'id' must be a whole number or a short text", answering: nil) }
            return .response(id: id, result: result, session: session)
        case (nil, let error?):
            guard let error = RPCError(error) else { throw MessageProblem("'error' must have 'code' and 'message'", answering: nil) }
            if id == .null { return .failure(id: nil, error: error, session: session) }
            guard let id = MessageID(id) else { throw MessageProblem("'id' must be a whole number or a short text", answering: nil) }
            return .failure(id: id, error: error, session: session)
        default: throw MessageProblem("an answer has either 'result' or 'error'", answering: nil)
        }
    }

    /// As JSON: `jsonrpc`, `session`, `id`, then the rest.
    public var value: Value {
        switch self {
        case .request(let id, let method, let params, let session):
            .object(["jsonrpc": "2.0", "session": .text(session), "id": id.value, "method": .string(method), "params": params])
        case .notification(let method, let params, let session):
            .object(["jsonrpc": "2.0", "session": .text(session), "method": .string(method), "params": params])
        case .response(let id, let result, let session):
            .object(["jsonrpc": "2.0", "session": .text(session), "id": id.value, "result": result])
        case .failure(let id, let error, let session):
            .object(["jsonrpc": "2.0", "session": .text(session), "id": id?.value ?? .null, "error": error.value])
        }
    }

    /// The message as it goes over the wire: one line with its LF.
    public var frame: [UInt8] {
        StrictJSON.bytes(of: value) + [0x0A]
    }

    /// Reads a frame, its LF not included.
    /// - Throws: `MessageProblem`, whose code tells bad JSON from JSON that is no message.
    public init(frame: [UInt8]) throws(MessageProblem) {
        let value: Value
        do {
            value = try StrictJSON.parse(frame)
        } catch {
            throw MessageProblem(error)
        }
        try self.init(decoding: value)
    }
}

/// Why a frame is no message, and what to answer where an answer is due.
public struct MessageProblem: Error, Equatable, Sendable {
    /// `RPCError.parseError` or `RPCError.invalidRequest`.
    public let code: Int64
    /// One sentence.
    public let message: String
    /// The request's id, where one could be read.
    public let answering: MessageID?

    init(_ message: String, answering: MessageID?) {
        code = RPCError.invalidRequest
        self.message = message
        self.answering = answering
    }

    init(_ problem: JSONProblem) {
        code = RPCError.parseError
        message = problem.sentence
        answering = nil
    }

    /// As the error to answer with.
    public var error: RPCError { RPCError(code: code, message: message) }
}

/// The members of a message that mean something, found in one pass.
private struct MessageMembers {
    var version: Value?
    var session: Value?
    var id: Value?
    var method: Value?
    var params: Value?
    var result: Value?
    var error: Value?

    init(_ members: [Value.Member]) {
        for member in members {
            switch member.key {
            case "jsonrpc": version = member.value
            case "session": session = member.value
            case "id": id = member.value
            case "method": method = member.value
            case "params": params = member.value
            case "result": result = member.value
            case "error": error = member.value
            default: continue
            }
        }
    }
}
