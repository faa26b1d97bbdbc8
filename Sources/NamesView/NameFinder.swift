import FileNames
import FuseKernel
import Glibc

/// From the names that programs use to those of the source and back: one for each thread.
///
/// Most names cost one call on the source and nothing else; only where the name itself does not settle it are the directory's names read.
struct NameFinder {
    var translation: NameTranslation
    private var normalizer = Normalizer()
    let plain: PlainNames
    /// Opens a directory that whoever asks may not list, for what has to be known of its names; they are shown to nobody.
    var openUnlistable: (CInt) throws(FuseError) -> CInt = { _ throws(FuseError) in throw FuseError(EACCES) }

    /// An entry that was found.
    struct Found {
        /// Its name on the source.
        let source: [UInt8]
        /// Under which it is listed.
        let listed: [UInt8]
        let status: stat
    }

    init(_ translation: NameTranslation) {
        self.translation = translation
        plain = PlainNames(translation.policy)
    }

    private var policy: NamesPolicy { translation.policy }

    /// The name in the view's form.
    mutating func inForm(_ name: [UInt8]) -> [UInt8] { policy.form.map { normalizer.normalized(name, to: $0) } ?? name }

    /// Looks for a name in a directory, which is open as a place; nil where there is none.
    mutating func find(_ typed: [UInt8], in directory: CInt, _ cache: NamesCache) throws(FuseError) -> Found? {
        if isPlain(typed) {
            if let status = try SourceCalls.statusIfThere(in: directory, typed) {
                return Found(source: typed, listed: typed, status: status)
            }
            guard mayStandForAnother(typed) else { return nil }
        }
        let isItself = translation.isCertainlyShownAsItIs(typed.span)
        // What is shown is UTF-8, so nothing else can be meant.
        guard isItself || isUTF8(typed.span) else { return nil }
        let wished = isItself ? typed : inForm(typed)
        guard wished.count <= policy.longest else { throw FuseError(ENAMETOOLONG) }
        if policy.isCaseSensitive, isItself || translation.shown(wished) == wished,
            let status = try SourceCalls.statusIfThere(in: directory, wished)
        {
            return Found(source: wished, listed: wished, status: status)
        }
        return try findTranslated(wished, in: directory, cache)
    }

    private mutating func findTranslated(_ wished: [UInt8], in directory: CInt, _ cache: NamesCache) throws(FuseError) -> Found? {
        let key = translation.key(ofShown: wished)
        let names: KnownNames
        do throws(FuseError) {
            names = try known(directory, cache)
        } catch {
            guard error.errno == EACCES else { throw error }
            return try findUnread(wished, in: directory)
        }
        guard let source = names.source(of: key) ?? (policy.isCaseSensitive || names.shown[key] != nil ? nil : key) else {
            // Whoever may not search the directory is not told that there is no such name either.
            _ = try SourceCalls.status(in: directory, [0x2E])
            return nil
        }
        guard let status = try SourceCalls.statusIfThere(in: directory, source) else {
            if source != key { cache.drop() }
            return nil
        }
        return Found(source: source, listed: names.shown[source] ?? source, status: status)
    }

    /// Looks for a name where not even the view may read the directory (NFS that squashes root): for what would be written for it only.
    private mutating func findUnread(_ wished: [UInt8], in directory: CInt) throws(FuseError) -> Found? {
        let source = translation.source(ofTyped: wished)
        guard let status = try SourceCalls.statusIfThere(in: directory, source ?? [0x2E]), let source else { return nil }
        return Found(source: source, listed: wished, status: status)
    }

    /// The directory's translated names, read where what is known is too old.
    mutating func known(_ directory: CInt, _ cache: NamesCache) throws(FuseError) -> KnownNames {
        let stamp = KnownNames.Stamp(try SourceCalls.status(of: directory))
        let (current, number) = cache.current(stamp)
        if let current { return current }
        let isRacy = stamp.isFresh
        let open = try open(directory)
        defer { _ = close(open) }
        let names = KnownNames(try NameScan(open, &translation), &translation, stamp: stamp, isRacy: isRacy)
        cache.keep(names, readAt: number)
        return names
    }

    private func open(_ directory: CInt) throws(FuseError) -> CInt {
        do throws(FuseError) {
            return try SourceCalls.open(in: directory, [0x2E], O_RDONLY)
        } catch {
            guard error.errno == EACCES else { throw error }
            return try openUnlistable(directory)
        }
    }

    /// What to write to the source for a new name.
    /// - Throws: EILSEQ where it could not be shown again as it was typed.
    mutating func newName(_ typed: [UInt8]) throws(FuseError) -> [UInt8] {
        guard let source = translation.source(ofTyped: typed) else { throw FuseError(EILSEQ) }
        guard translation.shown(source).count <= policy.longest else { throw FuseError(ENAMETOOLONG) }
        return source
    }

    /// The key under which a name of the view is known.
    mutating func key(_ typed: [UInt8]) -> [UInt8] { translation.key(ofShown: inForm(typed)) }

    /// Whether a name is shown as it is whatever its neighbours are.
    func isPlain(_ name: [UInt8]) -> Bool { unsafe name.withUnsafeBytes { unsafe plain.holds($0) } }

    /// Whether a name can only be what the source has under it: then making it settles whether it is there.
    func standsForItself(_ name: [UInt8]) -> Bool { isPlain(name) && !mayStandForAnother(name) }

    /// Whether a plain name that the source has not may be how another one is shown.
    func mayStandForAnother(_ name: [UInt8]) -> Bool {
        for byte in name {
            switch byte {
            // A suffix; and what the Kelvin sign, the Greek question mark and the Greek varia become in each normal form.
            case UInt8(ascii: "~"), UInt8(ascii: "K"), UInt8(ascii: ";"), UInt8(ascii: "`"): return true
            case 0x01...0x1F, UInt8(ascii: "\""), UInt8(ascii: "*"), UInt8(ascii: ":"), UInt8(ascii: "<"), UInt8(ascii: ">"),
                UInt8(ascii: "?"), UInt8(ascii: "\\"), UInt8(ascii: "|"):
                if policy.reserved != .none { return true }
            default: break
            }
        }
        return policy.reserved != .none && (name.last == 0x20 || name.last == 0x2E)
    }

    /// A link's target: each name of a relative one is translated, an absolute one is left alone.
    mutating func shownTarget(_ target: [UInt8]) -> [UInt8] {
        guard target.first != UInt8(ascii: "/") else { return target }
        return Array(
            target.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map { translation.shown(Array($0)) }
                .joined(separator: [UInt8(ascii: "/")]))
    }

    /// The way back.
    mutating func sourceTarget(_ target: [UInt8]) throws(FuseError) -> [UInt8] {
        guard target.first != UInt8(ascii: "/") else { return target }
        var output: [UInt8] = []
        for (number, part) in target.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).enumerated() {
            if number > 0 { output.append(UInt8(ascii: "/")) }
            let name = Array(part)
            if name.isEmpty || name == [0x2E] || name == [0x2E, 0x2E] {
                output += name
            } else {
                guard let source = translation.source(ofTyped: name) else { throw FuseError(EILSEQ) }
                output += source
            }
        }
        return output
    }
}
