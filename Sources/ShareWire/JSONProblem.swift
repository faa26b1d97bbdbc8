/// Why a text is not the JSON this project accepts, and where.
public struct JSONProblem: Error, Equatable, Sendable {
    /// The byte, counted from 0, at which it was noticed.
    public let offset: Int
    /// What is wrong there.
    public let reason: Reason

    /// A problem at a byte.
    public init(offset: Int, reason: Reason) {
        self.offset = offset
        self.reason = reason
    }

    /// What can be wrong with a text. The raw value says it in words.
    public enum Reason: String, Sendable, CaseIterable {
        case empty = "there is no value"
        case endsEarly = "the text ends in the middle of a value"
        case unexpectedByte = "this byte cannot stand here"
        case trailingBytes = "something follows the value"
        case byteOrderMark = "it begins with a byte-order mark"
        case nul = "it holds a NUL"
        case controlCharacter = "a control character stands in a text unescaped"
        case notUTF8 = "it is no valid UTF-8"
        case badEscape = "this escape does not exist"
        case loneSurrogate = "half of a surrogate pair stands alone"
        case duplicateKey = "a key stands twice in one mapping"
        case notWhole = "only whole numbers without an exponent are allowed"
        case leadingZero = "a number begins with a needless zero"
        case negativeZero = "zero has no sign"
        case numberTooLarge = "a number is past 2^53"
        case tooLong = "the text is longer than 1 MiB"
        case tooDeep = "lists and mappings are nested more than 16 deep"
        case tooManyValues = "it holds more than 65536 values"
        case stringTooLong = "a text is longer than 64 KiB"
    }

    /// Place and reason in one line.
    public var sentence: String {
        "byte \(offset): \(reason.rawValue)"
    }
}
