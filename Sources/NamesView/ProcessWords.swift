import LinuxSystem

/// What /proc/PID/status says of a process.
struct ProcessWords {
    private let lines: [ArraySlice<UInt8>]

    init(_ text: [UInt8]) { lines = text.split(separator: UInt8(ascii: "\n")) }

    /// nil for one that is no more, or not to be seen.
    init?(of process: UInt32) {
        guard process != 0, let text = try? readFile(Array("/proc/\(process)/status".utf8), limit: 64 << 10) else { return nil }
        self.init(text)
    }

    private func words(_ label: String) -> [String] {
        guard let line = lines.first(where: { $0.starts(with: label.utf8) }) else { return [] }
        return line.dropFirst(label.utf8.count).split { $0 == 0x20 || $0 == 0x09 }.map { String(decoding: $0, as: UTF8.self) }
    }

    /// Its groups but the first.
    var groups: [UInt32] { words("Groups:").compactMap { UInt32($0) } }

    /// Whether SIGKILL waits for it: it was sent, or the kernel has put it in the place of a signal that ends the process.
    var isKilled: Bool {
        words("SigPnd:").contains { (UInt64($0, radix: 16) ?? 0) & Self.kill != 0 }
            || words("ShdPnd:").contains { (UInt64($0, radix: 16) ?? 0) & Self.kill != 0 }
    }

    private static let kill: UInt64 = 1 << 8

    /// Whether a process has been killed.
    @Sendable static func isKilled(_ process: UInt32) -> Bool { ProcessWords(of: process)?.isKilled ?? false }
}
