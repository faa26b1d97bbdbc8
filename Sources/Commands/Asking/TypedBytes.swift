import LinuxSystem

/// Arguments as they were typed. Swift's are text: bytes that are not UTF-8 were replaced before anybody could see them.
enum TypedBytes {
    /// The bytes behind an argument.
    /// - Parameter text: as Swift has it.
    /// - Returns: the typed ones, where they can be found; else those of the text.
    static func of(_ text: String) -> [UInt8] {
        guard text.unicodeScalars.contains("\u{FFFD}"),
            let line = try? readFile(Array("/proc/self/cmdline".utf8), limit: 4 << 20)
        else { return Array(text.utf8) }
        let typed = line.split(separator: 0, omittingEmptySubsequences: false).map(Array.init)
        return typed.first { String(decoding: $0, as: UTF8.self).utf8.elementsEqual(text.utf8) } ?? Array(text.utf8)
    }
}
