import FileNames
import Glibc
import Testing

/// glibc's converter, the tables' origin and the judge here.
private struct Judge {
    let descriptor: iconv_t

    init(to: String, from: String) throws {
        descriptor = iconv_open(to, from)
        try #require(Int(bitPattern: descriptor) != -1, "glibc cannot convert from \(from) to \(to)")
    }

    func convert(_ bytes: [UInt8]) -> [UInt8]? {
        var input = bytes.map { CChar(bitPattern: $0) }
        var output = [CChar](repeating: 0, count: 64)
        var (inLeft, outLeft) = (input.count, output.count)
        return input.withUnsafeMutableBufferPointer { source in
            output.withUnsafeMutableBufferPointer { target in
                var (from, to) = (source.baseAddress, target.baseAddress)
                iconv(descriptor, nil, nil, nil, nil)
                let answer = iconv(descriptor, &from, &inLeft, &to, &outLeft)
                let flushed = iconv(descriptor, nil, nil, &to, &outLeft)
                guard answer != -1, flushed != -1, inLeft == 0 else { return nil }
                return target.prefix(64 - outLeft).map { UInt8(bitPattern: $0) }
            }
        }
    }
}

@Suite("charsets, each code asked of glibc")
struct CharsetTests {
    private static func nameInGlibc(_ charset: Charset) -> String {
        switch charset {
        case .macRoman: "MACINTOSH"
        case .cp950: "BIG5"
        case .cp949: "UHC"
        default: charset.rawValue.uppercased()
        }
    }

    /// All that a charset could mean: each byte, each pair, what is longer in EUC-JP and GB 18030.
    private static func codes(_ charset: Charset) -> [[UInt8]] {
        var codes = (0x80...0xFF).map { [UInt8($0)] }
        guard
            charset.rawValue.hasPrefix("gb") || charset.rawValue.hasPrefix("big") || charset.rawValue.hasPrefix("euc")
                || [.cp936, .cp950, .cp932, .cp949].contains(charset)
        else { return codes }
        for lead in 0x80...0xFF { for trail in 0x21...0xFF { codes.append([UInt8(lead), UInt8(trail)]) } }
        if charset == .eucJP { for row in 0xA1...0xFE { for cell in 0xA1...0xFE { codes.append([0x8F, UInt8(row), UInt8(cell)]) } } }
        if charset == .gb18030 {
            for a in [0x81, 0x82, 0x83, 0x84, 0x90, 0x95, 0xE3] as [UInt8] {
                for b in UInt8(0x30)...0x39 { for c in UInt8(0x81)...0xFE { for d in UInt8(0x30)...0x39 { codes.append([a, b, c, d]) } } }
            }
        }
        return codes
    }

    @Test(
        "what glibc takes there and back is decoded and encoded alike, and nothing else", arguments: Charset.allCases.filter { $0 != .utf8 }
    )
    func agreement(charset: Charset) throws {
        let name = Self.nameInGlibc(charset)
        let (toText, toBytes) = (try Judge(to: "UTF-8", from: name), try Judge(to: name, from: "UTF-8"))
        let (decoder, encoder) = (CharsetDecoder(charset), CharsetEncoder(charset))
        var known = 0
        var differences: [[UInt8]] = []
        for code in Self.codes(charset) {
            let text = toText.convert(code)
            let judged = text.flatMap { toBytes.convert($0) } == code ? text : nil
            let (scalar, length) = decoded(code, by: decoder)
            var ours: [UInt8]?
            if length == code.count, let character = Unicode.Scalar(scalar) {
                ours = Array(String(Character(character)).utf8)
                var back: [UInt8] = []
                let isEncoded = encoder.append(scalar, to: &back)
                #expect(isEncoded && back == code, "\(code) is decoded to U+\(String(scalar, radix: 16)) and encoded as \(back)")
                known += 1
            }
            // Two codes that begin with a whole character are two characters; codes that mean two characters at once are left out.
            if length == code.count || length == 0, ours != judged,
                judged.map({ String(decoding: $0, as: UTF8.self).unicodeScalars.count == 1 }) ?? true
            {
                differences.append(code)
            }
        }
        #expect(differences.isEmpty, "\(differences.prefix(10))")
        #expect(known > 30, "\(known)")
    }

    @Test(
        "a charset is found by the names that people use",
        arguments: [
            ("GBK", Charset.cp936), ("Shift_JIS", .cp932), ("Big5", .cp950), ("windows-1252", .cp1252), ("Latin1", .iso8859p1),
            ("UTF-8", .utf8),
            ("macintosh", .macRoman), ("KOI8-R", .koi8R), ("euc-kr", .eucKR),
        ])
    func aliases(name: String, charset: Charset) {
        #expect(Charset(named: name) == charset)
    }

    @Test("a stateful charset is none for names", arguments: ["iso-2022-jp", "utf-7", "hz", "ebcdic", ""])
    func unknown(name: String) {
        #expect(Charset(named: name) == nil)
    }

    @Test("a euro sign, a yen sign, and a backslash that stays one")
    func details() {
        var bytes: [UInt8] = []
        #expect(CharsetEncoder(.macRoman).append(0x20AC, to: &bytes) || CharsetEncoder(.macRoman).append(0xA4, to: &bytes))
        #expect(decoded([0x80], by: CharsetDecoder(.cp936)).value == 0x20AC)
        #expect(decoded([0x5C], by: CharsetDecoder(.cp932)).value == 0x5C)
        #expect(decoded([0x87, 0x90], by: CharsetDecoder(.cp932)).length == 0, "a double of 81E0 is not taken for it")
    }
}
