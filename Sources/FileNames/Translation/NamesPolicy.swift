/// What is done with the names of a source: the `names:` of a share (contract section 7).
public struct NamesPolicy: Hashable, Sendable {
    /// What its bytes mean.
    public var charset: Charset
    /// The form in which names are shown; nil: as they are.
    public var form: NormalForm?
    /// The form in which new names are written; nil: as they are typed.
    public var newNames: NormalForm?
    /// How the source writes characters that Windows reserves.
    public var reserved: ReservedCharacters
    /// How bytes are shown that the charset does not know.
    public var invalid: InvalidBytes
    /// Whether names that differ in case only are one.
    public var isCaseSensitive: Bool
    /// The longest name that is shown, in bytes.
    public var longest: Int

    /// The longest name of most Linux file systems and tools.
    public static let usualLongest = 255

    /// As the contract's defaults are, but for what is said.
    public init(
        charset: Charset = .utf8, form: NormalForm? = nil, newNames: NormalForm? = nil, reserved: ReservedCharacters = .none,
        invalid: InvalidBytes = .escape, isCaseSensitive: Bool = true, longest: Int = Self.usualLongest
    ) {
        self.charset = charset
        self.form = form
        self.newNames = newNames
        self.reserved = reserved
        self.invalid = invalid
        self.isCaseSensitive = isCaseSensitive
        self.longest = longest
    }
}

/// How bytes are shown that are no character of the source's charset. Each way is reversible.
public enum InvalidBytes: String, Sendable, CaseIterable {
    /// Byte `0xNN` as the private character U+EFNN.
    case escape
    /// As `%NN`; a `%` that would read as one is `%25`.
    case percent
    /// Shown as `escape` does, since nothing may be hidden; refused in new names.
    case refuse
}
