import LinuxSystem
import ShareKinds
import ShareModel

/// Gathers what is seen around a mount: the kernel's log lines from its beginning on.
struct MountEvidence: ~Copyable {
    private let log: KernelLog?
    private let words: [String]

    /// Begins to listen; where /dev/kmsg cannot be read, there will be less evidence.
    init(words: [String]) {
        self.words = words
        log = try? KernelLog()
    }

    /// The lines since the beginning or the last reading that one of the words stands in.
    borrowing func lines() -> [String] {
        guard let records = log?.takeNew() else { return [] }
        return records.map { String(printing: $0.message) }.filter { line in
            let line = line.lowercased()
            return words.contains { line.mentions($0) }
        }
    }
}
