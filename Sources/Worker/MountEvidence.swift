import LinuxSystem
import ShareKinds
import ShareModel

/// Gathers what is seen around one mount: the kernel's log lines from its beginning on, as far as they are its own.
struct MountEvidence: ~Copyable {
    private let log: KernelLog?
    private let rule: LogEvidence
    private let turn: MountTurn?

    /// Begins to listen, after waiting for a turn where the rule wants one; where /dev/kmsg cannot be read, there will be less evidence.
    init(for plan: MountPlan) {
        rule = plan.log
        turn = rule.takesTurns ? MountTurn(of: plan.fstype) : nil
        log = try? KernelLog()
    }

    /// The mount's own lines since the beginning or the last reading.
    borrowing func lines(errno: Int32, attempt: MountPlan.Attempt) -> [String] {
        guard let records = log?.takeNew() else { return [] }
        let isAlone = turn?.isUndisturbed()
        return rule.own(
            records.map { String(printing: Self.plain($0.message)) }, errno: errno, options: Set(attempt.options.map(\.name)),
            isAlone: isAlone ?? !rule.takesTurns)
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
