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
    /// - Parameter scratch: has the name in NFC where it is in another form.
    public static func of(_ name: Span<UInt8>, by normalizer: inout Normalizer, scratch: inout [UInt8]) -> NameClass {
        let look = firstLook(name, for: .nfc)
        return switch look.answer {
        case .ascii: .ascii
        case .normal: .composed
        case .notUTF8: .notUTF8
        case .perhaps: normalizer.rewrite(name, from: look.untouched, to: .nfc, into: &scratch) ? .otherForm : .composed
        }
    }
}
