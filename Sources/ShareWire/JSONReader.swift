internal import ShareModel

/// The reader behind `StrictJSON.parse`. It descends at most `Limits.depth` times, looks at each byte a fixed
/// number of times, and gives up at the first limit, so hostile input costs no more than honest input.
struct JSONReader {
    private var index = 0
    private var values = 0

    mutating func document(_ bytes: Span<UInt8>) throws(JSONProblem) -> Value {
        guard bytes.count <= Limits.frameBytes else { throw JSONProblem(offset: Limits.frameBytes, reason: .tooLong) }
        if bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF {
            throw JSONProblem(offset: 0, reason: .byteOrderMark)
        }
        skipSpace(bytes)
        guard index < bytes.count else { throw problem(.empty) }
        let value = try value(bytes, depth: 0)
        skipSpace(bytes)
        guard index == bytes.count else { throw problem(bytes[index] == 0 ? .nul : .trailingBytes) }
        return value
    }

    private mutating func value(_ bytes: Span<UInt8>, depth: Int) throws(JSONProblem) -> Value {
        guard index < bytes.count else { throw problem(.endsEarly) }
        values += 1
        guard values <= Limits.values else { throw problem(.tooManyValues) }
        switch bytes[index] {
        case UInt8(ascii: "{"): return try object(bytes, depth: depth)
        case UInt8(ascii: "["): return try array(bytes, depth: depth)
        case UInt8(ascii: "\""): return .string(try string(bytes))
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .integer(try number(bytes))
        case UInt8(ascii: "t"):
            try word("true", bytes)
            return .bool(true)
        case UInt8(ascii: "f"):
            try word("false", bytes)
            return .bool(false)
        case UInt8(ascii: "n"):
            try word("null", bytes)
            return .null
        case let byte: throw misplaced(byte)
        }
    }

    private mutating func array(_ bytes: Span<UInt8>, depth: Int) throws(JSONProblem) -> Value {
        try enter(depth)
        var elements: [Value] = []
        skipSpace(bytes)
        if taken(UInt8(ascii: "]"), bytes) { return .array(elements) }
        while true {
            skipSpace(bytes)
            elements.append(try value(bytes, depth: depth + 1))
            if try ended(by: UInt8(ascii: "]"), bytes) { return .array(elements) }
        }
    }

    private mutating func object(_ bytes: Span<UInt8>, depth: Int) throws(JSONProblem) -> Value {
        try enter(depth)
        var members: [Value.Member] = []
        var keys = KeySet()
        skipSpace(bytes)
        if taken(UInt8(ascii: "}"), bytes) { return .object(members) }
        while true {
            skipSpace(bytes)
            guard index < bytes.count else { throw problem(.endsEarly) }
            guard bytes[index] == UInt8(ascii: "\"") else { throw misplaced(bytes[index]) }
            let start = index
            let key = try string(bytes)
            guard keys.insert(key) else { throw JSONProblem(offset: start, reason: .duplicateKey) }
            skipSpace(bytes)
            guard index < bytes.count else { throw problem(.endsEarly) }
            guard taken(UInt8(ascii: ":"), bytes) else { throw misplaced(bytes[index]) }
            skipSpace(bytes)
            members.append(Value.Member(key, try value(bytes, depth: depth + 1)))
            if try ended(by: UInt8(ascii: "}"), bytes) { return .object(members) }
        }
    }

    /// Steps over the bracket that opens a list or mapping.
    private mutating func enter(_ depth: Int) throws(JSONProblem) {
        guard depth < Limits.depth else { throw problem(.tooDeep) }
        index += 1
    }

    /// After an element: true behind the closing bracket, false behind a comma.
    private mutating func ended(by bracket: UInt8, _ bytes: Span<UInt8>) throws(JSONProblem) -> Bool {
        skipSpace(bytes)
        guard index < bytes.count else { throw problem(.endsEarly) }
        if taken(bracket, bytes) { return true }
        guard taken(UInt8(ascii: ","), bytes) else { throw misplaced(bytes[index]) }
        return false
    }

    private mutating func number(_ bytes: Span<UInt8>) throws(JSONProblem) -> Int64 {
        let start = index
        let negative = taken(UInt8(ascii: "-"), bytes)
        guard index < bytes.count else { throw problem(.endsEarly) }
        guard isDigit(bytes[index]) else { throw misplaced(bytes[index]) }
        let firstDigit = index
        var number: Int64 = 0
        while index < bytes.count, isDigit(bytes[index]) {
            number = number * 10 + Int64(bytes[index] - UInt8(ascii: "0"))
            guard number <= Limits.number else { throw JSONProblem(offset: start, reason: .numberTooLarge) }
            index += 1
        }
        if index < bytes.count, [UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E")].contains(bytes[index]) {
            throw problem(.notWhole)
        }
        if bytes[firstDigit] == UInt8(ascii: "0"), index > firstDigit + 1 {
            throw JSONProblem(offset: firstDigit, reason: .leadingZero)
        }
        if negative, number == 0 { throw JSONProblem(offset: start, reason: .negativeZero) }
        return negative ? -number : number
    }

    private mutating func word(_ word: StaticString, _ bytes: Span<UInt8>) throws(JSONProblem) {
        for byte in String(describing: word).utf8 {
            guard index < bytes.count else { throw problem(.endsEarly) }
            guard taken(byte, bytes) else { throw misplaced(bytes[index]) }
        }
    }

    /// A text or key; `index` stands on the opening quotation mark.
    private mutating func string(_ bytes: Span<UInt8>) throws(JSONProblem) -> String {
        index += 1
        let start = index
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\""):
                guard index - start <= Limits.stringBytes else { throw JSONProblem(offset: start, reason: .stringTooLong) }
                let text = try text(bytes.extracting(start..<index), at: start)
                index += 1
                return text
            case UInt8(ascii: "\\"): return try escapedString(bytes, from: start)
            case 0: throw problem(.nul)
            case ..<0x20: throw problem(.controlCharacter)
            default: index += 1
            }
        }
        throw problem(.endsEarly)
    }

    /// The rest of a text that holds escapes; `index` stands on the first backslash.
    private mutating func escapedString(_ bytes: Span<UInt8>, from start: Int) throws(JSONProblem) -> String {
        var plain: [UInt8] = []
        for position in start..<index { plain.append(bytes[position]) }
        while index < bytes.count {
            guard plain.count <= Limits.stringBytes else { throw JSONProblem(offset: start, reason: .stringTooLong) }
            switch bytes[index] {
            case UInt8(ascii: "\""):
                let text = try text(plain.span, at: start)
                index += 1
                return text
            case UInt8(ascii: "\\"):
                plain.append(contentsOf: try escape(bytes).utf8)
            case 0: throw problem(.nul)
            case ..<0x20: throw problem(.controlCharacter)
            case let byte:
                plain.append(byte)
                index += 1
            }
        }
        throw problem(.endsEarly)
    }

    private mutating func escape(_ bytes: Span<UInt8>) throws(JSONProblem) -> Character {
        let start = index
        guard start + 1 < bytes.count else { throw problem(.endsEarly) }
        index += 2
        switch bytes[start + 1] {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{08}"
        case UInt8(ascii: "f"): return "\u{0C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return Character(try codePoint(bytes, from: start))
        default: throw JSONProblem(offset: start, reason: .badEscape)
        }
    }

    /// One `\uXXXX`, or two that form a pair; `index` stands behind the first `\u`.
    private mutating func codePoint(_ bytes: Span<UInt8>, from start: Int) throws(JSONProblem) -> Unicode.Scalar {
        let first = try fourDigits(bytes)
        guard first != 0 else { throw JSONProblem(offset: start, reason: .nul) }
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, index + 1 < bytes.count, bytes[index] == UInt8(ascii: "\\"), bytes[index + 1] == UInt8(ascii: "u")
        else { throw JSONProblem(offset: start, reason: .loneSurrogate) }
        index += 2
        let second = try fourDigits(bytes)
        guard (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
        else { throw JSONProblem(offset: start, reason: .loneSurrogate) }
        return scalar
    }

    private mutating func fourDigits(_ bytes: Span<UInt8>) throws(JSONProblem) -> UInt32 {
        var number: UInt32 = 0
        for _ in 0..<4 {
            guard index < bytes.count else { throw problem(.endsEarly) }
            guard let digit = hexadecimalDigit(bytes[index]) else { throw problem(.badEscape) }
            number = number << 4 | digit
            index += 1
        }
        return number
    }

    private func hexadecimalDigit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a")) + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A")) + 10
        default: nil
        }
    }

    private func text(_ bytes: Span<UInt8>, at start: Int) throws(JSONProblem) -> String {
        do {
            return String(copying: try UTF8Span(validating: bytes))
        } catch {
            throw JSONProblem(offset: start + error.byteOffsets.lowerBound, reason: .notUTF8)
        }
    }

    private func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private mutating func taken(_ byte: UInt8, _ bytes: Span<UInt8>) -> Bool {
        guard index < bytes.count, bytes[index] == byte else { return false }
        index += 1
        return true
    }

    private mutating func skipSpace(_ bytes: Span<UInt8>) {
        while index < bytes.count, bytes[index] == 0x20 || (0x09...0x0A).contains(bytes[index]) || bytes[index] == 0x0D { index += 1 }
    }

    private func problem(_ reason: JSONProblem.Reason) -> JSONProblem {
        JSONProblem(offset: index, reason: reason)
    }

    /// A byte that cannot begin what should stand here, with the reason a reader of the log understands best.
    private func misplaced(_ byte: UInt8) -> JSONProblem {
        switch byte {
        case 0: problem(.nul)
        case 0x80...: problem(.notUTF8)
        default: problem(.unexpectedByte)
        }
    }
}

/// The keys of one mapping, compared by their bytes: `Set<String>` would call composed and decomposed spellings
/// the same key. Few keys are compared one by one; many are hashed with Swift's per-process seed, which the peer cannot aim at.
struct KeySet {
    private struct Key: Hashable {
        let text: String

        static func == (left: Key, right: Key) -> Bool {
            left.text.hasSameBytes(as: right.text)
        }

        func hash(into hasher: inout Hasher) {
            // Eight bytes at a time; the last ones with their number, so that no two lengths collide by zeros.
            var word: UInt64 = 0
            var held = 0
            for byte in text.utf8 {
                word = word << 8 | UInt64(byte)
                held += 1
                if held == 8 {
                    hasher.combine(word)
                    (word, held) = (0, 0)
                }
            }
            hasher.combine(word << 8 | UInt64(held))
        }
    }

    private static let scannedKeys = 8
    private var few: [String] = []
    private var many: Set<Key> = []

    /// False when the key is in already.
    mutating func insert(_ key: String) -> Bool {
        if many.isEmpty, few.count < Self.scannedKeys {
            guard !few.contains(where: { $0.hasSameBytes(as: key) }) else { return false }
            few.append(key)
            return true
        }
        if many.isEmpty { many = Set(few.map(Key.init)) }
        return many.insert(Key(text: key)).inserted
    }
}
