public import ShareModel

/// What `share-names scan` is asked to do.
public struct ScanOrder: Sendable, Equatable {
    /// The directory, as typed: relative to the asker's.
    public let path: String
    /// What names that are not UTF-8 are taken for.
    public let charset: String?
    /// A file that keeps how far the scan is, and from which it goes on.
    public let resume: String?

    /// From its parts.
    public init(path: String, charset: String? = nil, resume: String? = nil) {
        (self.path, self.charset, self.resume) = (path, charset, resume)
    }

    /// As it is handed over.
    public var value: Value {
        .object(["path": .string(path), "charset": .text(charset), "resume": .text(resume)])
    }

    /// Reads an order.
    /// - Throws: what is wrong with it.
    public init(_ value: Value) throws(FieldProblem) {
        var fields = try Fields(value, at: "")
        path = try fields.requiredText("path")
        charset = try fields.text("charset")
        resume = try fields.text("resume")
        try fields.end()
    }
}
