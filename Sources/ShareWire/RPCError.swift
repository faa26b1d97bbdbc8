public import ShareModel

/// Why a request was not fulfilled, as JSON-RPC 2.0 says it: a number for the protocol, a sentence for people,
/// and in `data.cause` the contract's cause code where there is one.
public struct RPCError: Error, Equatable, Sendable {
    /// JSON-RPC's number, see the constants below.
    public let code: Int64
    /// One sentence.
    public let message: String
    /// More for programs; a mapping wherever this project writes it.
    public let data: Value?

    /// The text was no JSON this project accepts.
    public static let parseError: Int64 = -32_700
    /// JSON, but no JSON-RPC 2.0 message.
    public static let invalidRequest: Int64 = -32_600
    /// A method that is not in the table.
    public static let methodNotFound: Int64 = -32_601
    /// Parameters that do not fit the method.
    public static let invalidParams: Int64 = -32_602
    /// The other side's own fault.
    public static let internalError: Int64 = -32_603
    /// The request was understood and could not be fulfilled; `data` is a Cause.
    public static let failed: Int64 = -32_000
    /// The two sides speak different major versions; only `agent.hello` is answered with it.
    public static let protocolMismatch: Int64 = -32_001
    /// The asking user may not do this; only on the control socket.
    public static let notPermitted: Int64 = -32_002
    /// Too many requests wait already. Never on the wire: the sender's own session says it.
    public static let busy: Int64 = -32_010
    /// There is no session, or it ended before the answer came. Never on the wire.
    public static let noSession: Int64 = -32_011
    /// The answer did not come by its deadline. Never on the wire.
    public static let timeout: Int64 = -32_012
    /// The message would pass a limit of the frame. Never on the wire.
    public static let unsendable: Int64 = -32_013

    /// An error.
    public init(code: Int64, message: String, data: Value? = nil) {
        self.code = code
        self.message = message
        self.data = data
    }

    /// A request that could not be fulfilled for this cause; `data` is the whole Cause, with its code as `cause` as well.
    public init(_ cause: Cause, code: Int64 = RPCError.failed) {
        var members: [Value.Member] = [.init("cause", .string(cause.code.rawValue))]
        if case .object(let more) = cause.value { members += more }
        self.init(code: code, message: cause.message, data: .object(members))
    }

    /// Parameters that do not fit, with the path of the key.
    public init(_ problem: FieldProblem) {
        self.init(code: Self.invalidParams, message: problem.sentence.printable, data: .object(["path": .string(problem.path)]))
    }

    /// The code in `data.cause`, as written: also one that this version does not know.
    public var causeText: String? { data?["cause"]?.text }

    /// The Cause in `data`, where there is a whole one.
    public var cause: Cause? {
        guard let data, let code = data["code"]?.text, let known = CauseCode(rawValue: code) else { return nil }
        return Cause(
            known, data["message"]?.text ?? message, evidence: data["evidence"]?.elements?.compactMap(\.text) ?? [],
            remedy: data["remedy"]?.elements?.compactMap(\.text) ?? [], errno: data["errno"]?.text)
    }

    /// As the `error` member of a message.
    public var value: Value {
        .object(["code": .integer(code), "message": .string(message), "data": data])
    }

    /// Reads the `error` member of a message; nil when it has no code and message.
    public init?(_ value: Value) {
        guard let code = value["code"]?.number, let message = value["message"]?.text else { return nil }
        self.init(code: code, message: message, data: value["data"])
    }
}
