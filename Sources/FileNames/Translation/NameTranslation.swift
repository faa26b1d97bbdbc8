/// A policy at work on single names. What several names of a directory have to do with each other is `DirectoryNames`' business.
public struct NameTranslation {
    /// The policy.
    public let policy: NamesPolicy
    private let text: TextOfBytes
    private var normalizer = Normalizer()
    private var folder = CaseFolder()

    /// Spreads the charset's tables out; keep one.
    public init(_ policy: NamesPolicy) {
        self.policy = policy
        text = TextOfBytes(policy.charset, invalid: policy.invalid)
    }

    /// How a name of the source would be shown if it were alone in its directory.
    public mutating func shown(_ source: [UInt8]) -> [UInt8] {
        inForm(policy.reserved.readable(text.text(of: source)), policy.form)
    }

    /// Whether a name is shown as it is, as most that are UTF-8 are: told by looking at it once. Where it says no, `shown` tells.
    public func isCertainlyShownAsItIs(_ source: Span<UInt8>) -> Bool {
        guard policy.charset == .utf8 else { return false }
        for index in source.indices {
            switch source[index] {
            // The first byte of private characters, which are escapes or reserved ones, and what may be an escape, too.
            case 0xEE, 0xEF, UInt8(ascii: "%"): return false
            default: break
            }
        }
        guard let form = policy.form else { return isUTF8(source) }
        return switch quickCheck(source, for: form) {
        case .ascii, .normal: true
        case .perhaps, .notUTF8: false
        }
    }

    /// What must differ for two names to be two.
    public mutating func key(ofShown shown: [UInt8]) -> [UInt8] {
        policy.isCaseSensitive ? shown : folder.key(of: shown)
    }

    /// What is written to the source for a name that a program typed.
    /// - Returns: nil where it could not be shown again as typed: a character that the charset has not, or an escape that means another name.
    public mutating func source(ofTyped typed: [UInt8]) -> [UInt8]? {
        guard isUTF8(typed.span) else { return nil }
        let wished = inForm(typed, policy.form)
        guard let source = text.bytes(of: policy.reserved.stored(inForm(wished, policy.newNames))), FileName(source) != nil,
            shown(source) == wished
        else { return nil }
        if policy.invalid == .refuse, holdsEscape(wished) { return nil }
        return source
    }

    private func holdsEscape(_ name: [UInt8]) -> Bool {
        String(decoding: name, as: UTF8.self).unicodeScalars.contains { TextOfBytes.escapes.contains($0.value) }
    }

    private mutating func inForm(_ name: [UInt8], _ form: NormalForm?) -> [UInt8] {
        form.map { normalizer.normalized(name, to: $0) } ?? name
    }
}
