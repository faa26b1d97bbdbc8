/// What the guest may ask of the host. The tables of methods are complete: no other name is ever answered, and none of
/// them runs a command or names a file of the guest.
public enum GuestMethod: String, CaseIterable, Sendable {
    /// Begins a session.
    case agentHello = "agent.hello"
    /// What is offered to this guest.
    case sharesList = "shares.list"
    /// A secret for one share.
    case credentialsGet = "credentials.get"
    /// How the agent and its shares are, at an interval.
    case healthReport = "health.report"
    /// One transition of one share, at once.
    case shareEvent = "share.event"
}

/// What the host may ask of the guest.
public enum HostMethod: String, CaseIterable, Sendable {
    /// Asks for a new session. A notification.
    case hostSync = "host.sync"
    /// The catalog has a new revision. A notification.
    case sharesChanged = "shares.changed"
    /// Answers at once, with nothing.
    case agentPing = "agent.ping"
    /// A health report out of turn.
    case healthGet = "health.get"
    /// Attach one share.
    case shareAttach = "share.attach"
    /// Detach one share.
    case shareDetach = "share.detach"
    /// Find out why a share is not as wished.
    case shareDiagnose = "share.diagnose"

    /// Whether it is sent without an id and never answered.
    public var isNotification: Bool {
        switch self {
        case .hostSync, .sharesChanged: true
        case .agentPing, .healthGet, .shareAttach, .shareDetach, .shareDiagnose: false
        }
    }
}

/// What a program in the guest may ask of the agent over the control socket.
public enum ControlMethod: String, CaseIterable, Sendable {
    /// Answers at once, with nothing.
    case agentPing = "agent.ping"
    /// A health report, as the host gets it.
    case healthGet = "health.get"
    /// Attach one share.
    case shareAttach = "share.attach"
    /// Detach one share.
    case shareDetach = "share.detach"
    /// Find out why a share is not as wished.
    case shareDiagnose = "share.diagnose"
    /// Measure an attached share.
    case shareBench = "share.bench"
    /// Agent, channel and shares as they are known now.
    case statusGet = "status.get"
    /// Explain one share's options.
    case shareExplain = "share.explain"
    /// What is offered, by whom.
    case sharesOffered = "shares.offered"
    /// Attach several shares and wait.
    case sharesAttach = "shares.attach"
    /// Detach several shares and wait.
    case sharesDetach = "shares.detach"
    /// Find out what is wrong with agent, channel and several shares.
    case sharesDiagnose = "shares.diagnose"

    /// Whether only root and the group `shareagent` may call it: it changes something, or uses shares as root.
    public var isPrivileged: Bool {
        switch self {
        case .shareAttach, .shareDetach, .shareBench, .sharesAttach, .sharesDetach, .shareDiagnose, .sharesDiagnose: true
        case .agentPing, .healthGet, .statusGet, .sharesOffered, .shareExplain: false
        }
    }
}

/// What the agent tells a program that waits for an answer, unasked.
public enum ControlNotification: String, CaseIterable, Sendable {
    /// What a bench is doing.
    case benchProgress = "bench.progress"
    /// What a diagnosis looks at.
    case diagnoseProgress = "diagnose.progress"
}
