public import ShareModel

extension ShareLife {
    /// How the share is, for status and reports.
    public func status(now: Clock) -> ShareStatus {
        var status = ShareStatus(
            name: share.name.text, type: share.source.type.rawValue, source: (attachment?.share ?? share).source.spelling,
            target: (attachment?.target ?? target).text, state: phase.state, since: since, revision: revision, access: share.access)
        status.health = health
        status.attempts = Int64(attempts)
        status.cause = cause
        status.names = namesStatus
        if let attachment {
            status.mountID = attachment.mountID
            status.requestedOptions = attachment.requestedOptions
            status.effectiveOptions = attachment.effectiveOptions.byName
            status.capacity = attachment.record.capacity
            status.probe = attachment.record.readings
            if status.effectiveOptions["ro"] != nil { status.access = .ro }
        }
        if case .failed(_, let retryAt?) = phase, wish == .attached {
            status.nextAttemptAt = Timestamp(milliseconds: now.wall.milliseconds + max(0, retryAt - now.moment))
        }
        return status
    }
}
