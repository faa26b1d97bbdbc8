public import FileNames
public import ShareModel

extension NamesPolicy {
    /// The `names:` of a share (contract section 7), as JSON has it. What a view has nothing to do with (`view`) is passed over.
    /// - Throws: `share-invalid`, with the key and the words that it takes; `charset-unavailable` for an unknown encoding.
    public init(_ value: Value) throws(Cause) {
        self.init()
        guard case .object(let members) = value else {
            throw Self.wrong("names", "is not an object", "give an object such as {\"encoding\": \"gb18030\", \"form\": \"nfc\"}")
        }
        for member in members {
            let key = member.key
            guard let word = member.value.text else { throw Self.wrong(key, "is not a text", "give one word") }
            switch key {
            case "encoding": charset = try Self.charset(word)
            case "form": form = try Self.form(key, word, [.nfc, .nfcHFS, .nfd])
            case "newNames": newNames = try Self.form(key, word, [.nfc, .nfd, .nfdHFS])
            case "reserved": reserved = try Self.word(key, word, ReservedCharacters.allCases)
            case "invalid": invalid = try Self.word(key, word, InvalidBytes.allCases)
            // `report` is for a scan: a view can only keep names apart or not.
            case "case": isCaseSensitive = try Self.choice(key, word, ["sensitive", "insensitive", "report"]) != "insensitive"
            // So is it here: with two names alike and no suffix one of them could not be reached.
            case "collisions": _ = try Self.choice(key, word, ["suffix", "report"])
            case "view": _ = try Self.choice(key, word, ["auto", "always", "never"])
            default:
                throw Self.wrong(
                    key, "is no key of names", "the keys are encoding, form, newNames, reserved, invalid, case, collisions and view")
            }
        }
    }

    private static func charset(_ word: String) throws(Cause) -> Charset {
        if word == "auto" {
            throw Cause(
                .shareInvalid, "names.encoding: 'auto' proposes and never decides",
                evidence: ["a view that guesses would show other names when the directory changes"],
                remedy: ["shareagent names scan PATH proposes an encoding; name it"])
        }
        guard let charset = Charset(named: word) else {
            throw Cause(
                .charsetUnavailable, "names.encoding: '\(word)' is not known here",
                evidence: ["known are \(Charset.allCases.map(\.rawValue).joined(separator: ", "))"], remedy: ["name one of these"])
        }
        return charset
    }

    private static func form(_ key: String, _ word: String, _ known: [NormalForm]) throws(Cause) -> NormalForm? {
        if word == "asis" { return nil }
        guard let form = known.first(where: { $0.rawValue == word }) else {
            throw wrong(key, "cannot be '\(word)'", "it is asis, \(known.map(\.rawValue).joined(separator: ", "))")
        }
        return form
    }

    private static func word<Word: RawRepresentable<String>>(_ key: String, _ word: String, _ known: [Word]) throws(Cause) -> Word {
        guard let value = Word(rawValue: word) else {
            throw wrong(key, "cannot be '\(word)'", "it is \(known.map(\.rawValue).joined(separator: ", "))")
        }
        return value
    }

    private static func choice(_ key: String, _ word: String, _ known: [String]) throws(Cause) -> String {
        guard known.contains(word) else { throw wrong(key, "cannot be '\(word)'", "it is \(known.joined(separator: ", "))") }
        return word
    }

    private static func wrong(_ key: String, _ what: String, _ remedy: String) -> Cause {
        Cause(.shareInvalid, "names.\(key) \(what)", evidence: ["shareagent.yaml(5) has the keys and their words"], remedy: [remedy])
    }
}
