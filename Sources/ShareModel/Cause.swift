/// Why something is not as wished: the code for programs, the sentence for people, what was seen, what mends it.
public struct Cause: Error, Equatable, Sendable {
    /// The stable code.
    public let code: CauseCode
    /// One sentence: what could not be done and why. No full stop, no secret, printable.
    public let message: String
    /// What was observed: kernel log lines, answers of servers, values found. Printable lines.
    public let evidence: [String]
    /// What to do: commands to paste or changes to make, the likeliest first.
    public let remedy: [String]
    /// The symbolic error number where a system call gave one: `ECONNREFUSED`.
    public let errno: String?

    /// The longest line of a cause, in bytes, and the most lines of evidence and of remedies: what stands in them may come from
    /// outside, and causes of a whole catalog go into one frame.
    public enum Limits {
        /// Bytes of a line.
        public static let lineBytes = 1024
        /// Lines of evidence, and of remedies.
        public static let lines = 32
    }

    /// A cause; texts are made printable and short here, so nothing from outside reaches a terminal or log unescaped.
    public init(_ code: CauseCode, _ message: String, evidence: [String] = [], remedy: [String] = [], errno: String? = nil) {
        self.code = code
        self.message = message.printable.clipped(toBytes: Limits.lineBytes)
        self.evidence = evidence.prefix(Limits.lines).map { $0.printable.clipped(toBytes: Limits.lineBytes) }
        self.remedy = remedy.prefix(Limits.lines).map { $0.printable.clipped(toBytes: Limits.lineBytes) }
        self.errno = errno?.printable.clipped(toBytes: Limits.lineBytes)
    }

    /// As the JSON of the contract: `{code, message, evidence, remedy, errno?}`.
    public var value: Value {
        .object([
            "code": .string(code.rawValue),
            "message": .string(message),
            "evidence": .array(evidence.map(Value.string)),
            "remedy": .array(remedy.map(Value.string)),
            "errno": .text(errno),
        ])
    }

    /// Reads a cause back; a code that this version does not know becomes `internal-error` with the code kept as evidence.
    /// - Throws: `FieldProblem` when the shape is another.
    public init(_ value: Value, at path: String) throws(FieldProblem) {
        var fields = try Fields(value, at: path)
        let code = try fields.requiredText("code")
        let message = try fields.text("message") ?? ""
        let evidence = try fields.texts("evidence") ?? []
        let remedy = try fields.texts("remedy") ?? []
        let errno = try fields.text("errno")
        if let known = CauseCode(rawValue: code) {
            self.init(known, message, evidence: evidence, remedy: remedy, errno: errno)
        } else {
            self.init(
                .internalError, message, evidence: evidence + ["cause code '\(code)' is unknown to this version"], remedy: remedy,
                errno: errno)
        }
    }
}
