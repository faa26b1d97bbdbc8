/// Where a share is in its life, as everybody outside sees it.
public enum ShareState: String, CaseIterable, Sendable {
    case offered, attaching, attached, detaching, detached, failed, refused
}

/// How an attached share is.
public enum Health: String, CaseIterable, Sendable {
    /// Answers in time.
    case ok
    /// Answers later than the slow limit.
    case slow
    /// A probe did not come back by its deadline.
    case stalled
    /// Confirmed stale handles.
    case stale
    /// Answers with an error that says the other end is not there.
    case unreachable
    /// No longer in the mount table though nobody detached it.
    case gone
    /// Something else is mounted over it or instead.
    case foreign
    /// Not probed yet, or not attached.
    case unknown
}

/// How the channel to the host is.
public enum ChannelState: String, CaseIterable, Sendable {
    case absent, waiting, connected, refused
}
