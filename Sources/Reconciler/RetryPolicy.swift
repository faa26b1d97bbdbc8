public import ShareModel

/// When a failed attach is worth another try. Pauses grow, are jittered so that a hundred guests do not come back at once,
/// and are bounded; what cannot mend itself waits for something to change instead.
public enum RetryPolicy {
    /// How a cause can go away.
    public enum Prospect: Equatable, Sendable {
        /// By itself, any moment: pauses from a second to a minute.
        case transient
        /// When somebody changes something elsewhere: pauses from half a minute to ten.
        case administrative
        /// Only with another catalog, policy or credential. Trying again would do harm (lock an account) or nothing.
        case permanent
    }

    /// Pauses in milliseconds: the first and the longest.
    static let transientPauses: (first: Int64, longest: Int64) = (1_000, 60_000)
    /// See `transientPauses`.
    static let administrativePauses: (first: Int64, longest: Int64) = (30_000, 600_000)

    /// How a cause can go away.
    public static func prospect(of code: CauseCode) -> Prospect {
        switch code {
        case .nameResolutionFailed, .serverUnreachable, .connectionRefused, .serverSilent, .serverStoppedAnswering, .transportStalled,
            .hostServiceDead, .connectionLost, .mountTimeout, .tagNotFound, .tagBusy, .imageNotFound, .targetBusy, .channelAbsent,
            .channelSilent, .channelBusy, .memoryExhausted, .ioError, .staleHandle, .viewFailed, .agentNotRunning, .internalError:
            .transient
        case .exportNotFound, .accessDenied, .versionUnsupported, .securityUnsupported, .encryptionRequired, .signingRequired, .clockSkew,
            .filesystemUnsupported, .helperMissing, .charsetUnavailable, .targetMissing, .targetNotDirectory, .targetNotEmpty,
            .foreignMount, .alreadyAttached, .outOfSpace, .quotaExceeded, .permissionDenied, .securityModuleDenied, .credentialMissing,
            .readOnlySource, .imageDamaged, .imageUnrecognized, .namesCollide, .namesUnconvertible:
            .administrative
        case .authenticationFailed, .credentialRejected, .accountLocked, .protocolMismatch, .shareUnknown, .shareInvalid,
            .targetOutsideRoots, .targetSymlink, .optionUnknown, .optionRefused, .sourceRefused:
            .permanent
        }
    }

    /// Milliseconds to wait before the next try; nil where only a change helps.
    /// - Parameters:
    ///   - failures: how many tries have failed in a row, at least 1.
    ///   - jitter: any number; it shifts the pause by up to a fifth either way.
    public static func pause(after code: CauseCode, failures: Int, jitter: UInt64) -> Int64? {
        let pauses: (first: Int64, longest: Int64)
        switch prospect(of: code) {
        case .transient: pauses = transientPauses
        case .administrative: pauses = administrativePauses
        case .permanent: return nil
        }
        let doublings = min(max(failures, 1) - 1, 20)
        let pause = min(pauses.first << Int64(doublings), pauses.longest)
        return pause * (80 + Int64(jitter % 41)) / 100
    }
}
