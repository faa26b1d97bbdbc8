/// The `names:` of a share (contract section 7), checked: what its file names are made of, and what guest programs are to see.
public struct NamesWish: Hashable, Sendable {
    /// A key, with the words it takes.
    public enum Key: String, CaseIterable, Sendable {
        /// What the bytes on the source mean.
        case encoding
        /// The form that programs see.
        case form
        /// The form in which new names are written.
        case newNames
        /// Which private characters the source has in place of reserved ones.
        case reserved
        /// How bytes are shown that mean nothing.
        case invalid
        /// Whether case tells names apart.
        case `case`
        /// What becomes of names that would look alike.
        case collisions
        /// Whether a view is laid over the share.
        case view

        /// What it may be, each word with a space before and after it.
        var words: String {
            switch self {
            case .encoding: NamesWish.encodings
            case .form: " asis nfc nfc-hfs nfd "
            case .newNames: " asis nfc nfd nfd-hfs "
            case .reserved: " none sfm sfu "
            case .invalid: " escape percent refuse "
            case .case: " sensitive insensitive report "
            case .collisions: " suffix report "
            case .view: " auto never always "
            }
        }
    }

    /// The charsets of the view, which this room cannot ask: a test holds the two together. Those that people usually mean come first.
    static let encodings =
        " utf-8 gb18030 cp936 big5-hkscs cp950 cp932 euc-jp cp949 euc-kr cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 "
        + "cp437 cp850 cp852 cp866 cp874 koi8-r koi8-u mac-roman iso-8859-1 iso-8859-2 iso-8859-3 iso-8859-4 iso-8859-5 iso-8859-6 "
        + "iso-8859-7 iso-8859-8 iso-8859-9 iso-8859-10 iso-8859-11 iso-8859-13 iso-8859-14 iso-8859-15 iso-8859-16 utf8 gbk gb2312 euc-cn "
        + "big5 big5hkscs shift_jis shift-jis sjis windows-31j eucjp euckr uhc windows-949 latin1 latin-1 latin9 macintosh macroman "
        + "tis-620 windows-874 ibm437 ibm850 ibm852 ibm866 windows-1250 windows-1251 windows-1252 windows-1253 windows-1254 windows-1255 "
        + "windows-1256 windows-1257 windows-1258 "

    /// The words that an encoding may have.
    public static var knownEncodings: [String] { encodings.split(separator: Character(" ")).map(String.init) }

    /// What is written, by key; what is left out is chosen by the source's type.
    public private(set) var words: [String: String] = [:]

    /// Nothing wished.
    public init() {}

    /// Reads the keys of `names:`.
    /// - Throws: `FieldProblem` that names the key.
    init(_ members: [(key: String, value: String)]?, at path: String) throws(FieldProblem) {
        for (name, word) in members ?? [] {
            let place = "\(path).\(name.printable)"
            guard let key = Key.allCases.first(where: { $0.rawValue.hasSameBytes(as: name) }) else {
                let known = Key.allCases.map(\.rawValue).joined(separator: ", ")
                throw FieldProblem(path: place, message: "is no key of names: they are \(known)")
            }
            if key == .encoding, word == "auto" {
                throw FieldProblem(path: place, message: "'auto' only proposes: shareagent names scan names an encoding, write that")
            }
            guard !word.isEmpty, !word.utf8.contains(0x20), key.words.mentions(" \(word) ") else {
                let known = key.words.split(separator: Character(" ")).prefix(41).joined(separator: ", ")
                throw FieldProblem(path: place, message: "'\(word.printable)' is none of: \(known)")
            }
            guard words.updateValue(word, forKey: name) == nil else { throw FieldProblem(path: place, message: "stands twice") }
        }
    }

    /// What stands at a key; nil where nothing does.
    public subscript(key: Key) -> String? { words[key.rawValue] }

    /// Whether the bytes of names are no UTF-8.
    var isForeign: Bool { ![nil, "utf-8", "utf8"].contains(self[.encoding]) }

    /// Whether names are to be seen or written in another form than they have.
    var isReformed: Bool { ![nil, "asis"].contains(self[.form]) || ![nil, "asis"].contains(self[.newNames]) }
}

/// By what a share's `names:` is carried out.
public enum NamesMeans: String, CaseIterable, Sendable {
    /// Nothing is to be done: names are shown as they are.
    case nothing
    /// The kernel does it, by mount options.
    case options
    /// A view lies over the share.
    case view
}

extension Share {
    /// By what its `names:` is carried out. SMB carries names as Unicode, so that charset and reserved characters are the kernel's there.
    public var namesMeans: NamesMeans {
        if names[.view] == "always" { return .view }
        guard names[.view] != "never" else { return isSMB ? .options : .nothing }
        if isSMB {
            return names.isReformed || (names.isForeign && !hasUnicodeNames) ? .view : .options
        }
        let isWished =
            names.isForeign || names.isReformed || ![nil, "none"].contains(names[.reserved]) || names[.invalid] != nil
            || names[.case] == "insensitive"
        return isWished ? .view : .nothing
    }

    /// What a view over this share is told: what mount options do not do already. nil: there is none.
    public var viewRules: [String: String]? {
        guard namesMeans == .view else { return nil }
        var rules = names.words
        rules["view"] = nil
        if isSMB {
            rules["reserved"] = nil
            rules["case"] = nil
            if hasUnicodeNames { rules["encoding"] = nil }
        }
        return rules
    }

    /// What is told about its names; nil: there is nothing to tell.
    public var namesFact: Explanation.Fact? {
        let means = namesMeans
        guard !names.words.isEmpty || means == .view else { return nil }
        let rules = names.words.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        switch means {
        case .nothing: return Explanation.Fact("file names", rules, note: "nothing is to be done for that: names are shown as they are")
        case .options: return Explanation.Fact("file names", rules, note: "by mount options: SMB carries names as Unicode")
        case .view:
            return Explanation.Fact("file names", rules, note: "by a view at the target; only root can look below it, at \(rawPlace)")
        }
    }

    /// What mount options do of the share's `names:`; another one is another mount.
    public var namesOfMount: [String: String] {
        guard isSMB else { return [:] }
        return names.words.filter { $0.key == "reserved" || $0.key == "case" }
    }

    private var isSMB: Bool { if case .smb = source { true } else { false } }

    /// Whether the kernel shows names in UTF-8: only a share's own `iocharset` makes another charset of them.
    private var hasUnicodeNames: Bool { [nil, "utf8"].contains(options["iocharset"]) }
}
