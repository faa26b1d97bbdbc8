/// Names for those that cannot have the one they would have: `stem~hash.ext`, the hash being of the bytes on the source.
enum SuffixedName {
    /// The extension with its dot.
    private static let longestExtension = 12
    private static let hashLetters = [6, 10, 16, 26, 52]

    /// From the shortest on, each with more letters of the hash.
    static func candidates(of candidate: [UInt8], source: [UInt8], longest: Int) -> [[UInt8]] {
        let hash = Base32.text(of: Blake2s.digest(source))
        let dot = candidate.lastIndex(of: UInt8(ascii: ".")) ?? 0
        let hasExtension = dot > 0 && candidate.count - dot <= Self.longestExtension
        let end = hasExtension ? dot : candidate.count
        return hashLetters.map { letters in
            let tail = [UInt8(ascii: "~")] + hash.prefix(letters) + candidate[end...]
            return cut(candidate[..<end], to: longest - tail.count) + tail
        }
    }

    /// As many whole characters as fit.
    private static func cut(_ stem: ArraySlice<UInt8>, to room: Int) -> [UInt8] {
        var end = min(stem.count, max(0, room))
        while end > 0, end < stem.count, stem[stem.startIndex + end] & 0xC0 == 0x80 { end -= 1 }
        return Array(stem.prefix(end))
    }
}
