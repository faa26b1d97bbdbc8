/// What a name is made of.
public enum NameClass: String, Sendable, CaseIterable {
    /// ASCII only: the same in each charset and form.
    case ascii
    /// UTF-8, composed (NFC).
    case composed = "utf-8-nfc"
    /// UTF-8 in another form.
    case otherForm = "utf-8-other"
    /// Not UTF-8: of an older charset, or damaged.
    case notUTF8 = "not-utf-8"

    /// The class of a name.
    public static func of(_ name: Span<UInt8>, by normalizer: inout Normalizer, scratch: inout [UInt8]) -> NameClass {
        switch quickCheck(name, for: .nfc) {
        case .ascii: .ascii
        case .normal: .composed
        case .notUTF8: .notUTF8
        case .perhaps: normalizer.normalize(name, to: .nfc, into: &scratch) == .changed ? .otherForm : .composed
        }
    }
}
