/// Finds what can be found in one name without its neighbours. Kept for a whole scan; needs no memory for a name.
public struct NameInspector {
    private var normalizer = Normalizer()
    private var scratch: [UInt8] = []
    private let double = DoubleEncoding()
    private let decoder: CharsetDecoder?
    private let losesCharacters: Bool

    /// How often private characters of each dialect were seen.
    public private(set) var dialects: (sfm: Int, sfu: Int) = (0, 0)

    /// What a name is and what is wrong with it.
    public struct Answer: Sendable {
        /// What it is made of.
        public var nameClass: NameClass
        /// What was found.
        public var findings = NameFindings()
    }

    /// - Parameters:
    ///   - assumed: what names that are not UTF-8 are taken for; nil where that is not known.
    ///   - losesCharacters: whether the file system shows `?` for what it cannot convert, as SMB and FAT do.
    public init(assumed: Charset? = nil, losesCharacters: Bool = false) {
        decoder = assumed.flatMap { $0 == .utf8 ? nil : CharsetDecoder($0) }
        self.losesCharacters = losesCharacters
    }

    /// Looks at a name.
    public mutating func look(_ name: Span<UInt8>) -> Answer {
        let check = quickCheck(name, for: .nfc)
        var answer = Answer(nameClass: check == .ascii ? .ascii : check == .notUTF8 ? .notUTF8 : .composed)
        lookAtASCII(name, &answer.findings)
        switch check {
        case .ascii: break
        case .notUTF8:
            answer.findings.insert(.notUTF8)
            if lengthInUTF8(name) > NamesPolicy.usualLongest { answer.findings.insert(.tooLong) }
        case .normal:
            lookAtScalars(name, &answer.findings)
        case .perhaps:
            lookAtScalars(name, &answer.findings)
            lookAtForm(name, &answer)
        }
        return answer
    }

    private mutating func lookAtForm(_ name: Span<UInt8>, _ answer: inout Answer) {
        guard normalizer.normalize(name, to: .nfc, into: &scratch) == .changed else { return }
        answer.nameClass = .otherForm
        if scratch.count > NamesPolicy.usualLongest { answer.findings.insert(.tooLong) }
        let isWorth = normalizer.normalize(name, to: .nfcHFS, into: &scratch) == .changed
        answer.findings.insert(isWorth ? .notComposed : .legacyCharacter)
    }

    /// Reserved `"*:<>?\|` and the controls, as bits of the bytes below 128.
    private static let reservedLow: UInt64 = 1 << 0x22 | 1 << 0x2A | 1 << 0x3A | 1 << 0x3C | 1 << 0x3E | 1 << 0x3F
    private static let reservedHigh: UInt64 = 1 << (0x5C - 64) | 1 << (0x7C - 64)

    private func lookAtASCII(_ name: Span<UInt8>, _ findings: inout NameFindings) {
        for index in 0..<name.count {
            let byte = unsafe name[unchecked: index]
            if byte < 0x40 {
                if byte < 0x20 { findings.insert(.invisible) }
                if Self.reservedLow >> UInt64(byte) & 1 != 0 {
                    findings.insert(byte == 0x3F && losesCharacters ? .alreadyLost : .reservedCharacter)
                }
            } else if byte < 0x80 {
                if Self.reservedHigh >> UInt64(byte - 0x40) & 1 != 0 { findings.insert(.reservedCharacter) }
                if byte == 0x7F { findings.insert(.invisible) }
            }
        }
        guard !name.isEmpty else { return }
        let last = name[name.count - 1]
        if last == 0x2E || last == 0x20 { findings.insert(.trailing) }
        if Self.isDevice(name) { findings.insert(.deviceName) }
    }

    /// CON, PRN, AUX, NUL, COM1 to COM9, LPT1 to LPT9, with any extension.
    private static func isDevice(_ name: Span<UInt8>) -> Bool {
        guard name.count >= 3, name.count == 3 || name.count == 4 || name[3] == 0x2E || name[4] == 0x2E else { return false }
        let word = (0..<3).reduce(UInt32(0)) { $0 << 8 | UInt32(name[$1] & 0xDF) }
        switch word {
        case 0x43_4F4E, 0x50_524E, 0x41_5558, 0x4E_554C: return name.count == 3 || name[3] == 0x2E
        case 0x43_4F4D, 0x4C_5054:
            return name.count >= 4 && (0x31...0x39).contains(name[3]) && (name.count == 4 || name[4] == 0x2E)
        default: return false
        }
    }

    private mutating func lookAtScalars(_ name: Span<UInt8>, _ findings: inout NameFindings) {
        var index = 0
        var couldBeTwice = true
        while index < name.count {
            let (scalar, length) = UTF8Bytes.scalar(in: name, at: index)
            index += length
            if scalar < 0x80 { continue }
            switch scalar {
            case 0x80...0x9F, 0xAD, 0x61C, 0x200B...0x200F, 0x202A...0x202E, 0x2028, 0x2029, 0x2066...0x2069, 0xFEFF:
                findings.insert(.invisible)
            case 0xFFFD: findings.insert(.alreadyLost)
            case 0xF001...0xF0FF: lookAtPrivate(scalar, &findings)
            default: break
            }
            if scalar > 0x2122 { couldBeTwice = false }
        }
        if couldBeTwice, double.mend(name, into: &scratch) { findings.insert(.doubleEncoded) }
    }

    /// Which of the two dialects: where they contradict each other, neither.
    private mutating func lookAtPrivate(_ scalar: UInt32, _ findings: inout NameFindings) {
        switch scalar {
        case 0xF001...0xF01F, 0xF020, 0xF022: break
        case 0xF021, 0xF023...0xF029: dialects.sfm += 1
        case 0xF02A, 0xF02E, 0xF03A, 0xF03C, 0xF03E, 0xF03F, 0xF05C, 0xF07C: dialects.sfu += 1
        default: return
        }
        findings.insert(.privateDialect)
    }

    /// As the assumed charset reads it; without one as two bytes that become three, as all of East Asia does.
    private func lengthInUTF8(_ name: Span<UInt8>) -> Int {
        var length = 0
        var index = 0
        while index < name.count {
            if let decoder {
                let (scalar, taken) = decoder.scalar(in: name, at: index)
                length += taken == 0 ? 3 : scalar < 0x80 ? 1 : scalar < 0x800 ? 2 : scalar < 0x1_0000 ? 3 : 4
                index += max(1, taken)
            } else {
                length += name[index] < 0x80 ? 2 : 3
                index += 1
            }
        }
        return decoder == nil ? length / 2 : length
    }
}
