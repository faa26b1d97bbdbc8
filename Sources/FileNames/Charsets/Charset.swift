/// What the bytes of names on a source mean. The tables are those of glibc 2.36 and never follow the system.
public enum Charset: String, Sendable, CaseIterable {
    /// Unicode.
    case utf8 = "utf-8"
    /// Chinese, simplified: GB 18030-2005, all of Unicode.
    case gb18030
    /// Chinese, simplified: GBK with Microsoft's euro sign.
    case cp936
    /// Chinese, traditional, with Hong Kong's characters.
    case big5HKSCS = "big5-hkscs"
    /// Chinese, traditional: Big5.
    case cp950
    /// Japanese: Shift_JIS as Windows writes it.
    case cp932
    /// Japanese.
    case eucJP = "euc-jp"
    /// Korean: EUC-KR and all other syllables.
    case cp949
    /// Korean: KS X 1001 only.
    case eucKR = "euc-kr"
    /// Windows' code pages.
    case cp1250, cp1251, cp1252, cp1253, cp1254, cp1255, cp1256, cp1257, cp1258
    /// DOS' code pages.
    case cp437, cp850, cp852, cp866, cp874
    /// Russian and Ukrainian on Unix.
    case koi8R = "koi8-r", koi8U = "koi8-u"
    /// Western, on the old Mac OS.
    case macRoman = "mac-roman"
    /// Western, on Unix.
    case iso8859p1 = "iso-8859-1"
    /// The other parts of ISO 8859.
    case iso8859p2 = "iso-8859-2", iso8859p3 = "iso-8859-3", iso8859p4 = "iso-8859-4", iso8859p5 = "iso-8859-5"
    /// More of them.
    case iso8859p6 = "iso-8859-6", iso8859p7 = "iso-8859-7", iso8859p8 = "iso-8859-8", iso8859p9 = "iso-8859-9"
    /// And the last ones.
    case iso8859p10 = "iso-8859-10", iso8859p11 = "iso-8859-11", iso8859p13 = "iso-8859-13", iso8859p14 = "iso-8859-14"
    /// With the euro sign, and Romanian.
    case iso8859p15 = "iso-8859-15", iso8859p16 = "iso-8859-16"

    /// The charset of a name, in whatever case; the names that people and other programs know are taken, too.
    public init?(named name: String) {
        let word = name.lowercased()
        guard let charset = Self(rawValue: word) ?? Self.aliases[word] else { return nil }
        self = charset
    }

    private static let aliases: [String: Charset] = {
        var aliases: [String: Charset] = [
            "utf8": .utf8, "gbk": .cp936, "gb2312": .cp936, "euc-cn": .cp936, "big5": .cp950, "big5hkscs": .big5HKSCS,
            "shift_jis": .cp932, "shift-jis": .cp932, "sjis": .cp932, "windows-31j": .cp932, "eucjp": .eucJP, "euckr": .eucKR,
            "uhc": .cp949,
            "windows-949": .cp949, "latin1": .iso8859p1, "latin-1": .iso8859p1, "latin9": .iso8859p15, "macintosh": .macRoman,
            "macroman": .macRoman, "tis-620": .cp874, "windows-874": .cp874, "ibm437": .cp437, "ibm850": .cp850, "ibm852": .cp852,
            "ibm866": .cp866,
        ]
        for charset in Charset.allCases where charset.rawValue.hasPrefix("cp125") {
            aliases["windows-" + charset.rawValue.dropFirst(2)] = charset
        }
        return aliases
    }()

    /// How the tables hold it.
    enum Kind {
        case utf8
        /// The number of its 128 cells.
        case single(Int)
        /// The number of its table.
        case double(Int)
        case gb18030
        case eucJP
    }

    /// As Tables/charsets.py numbers them.
    var kind: Kind {
        switch self {
        case .utf8: .utf8
        case .gb18030: .gb18030
        case .cp936: .double(1)
        case .big5HKSCS: .double(2)
        case .cp950: .double(3)
        case .cp932: .double(4)
        case .cp949: .double(5)
        case .eucKR: .double(6)
        case .eucJP: .eucJP
        default: .single(Self.singles.firstIndex(of: self) ?? 0)
        }
    }

    private static let singles: [Charset] = [
        .cp1250, .cp1251, .cp1252, .cp1253, .cp1254, .cp1255, .cp1256, .cp1257, .cp1258, .cp437, .cp850, .cp852, .cp866, .cp874, .koi8R,
        .koi8U, .macRoman, .iso8859p1, .iso8859p2, .iso8859p3, .iso8859p4, .iso8859p5, .iso8859p6, .iso8859p7, .iso8859p8, .iso8859p9,
        .iso8859p10, .iso8859p11, .iso8859p13, .iso8859p14, .iso8859p15, .iso8859p16,
    ]
}
