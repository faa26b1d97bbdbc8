/// The 128 random bits that name a session, written as 32 lower-case hexadecimal digits.
public struct Nonce: Hashable, Sendable, CustomStringConvertible {
    /// The 32 digits.
    public let text: String

    /// A fresh one.
    public init(from random: inout some RandomNumberGenerator) {
        text = Self.digits(random.next()) + Self.digits(random.next())
    }

    /// A fresh one from the system's random numbers.
    public static func fresh() -> Nonce {
        var random = SystemRandomNumberGenerator()
        return Nonce(from: &random)
    }

    /// Nil when the text is not 32 lower-case hexadecimal digits.
    public init?(_ text: String) {
        let digits = text.utf8
        guard digits.count == 32,
            digits.allSatisfy({
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
            })
        else { return nil }
        self.text = text
    }

    /// The 32 digits.
    public var description: String { text }

    private static func digits(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}
