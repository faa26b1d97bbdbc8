internal import Reconciler
internal import ShareModel
internal import ShareWire

/// An attach or detach whose asker waits until every share has come to rest, or until its time is over.
struct WaitingRequest {
    enum Asker: Equatable {
        case control(ControlRequest.ID)
        case host(ReplyAddress)
    }

    enum Goal { case attached, detached }

    let asker: Asker
    let goal: Goal
    /// The shares asked for; nil: all that attach by themselves, as the catalog has them once there is one.
    let names: [String]?
    /// The shares that attach by themselves of the catalog file that came with it, which takes the place of every other catalog.
    let fileNames: [String]?
    let deadline: Moment
    /// The host asks for one share and gets its status, not a list.
    let wantsOne: Bool
}

extension ShareLife {
    /// Tries after which an appearing device or file is no longer waited for.
    private static let patientAttempts = 3

    /// Whether waiting longer could still bring an attach about.
    var attachIsSettled: Bool {
        guard quarantine == nil else { return true }
        switch phase {
        // Mounted is not yet usable: the first probe says whether it answers, and its deadline bounds the wait.
        case .attached(let attachment): return attachment.health != .unknown && !attachment.awaitsView
        case .refused, .detached: return true
        case .offered where obstacle?.isLasting == true: return true
        case .offered, .attaching, .detaching: return false
        case .failed(let cause, let retryAt):
            guard retryAt != nil else { return true }
            switch cause.code {
            case .nameResolutionFailed, .serverUnreachable, .connectionRefused, .serverSilent, .mountTimeout, .channelAbsent,
                .channelSilent:
                return false
            case .credentialMissing: return !waitsForHost
            case .tagNotFound, .imageNotFound, .connectionLost, .ioError, .hostServiceDead: return attempts >= Self.patientAttempts
            default: return true
            }
        }
    }

    /// Whether a detach has come to rest.
    var detachIsSettled: Bool {
        switch phase {
        case .attaching, .detaching: false
        case .attached(let attachment): attachment.detachFailure != nil && wish == .unchanged
        case .offered, .refused, .detached, .failed: true
        }
    }

    /// Failed only because the host, who knows the credential, is not there.
    var waitsForHost: Bool {
        if case .failed(let cause, _) = phase {
            cause.code == .credentialMissing && cause.evidence.contains(Self.hostAbsent)
        } else {
            false
        }
    }

    /// The evidence of a credential that nobody could be asked for.
    static let hostAbsent = "there is no session with the host"
}
