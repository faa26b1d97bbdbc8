/// What a share's `names:` could say, and the mount options that would do, from what a scan found. A proposal only: nothing follows it by itself.
public struct NamesProposal: Sendable {
    /// Keys of `names:` with their values and why.
    public private(set) var policy: [Line] = []
    /// Options of the mount, where they can do it.
    public private(set) var options: [Line] = []
    /// What no setting mends.
    public private(set) var notes: [String] = []

    /// One setting.
    public struct Line: Sendable, Equatable {
        /// As it is written.
        public let key: String
        /// As it is written.
        public let value: String
        /// Why it is proposed.
        public let why: String
    }

    /// Names of one charset, in a hundred of all that were guessed, from which on it is proposed for all.
    private static let enoughPercent = 95

    /// - Parameters:
    ///   - report: of the whole tree.
    ///   - filesystem: as in the mount table, such as `nfs4`; nil where it is not known.
    ///   - whole: a guess over the whole tree, where its directories leave it open.
    ///   - assumed: what the user says the charset is.
    public init(_ report: ScanReport, filesystem: String?, whole: CharsetGuess?, assumed: Charset?) {
        let isSMB = filesystem == "cifs" || filesystem == "smb3"
        proposeCharset(report, whole, assumed)
        proposeForm(report)
        proposeReserved(report)
        if count(.caseDuplicate, report) > 0 {
            add("case", "report", "\(names(.caseDuplicate, report)) differ in case only; a client that ignores case sees one of each")
        }
        if count(.canonicalDuplicate, report) > 0 {
            add("collisions", "suffix", "\(names(.canonicalDuplicate, report)) look like another one of their directory")
        }
        if isSMB {
            options.append(Line(key: "iocharset", value: "utf8", why: "SMB's names are Unicode; the client converts them"))
            if report.sfu > report.sfm {
                options.append(Line(key: "mapchars", value: "", why: "reserved characters are written in the dialect SFU"))
            } else {
                options.append(
                    Line(key: "mapposix", value: "", why: "reserved characters are written in the dialect SFM, the client's default"))
            }
        }
        if policy.contains(where: { ["encoding", "form", "reserved"].contains($0.key) }) {
            if isSMB, !policy.contains(where: { $0.key == "form" }) {
                add("view", "never", "mount options do it on SMB")
            } else {
                add(
                    "view", "auto",
                    "no mount option of \(filesystem ?? "this file system") converts names: a view over the share does, or converting them")
            }
        }
        noteRest(report)
    }

    private mutating func add(_ key: String, _ value: String, _ why: String) {
        policy.append(Line(key: key, value: value, why: why))
    }

    /// `1 name`, `2 names`.
    private func names(_ finding: NameFinding, _ report: ScanReport, _ verbs: (String, String) = ("", "")) -> String {
        let number = count(finding, report)
        return number == 1 ? "1 name" + verbs.0 : "\(number) names" + verbs.1
    }

    private func count(_ finding: NameFinding, _ report: ScanReport) -> Int { report.counts[finding] ?? 0 }

    private mutating func proposeCharset(_ report: ScanReport, _ whole: CharsetGuess?, _ assumed: Charset?) {
        let names = count(.notUTF8, report)
        guard names > 0 else { return }
        if let assumed {
            add("encoding", assumed.rawValue, "as --assume says, for \(names) names that are not UTF-8")
            return
        }
        let guessed = report.charsets.values.reduce(0) { $0 + $1.names }
        // Of two with as many names the same one each time.
        let usual = report.charsets.max { ($0.value.names, $1.key.rawValue) < ($1.value.names, $0.key.rawValue) }
        if let usual, usual.value.names * 100 >= guessed * Self.enoughPercent, guessed * 2 >= names {
            add("encoding", usual.key.rawValue, "\(usual.value.names) of \(names) names that are not UTF-8 read as \(usual.key.rawValue)")
        } else if guessed == 0, let whole, whole.isSure {
            add(
                "encoding", whole.charset.rawValue,
                "\(names) names that are not UTF-8 read as \(whole.charset.rawValue), all directories taken together")
        } else {
            add(
                "invalid", "escape",
                "\(names) names are not UTF-8 and of no one charset: each byte is shown as a private character, and nothing is lost")
            notes.append("name the charset with --assume where you know it; directories of several charsets are best converted one by one")
        }
    }

    private mutating func proposeForm(_ report: ScanReport) {
        guard count(.notComposed, report) > 0 else { return }
        let legacy = count(.legacyCharacter, report)
        add(
            "form", "nfc-hfs",
            "\(names(.notComposed, report, (" is", " are"))) decomposed, as macOS writes them"
                + (legacy > 0 ? "; legacy characters stay as they are" : ""))
        add("newNames", "asis", "the source takes either form")
    }

    private mutating func proposeReserved(_ report: ScanReport) {
        guard report.sfm + report.sfu > 0 else { return }
        let dialect: ReservedCharacters = report.sfu > report.sfm ? .sfu : .sfm
        add("reserved", dialect.rawValue, "private characters stand for those that Windows reserves")
        if report.sfm > 0, report.sfu > 0 {
            notes.append(
                "both dialects of private characters were found (\(report.sfm) SFM, \(report.sfu) SFU); only one can be read at a time")
        }
    }

    private mutating func noteRest(_ report: ScanReport) {
        if count(.alreadyLost, report) > 0 {
            notes.append(
                "\(names(.alreadyLost, report, (" holds", " hold"))) U+FFFD or ?: another program lost a character; only its user knows which one"
            )
        }
        if count(.doubleEncoded, report) > 0 {
            notes.append("\(names(.doubleEncoded, report, (" was", " were"))) encoded twice; a view shows that as it is, renaming mends it")
        }
        if count(.mixedCharsets, report) > 0 {
            notes.append(
                "\(names(.mixedCharsets, report, (" is", " are"))) of another charset than the rest of the directory, and shown escaped")
        }
        if count(.tooLong, report) > 0 {
            notes.append(
                "\(names(.tooLong, report, (" is", " are"))) longer than 255 bytes once converted, and shown shortened, with a suffix")
        }
    }
}
