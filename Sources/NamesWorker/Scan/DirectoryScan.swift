import FileNames
import LinuxSystem

/// Looks at one directory after the other and adds what it finds to the report. Holds nothing of a directory but hashes, however large it is.
struct DirectoryScan {
    private(set) var report: ScanReport
    private var inspector: NameInspector
    private var hasher = KeyHasher()
    private var hashes: [UInt64] = []
    private var tally: CharsetTally
    /// All of the tree together.
    private var whole: CharsetTally
    private let assumed: Charset?
    /// Private characters of an earlier run that this one goes on from.
    private let dialectsBefore: (sfm: Int, sfu: Int)

    /// Hashes that are held at a time (8 MB); a larger directory is listed several times.
    static let mostHashes = 1 << 20
    /// Names that are compared one by one because their hashes agree.
    static let mostAlike = 10_000

    private let limit: Int

    init(report: ScanReport, assumed: Charset?, losesCharacters: Bool, limit: Int = Self.mostHashes) {
        self.report = report
        self.limit = limit
        self.assumed = assumed
        dialectsBefore = (report.sfm, report.sfu)
        inspector = NameInspector(assumed: assumed, losesCharacters: losesCharacters)
        let model = GuessModel()
        tally = CharsetTally(model)
        whole = CharsetTally(model)
    }

    /// A guess over all names so far.
    var wholeGuess: CharsetGuess? { whole.guess(expecting: assumed) }

    /// Scans a directory.
    /// - Parameters:
    ///   - path: below the scanned root.
    ///   - breath: called now and then, so that whoever waits knows that it goes on.
    /// - Returns: its subdirectories.
    mutating func scan(_ directory: CInt, _ path: [UInt8], breath: (Int) -> Void) throws(SystemCallError) -> SubdirectoryBatch {
        var batch = SubdirectoryBatch(after: nil)
        var listing = try DirectoryListing(directory)
        hashes.removeAll(keepingCapacity: hashes.capacity <= limit * 2)
        tally.clear()
        var (count, notUTF8, otherUTF8) = (0, 0, 0)
        var classCounts = (ascii: 0, composed: 0, other: 0)
        while try listing.next({ name, kind in
            count += 1
            if isDirectory(name, kind, in: directory) { batch.add(bytes(of: name)) }
            let answer = inspector.look(name)
            switch answer.nameClass {
            case .ascii: classCounts.ascii += 1
            case .composed: (classCounts.composed, otherUTF8) = (classCounts.composed + 1, otherUTF8 + 1)
            case .otherForm: (classCounts.other, otherUTF8) = (classCounts.other + 1, otherUTF8 + 1)
            case .notUTF8:
                notUTF8 += 1
                tally.add(name)
                whole.add(name)
            }
            if !answer.findings.isEmpty { note(answer.findings, name, path) }
            if hashes.count < limit { hashes.append(hasher.hash(name)) }
        }) { breath(report.names + count) }
        report.directories += 1
        report.names += count
        for (nameClass, number) in [
            (NameClass.ascii, classCounts.ascii), (.composed, classCounts.composed), (.otherForm, classCounts.other), (.notUTF8, notUTF8),
        ] where number > 0 {
            report.classes[nameClass, default: 0] += number
        }
        (report.sfm, report.sfu) = (dialectsBefore.sfm + inspector.dialects.sfm, dialectsBefore.sfu + inspector.dialects.sfu)
        try findAlike(directory, path, count, breath)
        if notUTF8 > 0 { guess(path, notUTF8, otherUTF8) }
        return batch
    }

    private mutating func note(_ findings: NameFindings, _ name: Span<UInt8>, _ path: [UInt8]) {
        for finding in NameFinding.allCases where findings.contains(finding) {
            if report.examples[finding, default: []].count < ScanReport.mostExamples {
                report.note(finding, Self.join(path, bytes(of: name)))
            } else {
                report.counts[finding, default: 0] += 1
            }
        }
    }

    private mutating func guess(_ path: [UInt8], _ notUTF8: Int, _ otherUTF8: Int) {
        guard let guess = tally.guess(expecting: assumed) else { return }
        report.note(ScanReport.GuessedDirectory(path: path, names: notUTF8, guess: guess))
        // Names of the minority; those that are UTF-8 by chance are too few to matter.
        let strangers = max(guess.isSure ? guess.unreadable : 0, min(notUTF8, otherUTF8))
        if strangers > 0 {
            report.note(.mixedCharsets, path.isEmpty ? [UInt8(ascii: ".")] : path)
            report.counts[.mixedCharsets, default: 0] += strangers - 1
        }
    }

    /// Names whose keys agree: found by their hashes, then compared.
    private mutating func findAlike(_ directory: CInt, _ path: [UInt8], _ count: Int, _ breath: (Int) -> Void) throws(SystemCallError) {
        guard count > 1 else { return }
        let parts = (count + limit - 1) / limit
        for part in 0..<parts {
            if parts > 1 { try collectHashes(directory, part, of: parts, breath) }
            let twice = Self.twice(&hashes)
            if !twice.isEmpty { try compare(directory, path, twice, breath) }
        }
    }

    private mutating func collectHashes(_ directory: CInt, _ part: Int, of parts: Int, _ breath: (Int) -> Void) throws(SystemCallError) {
        hashes.removeAll(keepingCapacity: true)
        var listing = try DirectoryListing(directory)
        while try listing.next({ name, _ in
            let hash = hasher.hash(name)
            if hash % UInt64(parts) == UInt64(part) { hashes.append(hash) }
        }) { breath(report.names) }
    }

    /// Hashes that are there more than once.
    private static func twice(_ hashes: inout [UInt64]) -> Set<UInt64> {
        hashes.sort()
        var twice: Set<UInt64> = []
        for index in hashes.indices.dropFirst() where hashes[index] == hashes[index - 1] { twice.insert(hashes[index]) }
        return twice
    }

    private mutating func compare(
        _ directory: CInt, _ path: [UInt8], _ twice: Set<UInt64>, _ breath: (Int) -> Void
    ) throws(SystemCallError) {
        var names: [[UInt8]] = []
        var listing = try DirectoryListing(directory)
        while try listing.next({ name, _ in
            if names.count < Self.mostAlike, twice.contains(hasher.hash(name)) { names.append(bytes(of: name)) }
        }) { breath(report.names) }
        var (folder, normalizer) = (CaseFolder(), Normalizer())
        names.sort { $0.lexicographicallyPrecedes($1) }
        for alike in Dictionary(grouping: names, by: { folder.key(of: $0) }).values.sorted(by: { $0[0].lexicographicallyPrecedes($1[0]) })
        where alike.count > 1 {
            let forms = Dictionary(grouping: alike, by: { normalizer.normalized($0, to: .nfc) })
            for same in forms.values.sorted(by: { $0[0].lexicographicallyPrecedes($1[0]) }) where same.count > 1 {
                for name in same { report.note(.canonicalDuplicate, Self.join(path, name)) }
            }
            if forms.count > 1 {
                for name in forms.keys.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
                    report.note(.caseDuplicate, Self.join(path, forms[name]?.first ?? name))
                }
            }
        }
    }

    /// Something is mounted on a directory, or it cannot be listed.
    mutating func leaveOut(_ path: [UInt8], otherFilesystem: Bool, reason: String) {
        if otherFilesystem { report.otherFilesystems += 1 } else { report.note(ScanReport.UnreadDirectory(path: path, reason: reason)) }
    }

    private static func join(_ path: [UInt8], _ name: [UInt8]) -> [UInt8] {
        path.isEmpty ? name : path + [UInt8(ascii: "/")] + name
    }
}
