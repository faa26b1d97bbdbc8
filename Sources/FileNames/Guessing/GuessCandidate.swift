internal import CNameTables

/// A charset that the bytes may be of, with the languages it is used for and how seldom it is met.
struct GuessCandidate: Sendable {
    let charset: Charset
    let languages: [Language]
    /// What speaks against it before anything is seen.
    let prior: Cost

    private static func nats(_ number: Double) -> Cost { Cost(number * 16) }

    private static let western: [Language] = [.french, .german, .spanish, .portuguese, .italian, .nordic]
    private static let central: [Language] = [.polish, .czech, .hungarian, .southSlavic, .romanian]
    private static let cyrillic: [Language] = [.russian, .ukrainian, .bulgarian]

    /// Of two that read all names alike the first is meant: it is the one that more programs wrote.
    static let all: [GuessCandidate] = [
        .init(charset: .gb18030, languages: [.hans], prior: 0),
        .init(charset: .cp950, languages: [.hant], prior: 0),
        .init(charset: .big5HKSCS, languages: [.hant], prior: nats(1)),
        .init(charset: .cp932, languages: [.japanese], prior: 0),
        .init(charset: .eucJP, languages: [.japanese], prior: nats(1)),
        .init(charset: .cp949, languages: [.korean], prior: 0),
        .init(charset: .cp1251, languages: cyrillic, prior: 0),
        .init(charset: .koi8R, languages: [.russian, .bulgarian], prior: nats(0.5)),
        .init(charset: .koi8U, languages: [.ukrainian], prior: nats(1)),
        .init(charset: .cp866, languages: cyrillic, prior: nats(1)),
        .init(charset: .iso8859p5, languages: cyrillic, prior: nats(3)),
        .init(charset: .cp1252, languages: western, prior: 0),
        .init(charset: .iso8859p15, languages: western, prior: nats(1)),
        .init(charset: .cp850, languages: western, prior: nats(2)),
        .init(charset: .cp437, languages: western, prior: nats(2.5)),
        .init(charset: .macRoman, languages: western, prior: nats(2)),
        .init(charset: .cp1250, languages: central, prior: nats(1)),
        .init(charset: .iso8859p2, languages: central, prior: nats(1.5)),
        .init(charset: .cp852, languages: central, prior: nats(2.5)),
        .init(charset: .cp1253, languages: [.greek], prior: nats(1)),
        .init(charset: .iso8859p7, languages: [.greek], prior: nats(1.5)),
        .init(charset: .cp1254, languages: [.turkish], prior: nats(1)),
        .init(charset: .cp1255, languages: [.hebrew], prior: nats(1)),
        .init(charset: .cp1256, languages: [.arabic], prior: nats(1)),
        .init(charset: .iso8859p6, languages: [.arabic], prior: nats(3)),
        .init(charset: .cp1257, languages: [.baltic], prior: nats(1.5)),
        .init(charset: .iso8859p13, languages: [.baltic], prior: nats(2.5)),
        .init(charset: .cp874, languages: [.thai], prior: nats(1)),
    ]
}

/// What a character is, as far as its neighbours mind.
enum Shape: UInt8, Sendable {
    case none, upper, lower, uncased, symbol

    static func of(_ scalar: UInt32) -> Shape {
        switch scalar {
        case 0: .none
        case 0xC0...0x24F, 0x1E00...0x1EFF, 0x370...0x37D, 0x386, 0x388...0x3FF, 0x400...0x52F:
            scalar == 0xD7 || scalar == 0xF7 ? .symbol : UnicodeTable.record(scalar).folding_count > 0 && scalar != 0xDF ? .upper : .lower
        case 0x5D0...0x5EA, 0x620...0x65F, 0x670...0x6D3, 0xE01...0xE4E, 0x300...0x36F: .uncased
        default: .symbol
        }
    }

    var isLetter: Bool { self == .upper || self == .lower || self == .uncased }
}

/// What neighbours cost, in 1/16 nats.
enum Neighbours {
    /// Two letters with accents side by side, in languages that have few of them.
    static let twoAccents: Cost = 64
    /// A capital behind a small letter.
    static let capitalInside: Cost = 64
    /// Another script's letter beside an ASCII one.
    static let mixedScripts: Cost = 80
    /// A symbol beside a letter.
    static let symbolInside: Cost = 24
    /// A name that the charset cannot read, and each of its bytes above ASCII: dearer than the unlikeliest text.
    static let unreadable: Cost = 320
    static let unreadableByte: Cost = 120
}

/// A mark of all text that a charset made of the names: two with the same mark read them alike (FNV-1a).
struct Reading: Equatable, Sendable {
    private(set) var mark: UInt64 = 0xCBF2_9CE4_8422_2325

    @inline(__always)
    mutating func add(_ scalar: UInt32) { mark = (mark ^ UInt64(scalar)) &* 0x100_0000_01B3 }
}
