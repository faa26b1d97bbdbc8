import ArgumentParser
import Glibc
import ShareModel
import ShareWire

/// The exit statuses of the contract that sharehost uses.
enum ExitStatus {
    static let nothingDone = ExitCode(1)
    static let unreachable = ExitCode(3)
    static let refusedByPolicy = ExitCode(4)
    static let internalError = ExitCode(70)
}

/// Writes text to a descriptor, all of it. Results that cannot be written end the program: they are no success.
func write(_ text: String, to descriptor: CInt) {
    let bytes = Array(text.utf8)
    var written = 0
    while written < bytes.count {
        let count = unsafe bytes.withUnsafeBytes {
            unsafe Glibc.write(descriptor, $0.baseAddress?.advanced(by: written), $0.count - written)
        }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else {
            let reason = unsafe String(cString: strerror(errno))
            guard descriptor == STDOUT_FILENO else { return }
            complain(["the results cannot be written", "standard output: \(reason)", "remedy: give them another place"])
            exit(ExitStatus.nothingDone.rawValue)
        }
        written += count
    }
}

/// What, why and what to do, each in a line of its own on stderr.
func complain(_ lines: [String?]) {
    let texts = lines.compactMap(\.self).map(\.printable)
    guard let first = texts.first else { return }
    write(([("sharehost: " + first)] + texts.dropFirst().map { "  " + $0 }).joined(separator: "\n") + "\n", to: 2)
}

extension ControlClient.Failure {
    /// Tells it on stderr, and says how to exit.
    func told() -> ExitCode {
        switch self {
        case .unreachable(let sentence):
            complain([sentence, "remedy: systemctl status sharehost"])
            return ExitStatus.unreachable
        case .refused(let error):
            let cause = error.cause
            complain([error.message] + (cause?.evidence ?? []) + (cause?.remedy ?? []).map { "remedy: " + $0 })
            switch cause?.code {
            case .channelAbsent?, .channelSilent?, .channelBusy?: return ExitStatus.unreachable
            case let code? where code.isRefusal: return ExitStatus.refusedByPolicy
            default: return ExitStatus.nothingDone
            }
        }
    }
}
