import ShareModel

/// How the program ends (contract section 5, shareagent(1) "EXIT STATUS").
enum ExitStatus: Int32, CaseIterable, Sendable {
    /// All of what was asked is done.
    case done = 0
    /// None of it.
    case none = 1
    /// Part of it.
    case part = 2
    /// The channel or the agent could not be reached in time.
    case unreachable = 3
    /// Everything that was not done was refused by the guest's policy.
    case refused = 4
    /// Wrong use, as sysexits' EX_USAGE.
    case usage = 64
    /// The program's own fault, as sysexits' EX_SOFTWARE.
    case internalError = 70
    /// Interrupted by a signal from the keyboard, as a shell would say it.
    case interrupted = 130

    /// What `attach` and `detach` end with.
    /// - Parameters:
    ///   - done: how many shares are as asked.
    ///   - failed: those that are not.
    ///   - missingRequired: whether one that the catalog calls required is among the failed ones; then the rest counts for nothing.
    static func of(done: Int, failed: [ShareStatus], missingRequired: Bool = false) -> ExitStatus {
        if failed.isEmpty { return .done }
        if failed.allSatisfy(\.isRefused) { return .refused }
        return done == 0 || missingRequired ? .none : .part
    }

    /// What stands behind a request that failed as a whole.
    static func of(_ cause: Cause) -> ExitStatus {
        switch cause.code {
        case .channelAbsent, .channelSilent, .channelBusy, .protocolMismatch: .unreachable
        case .internalError: .internalError
        case let code where code.isRefusal: .refused
        default: .none
        }
    }
}
