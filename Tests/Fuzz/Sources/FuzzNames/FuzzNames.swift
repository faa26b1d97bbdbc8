import FileNames

/// A directory of any names, seen through any policy: all are shown, each once, and each leads back; any bytes come back from their text.
/// The first bytes choose the policy, the others are names with NULs between them.
@c(LLVMFuzzerTestOneInput)
public func fuzzNames(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    guard bytes.count > 3 else { return 0 }
    let charset = charsets[Int(bytes[0]) % charsets.count]
    let forms: [NormalForm?] = [nil] + NormalForm.allCases
    let policy = NamesPolicy(
        charset: charset, form: forms[Int(bytes[1] & 15) % forms.count], newNames: forms[Int(bytes[1] >> 4) % forms.count],
        reserved: ReservedCharacters.allCases[Int(bytes[2] & 15) % 3], invalid: InvalidBytes.allCases[Int(bytes[2] >> 4) % 3],
        isCaseSensitive: bytes[2] & 8 == 0, longest: bytes[2] & 4 == 0 ? 255 : 24)
    let names = Array(Set(bytes[3...].split(separator: 0).prefix(40).map { Array($0.prefix(255)) }.filter { FileName($0) != nil }))
    look(at: names, charset, policy)
    if bytes[0] & 7 == 0 { guess(names) }

    var translation = NameTranslation(policy)
    let directory = DirectoryNames(names, by: &translation)
    var keys: Set<[UInt8]> = []
    for name in names {
        let shown = directory.shown(name)
        precondition(isUTF8(shown.span) && FileName(shown) != nil, "not a name")
        precondition(shown.count <= policy.longest, "too long")
        precondition(keys.insert(translation.key(ofShown: shown)).inserted, "shown twice")
        precondition(directory.source(ofShown: shown, by: &translation) == name, "leads elsewhere")
        if let source = translation.source(ofTyped: name) {
            let again = translation.shown(source)
            precondition(translation.source(ofTyped: again) != nil, "what was written cannot be typed")
        }
    }
    return 0
}

private let charsets = Charset.allCases

/// Everything that looks at single names.
private func look(at names: [[UInt8]], _ charset: Charset, _ policy: NamesPolicy) {
    let text = TextOfBytes(charset, invalid: policy.invalid)
    var inspector = NameInspector(assumed: charset)
    var hasher = KeyHasher()
    for name in names {
        let shown = text.text(of: name)
        precondition(isUTF8(shown.span), "not UTF-8")
        precondition(text.bytes(of: shown) == name, "does not come back")
        let span = name.span
        _ = inspector.look(span)
        _ = hasher.hash(span)
        _ = FileName.display(name)
    }
}

/// Its tables are made anew each time, for some of the inputs: kept in a global, their tagged pointers look like a leak.
private func guess(_ names: [[UInt8]]) {
    var tally = CharsetTally(GuessModel())
    for name in names { tally.add(name.span) }
    if let guess = tally.guess() { precondition(guess.unreadable <= guess.names, "more unreadable than there are") }
}
