import FileNames
import ShareModel

/// Says what a name is made of, and what programs and systems would make of it. Looks at no file.
struct NameExplanation {
    private let name: [UInt8]
    private let policy: NamesPolicy?

    init(_ order: ExplainOrder) { (name, policy) = (order.name, order.policy) }

    func run() -> Value {
        var inspector = NameInspector(assumed: policy?.charset)
        let look = inspector.look(name.span)
        let isText = look.nameClass != .notUTF8
        return .object([
            "name": ScanReport.path(name), "bytes": .number(name.count), "class": .string(look.nameClass.rawValue),
            "unicode": .string(NormalForm.unicodeVersion), "characters": .array(isText ? characters(of: name) : bytes()),
            "findings": .array(
                NameFinding.allCases.filter { look.findings.contains($0) }.map {
                    .object(["code": .string($0.code), "finding": .string($0.sentence)])
                }),
            "windows": .array(windows(look.findings).map(Value.string)), "forms": .array(isText ? forms() : []),
            "readings": .array(isText ? [] : readings()), "otherwise": .array(isText ? otherwise() : []),
            "shown": .array(shown()),
        ])
    }

    // MARK: what it is made of

    private func characters(of text: [UInt8]) -> [Value] {
        var normalizer = Normalizer()
        var place = 0
        return String(decoding: text, as: UTF8.self).unicodeScalars.map { scalar in
            let bytes = Array(String(scalar).utf8)
            defer { place += bytes.count }
            let parts = normalizer.normalized(bytes, to: .nfd)
            return .object([
                "at": .number(place), "bytes": .string(hexadecimal(bytes)), "scalar": .string(Self.number(scalar)),
                "text": .string(FileName.display(bytes)), "kind": .string(CharacterKind.words(of: scalar)),
                "parts": parts == bytes
                    ? nil
                    : .string(String(decoding: parts, as: UTF8.self).unicodeScalars.map(Self.number).joined(separator: " ")),
            ])
        }
    }

    /// Of what is not UTF-8 no character can be told, but the ASCII in it.
    private func bytes() -> [Value] {
        name.enumerated().map { place, byte in
            .object([
                "at": .number(place), "bytes": .string(hexadecimal([byte])),
                "scalar": byte < 0x80 ? .string(Self.number(Unicode.Scalar(byte))) : nil,
                "text": .string(FileName.display([byte])),
                "kind": .string(byte < 0x80 ? CharacterKind.words(of: Unicode.Scalar(byte)) : "not UTF-8"), "parts": nil,
            ])
        }
    }

    private static func number(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        return "U+" + String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
    }

    // MARK: what becomes of it

    private func forms() -> [Value] {
        var normalizer = Normalizer()
        return NormalForm.allCases.map { form in
            let other = normalizer.normalized(name, to: form)
            return .object([
                "form": .string(form.rawValue), "name": ScanReport.path(other), "isSame": .bool(other == name),
                "length": .number(other.count),
            ])
        }
    }

    /// What each charset makes of it; those that make the same of it together, the likeliest first.
    private func readings() -> [Value] {
        var tally = CharsetTally(GuessModel())
        tally.add(name.span)
        let guess = tally.guess(expecting: policy?.charset)
        var conversion = NameConversion(.init(form: nil, longest: Int.max))
        var groups: [(text: [UInt8], charsets: [Charset])] = []
        for charset in Charset.allCases {
            guard case .rename(let text, _) = conversion.convert(name.span, from: charset) else { continue }
            if let place = groups.firstIndex(where: { $0.text == text }) {
                groups[place].charsets.append(charset)
            } else {
                groups.append((text, [charset]))
            }
        }
        let best = groups.firstIndex { group in guess.map { group.charsets.contains($0.charset) } ?? false }
        if let best { groups.insert(groups.remove(at: best), at: 0) }
        return groups.enumerated().map { place, group in
            .object([
                "charsets": .array(group.charsets.map { .string($0.rawValue) }), "name": ScanReport.path(group.text),
                "confidencePermille": place == 0 && best != nil ? .number(guess?.confidence ?? 0) : nil,
            ])
        }
    }

    /// What it could be meant to be, though it is UTF-8.
    private func otherwise() -> [Value] {
        var answers: [Value] = []
        func offer(_ why: String, _ rule: NameConversion.Rule) {
            var conversion = NameConversion(rule)
            guard case .rename(let text, _) = conversion.convert(name.span, from: nil) else { return }
            answers.append(.object(["if": .string(why), "name": ScanReport.path(text)]))
        }
        offer("it was encoded twice", .init(form: nil, mendsDouble: true, longest: Int.max))
        offer("its private characters are SFM", .init(form: nil, reserved: .sfm, longest: Int.max))
        offer("its private characters are SFU", .init(form: nil, reserved: .sfu, longest: Int.max))
        return answers
    }

    private func windows(_ findings: NameFindings) -> [String] {
        var lines: [String] = []
        if findings.contains(.reservedCharacter) {
            lines.append(
                "it cannot have this name: one of \" * : < > ? \\ | and controls; over SMB a private character stands for it (mapposix)")
        }
        if findings.contains(.trailing) { lines.append("it drops the dot or space at the end, so that it does not find the file") }
        if findings.contains(.deviceName) { lines.append("it takes this name for a device") }
        return lines
    }

    // MARK: how it is shown

    private func shown() -> [Value] {
        var policies: [(words: String, policy: NamesPolicy)] = [
            ("asis", NamesPolicy()), ("form nfc", NamesPolicy(form: .nfc)), ("form nfc-hfs", NamesPolicy(form: .nfcHFS)),
            ("form nfd", NamesPolicy(form: .nfd)), ("invalid percent", NamesPolicy(invalid: .percent)),
        ]
        if let policy { policies.insert((Self.words(of: policy), policy), at: 0) }
        return policies.map { words, policy in
            var translation = NameTranslation(policy)
            let shown = translation.shown(name)
            return .object([
                "policy": .string(words), "name": ScanReport.path(shown), "isSame": .bool(shown == name),
                "comesBack": .bool(translation.source(ofTyped: shown) == name),
            ])
        }
    }

    private static func words(of policy: NamesPolicy) -> String {
        var words = ["encoding \(policy.charset.rawValue)"]
        if let form = policy.form { words.append("form \(form.rawValue)") }
        if policy.reserved != .none { words.append("reserved \(policy.reserved.rawValue)") }
        if policy.invalid != .escape { words.append("invalid \(policy.invalid.rawValue)") }
        return words.joined(separator: ", ")
    }
}
