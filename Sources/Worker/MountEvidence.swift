import LinuxSystem
import ShareKinds
import ShareModel

/// Gathers what is seen around one mount: the kernel's log lines from its beginning on, as far as they are its own.
struct MountEvidence: ~Copyable {
    private let log: KernelLog?
    private let rule: LogEvidence
    private var turn: MountTurn?

    /// Begins to listen, after waiting for a turn where the rule wants one; where /dev/kmsg cannot be read, there will be less evidence.
    init(for plan: MountPlan) {
        rule = plan.log
        turn = rule.takesTurns ? MountTurn(of: plan.fstype) : nil
        log = try? KernelLog()
    }

    /// The mount's own lines since the beginning or the last reading, and whether there can be no others of it: then what is not in
    /// them was not said.
    borrowing func lines(errno: Int32, attempt: MountPlan.Attempt) -> (own: [String], areAll: Bool) {
        guard let taken = log?.takeNew() else { return ([], false) }
        let lines = taken.records.map { String(printing: Self.plain($0.message)) }
        let turnIsOurs = turn?.isUndisturbed()
        return Self.own(lines, by: rule, errno, attempt, isAlone: turnIsOurs ?? !rule.takesTurns, areAll: taken.areAll)
    }

    /// The mount's own among what was read. Where records were lost, a line that names nobody is nobody's, and nothing counts as not said:
    /// a lost one can have been the beginning of a stranger's mount, or the server's word that the password is wrong.
    static func own(
        _ lines: [String], by rule: LogEvidence, _ errno: Int32, _ attempt: MountPlan.Attempt, isAlone: Bool, areAll: Bool
    ) -> (own: [String], areAll: Bool) {
        let isWhole = isAlone && areAll
        let own = rule.own(lines, errno: errno, options: Set(attempt.options.map(\.name)), isAlone: isWhole)
        return (own, isWhole && !rule.hasStranger(lines))
    }

    /// Lets others have their turn; what is said from here on may be about them.
    mutating func endTurn() {
        turn = nil
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
