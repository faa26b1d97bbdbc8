internal import FileNames
public import ShareModel

/// What `share-names explain` is asked to do.
public struct ExplainOrder: Sendable, Equatable {
    /// The name.
    let name: [UInt8]
    /// How somebody would have it shown; nil: only as the usual ones do.
    let policy: NamesPolicy?

    /// Reads an order.
    /// - Throws: what is wrong with it.
    public init(_ value: Value) throws(FieldProblem) {
        var fields = try Fields(value, at: "")
        let text = try fields.requiredText("name")
        guard let bytes = bytes(hexadecimal: text), FileName(bytes) != nil else {
            throw FieldProblem(path: "name", message: "must be the bytes of one name in hexadecimal")
        }
        name = bytes
        var policy = NamesPolicy()
        let usual = policy
        if let word = try fields.text("encoding") {
            guard let charset = Charset(named: word) else { throw FieldProblem(path: "encoding", message: "is not known here") }
            policy.charset = charset
        }
        if let word = try fields.text("form"), word != "asis" {
            guard let form = NormalForm(rawValue: word) else { throw FieldProblem(path: "form", message: "is no form") }
            policy.form = form
        }
        policy.reserved = try fields.word("reserved") ?? .none
        policy.invalid = try fields.word("invalid") ?? .escape
        try fields.end()
        self.policy = policy == usual ? nil : policy
    }
}
