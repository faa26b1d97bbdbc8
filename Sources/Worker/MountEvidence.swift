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
        return records.map { String(printing: Self.plain($0.message)) }.filter { line in
            let line = line.lowercased()
            return words.contains { line.mentions($0) }
        }
    }

    /// The kernel writes what is not plain ASCII, and the backslash, as `\x5c`; read back, it is escaped once and not twice.
    static func plain(_ message: [UInt8]) -> [UInt8] {
        var plain: [UInt8] = []
        var index = 0
        while index < message.count {
            if message[index...].starts(with: "\\x".utf8), index + 4 <= message.count,
                let byte = UInt8(String(decoding: message[(index + 2)..<(index + 4)], as: UTF8.self), radix: 16)
            {
                plain.append(byte)
                index += 4
            } else {
                plain.append(message[index])
                index += 1
            }
        }
        return plain
    }
}
