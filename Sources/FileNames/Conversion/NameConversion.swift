/// Says what a name becomes when a tree is converted for good: UTF-8 in one form, with nothing escaped and nothing guessed.
///
/// Unlike what a view shows (`NameTranslation`) a conversion has no answer for bytes that mean nothing: such a name stays as it is.
public struct NameConversion {
    /// What is done with names.
    public struct Rule: Hashable, Sendable {
        /// The form that they get; nil: none.
        public var form: NormalForm?
        /// Private characters that become the reserved ones they stand for.
        public var reserved: ReservedCharacters
        /// Whether UTF-8 that was encoded twice is mended.
        public var mendsDouble: Bool
        /// The longest name, in bytes.
        public var longest: Int

        /// From its parts.
        public init(
            form: NormalForm? = .nfc, reserved: ReservedCharacters = .none, mendsDouble: Bool = false,
            longest: Int = NamesPolicy.usualLongest
        ) {
            (self.form, self.reserved, self.mendsDouble, self.longest) = (form, reserved, mendsDouble, longest)
        }
    }

    /// Why a name becomes another one; the first of several.
    public enum Reason: String, Sendable, CaseIterable {
        /// It was of an older charset.
        case charset
        /// It was encoded twice.
        case double
        /// It held private characters.
        case reserved
        /// It was in another form.
        case form
    }

    /// Why a name cannot become what is wished.
    public enum Refusal: Hashable, Sendable {
        /// It is not UTF-8, and nobody says what it is.
        case unknownCharset
        /// This byte means nothing in the charset, or not what it would be written back as.
        case byte(UInt8, at: Int)
        /// This byte would become a control character: the charset is most likely another one.
        case control(UInt8, at: Int)
        /// It would have so many bytes.
        case tooLong(Int)
        /// It would be no name: `.`, `..` or one with a slash in it.
        case noName

        /// For people, after "it cannot be converted: ".
        public var sentence: String {
            switch self {
            case .unknownCharset: "it is not UTF-8, and of which charset it is cannot be told"
            case .byte(let byte, let place): "byte \(place + 1), 0x\(Self.hex(byte)), means nothing in this charset"
            case .control(let byte, let place):
                "byte \(place + 1), 0x\(Self.hex(byte)), would become a control character; it is most likely of another charset"
            case .tooLong(let count): "it would be \(count) bytes long"
            case .noName: "what came of it would be no name"
            }
        }

        private static func hex(_ byte: UInt8) -> String { String(byte, radix: 16) }
    }

    /// What becomes of a name.
    public enum Answer: Equatable, Sendable {
        /// It is as wished.
        case keep
        /// It becomes this.
        case rename([UInt8], Reason)
        /// It stays.
        case refuse(Refusal)
    }

    /// What is done.
    public let rule: Rule
    private var decoders: [Charset: CharsetDecoder] = [:]
    private var normalizer = Normalizer()
    private let double = DoubleEncoding()
    private var scratch: [UInt8] = []

    /// Tables of charsets are spread out when they are met.
    public init(_ rule: Rule) { self.rule = rule }

    /// What becomes of a name.
    /// - Parameter charset: what it is where it is not UTF-8; nil where nobody knows.
    public mutating func convert(_ name: Span<UInt8>, from charset: Charset?) -> Answer {
        let check = quickCheck(name, for: rule.form ?? .nfc)
        if check == .ascii { return .keep }
        if check == .normal, rule.reserved == .none, !rule.mendsDouble { return .keep }
        var text: [UInt8] = []
        var reason: Reason?
        if check == .notUTF8 {
            guard let charset, charset != .utf8 else { return .refuse(.unknownCharset) }
            if let refusal = decode(name, charset, into: &text) { return .refuse(refusal) }
            reason = .charset
        } else if rule.mendsDouble, double.mend(name, into: &scratch) {
            text = scratch
            reason = .double
        } else {
            text.reserveCapacity(name.count)
            for index in 0..<name.count { text.append(name[index]) }
        }
        let readable = rule.reserved.readable(text)
        if reason == nil, readable != text { reason = .reserved }
        let wished = rule.form.map { normalizer.normalized(readable, to: $0) } ?? readable
        if reason == nil, wished != readable { reason = .form }
        guard let reason, !isSame(name, wished) else { return .keep }
        guard FileName(wished) != nil else { return .refuse(.noName) }
        guard wished.count <= rule.longest else { return .refuse(.tooLong(wished.count)) }
        return .rename(wished, reason)
    }

    private mutating func decode(_ name: Span<UInt8>, _ charset: Charset, into text: inout [UInt8]) -> Refusal? {
        let decoder = decoders[charset] ?? CharsetDecoder(charset)
        decoders[charset] = decoder
        var index = 0
        while index < name.count {
            let (scalar, length) = decoder.scalar(in: name, at: index)
            guard length > 0 else { return .byte(name[index], at: index) }
            if (0x80...0x9F).contains(scalar) { return .control(name[index], at: index) }
            UTF8Bytes.append(scalar, to: &text)
            index += length
        }
        return nil
    }
}
