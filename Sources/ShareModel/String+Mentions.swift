extension String {
    /// Whether these words stand somewhere in the text, byte for byte. The standard library's `contains` of a text belongs to its
    /// regular expressions, which would add 1.4 MB to the daemon and to each worker.
    /// - Parameter words: what is looked for; empty words are everywhere.
    public func mentions(_ words: String) -> Bool {
        let text = Array(utf8)
        let wanted = Array(words.utf8)
        guard wanted.count <= text.count else { return false }
        return (0...(text.count - wanted.count)).contains { text[$0...].starts(with: wanted) }
    }
}
