/// All names of one directory as a policy shows them. Depends on the set of names and the policy alone: not on their order, nor on time or place.
///
/// Each name of the source is shown once, under a name that no other one has. Of several that would be shown alike the one that is that name
/// already keeps it, else the first by bytes; the others, and those that are too long, are shown as `stem~hash.ext`.
public struct DirectoryNames {
    /// From a name of the source to the one shown; only where they differ.
    public private(set) var shown: [[UInt8]: [UInt8]] = [:]
    /// And back, by key: the shown name, or its folded form where case does not count.
    private var sources: [[UInt8]: [UInt8]] = [:]
    private var identical: Set<[UInt8]> = []

    /// Resolves the names of a directory, each of them once.
    public init(_ names: [[UInt8]], by translation: inout NameTranslation) {
        var losers: [(source: [UInt8], candidate: [UInt8])] = []
        var groups: [[UInt8]: (source: [UInt8], candidate: [UInt8])] = [:]
        for source in names {
            let candidate = translation.shown(source)
            guard candidate.count <= translation.policy.longest else {
                losers.append((source, candidate))
                continue
            }
            let key = translation.key(ofShown: candidate)
            guard let other = groups[key] else {
                groups[key] = (source, candidate)
                continue
            }
            let wins = Self.precedes((source, candidate), other)
            losers.append(wins ? other : (source, candidate))
            if wins { groups[key] = (source, candidate) }
        }
        for (key, winner) in groups { keep(winner.source, as: winner.candidate, key) }
        for loser in losers.sorted(by: { $0.source.lexicographicallyPrecedes($1.source) }) {
            let (name, key) = suffixed(loser, &translation)
            keep(loser.source, as: name, key)
        }
    }

    /// The name shown for one of the source.
    public func shown(_ source: [UInt8]) -> [UInt8] { shown[source] ?? source }

    /// The name on the source that stands behind a shown one, in whatever form or, where case does not count, case it is typed; nil for none.
    public func source(ofShown name: [UInt8], by translation: inout NameTranslation) -> [UInt8]? {
        let key = translation.key(ofShown: name)
        if let source = sources[key] { return source }
        return identical.contains(key) ? key : nil
    }

    private mutating func keep(_ source: [UInt8], as name: [UInt8], _ key: [UInt8]) {
        if source != name { shown[source] = name }
        if source == key { identical.insert(key) } else { sources[key] = source }
    }

    private static func precedes(
        _ first: (source: [UInt8], candidate: [UInt8]), _ second: (source: [UInt8], candidate: [UInt8])
    ) -> Bool {
        let (isFirst, isSecond) = (first.source == first.candidate, second.source == second.candidate)
        return isFirst != isSecond ? isFirst : first.source.lexicographicallyPrecedes(second.source)
    }

    /// `stem~hash.ext`, with as many letters of the hash as it takes to be alone.
    private func suffixed(
        _ loser: (source: [UInt8], candidate: [UInt8]), _ translation: inout NameTranslation
    ) -> (name: [UInt8], key: [UInt8]) {
        for name in SuffixedName.candidates(of: loser.candidate, source: loser.source, longest: translation.policy.longest) {
            let key = translation.key(ofShown: name)
            if sources[key] == nil, !identical.contains(key) { return (name, key) }
        }
        // Two names with one 256-bit hash.
        return (loser.candidate, translation.key(ofShown: loser.candidate))
    }
}

/// RFC 4648 in small letters, without padding.
enum Base32 {
    private static let letters = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)

    static func text(of bytes: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        var (bits, count): (UInt32, UInt32) = (0, 0)
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            count += 8
            while count >= 5 {
                count -= 5
                output.append(letters[Int(bits >> count & 31)])
            }
            bits &= (1 << count) - 1
        }
        if count > 0 { output.append(letters[Int(bits << (5 - count) & 31)]) }
        return output
    }
}
