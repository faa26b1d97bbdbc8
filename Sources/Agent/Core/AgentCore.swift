package import Reconciler
package import ShareModel
package import ShareWire

/// The agent without a system under it: events go in, actions come out, and nothing else happens. Everything it decides about
/// shares it asks the `Reconciler`; what it knows about bytes it asks `ShareWire`.
package final class AgentCore {
    /// What the agent is and where it runs; told once.
    package struct Identity {
        package let greeting: GuestGreeting
        package let mode: AgentStatus.Mode
        package let pid: Int64
        package let startedAt: Clock

        package init(greeting: GuestGreeting, mode: AgentStatus.Mode, pid: Int64, startedAt: Clock) {
            self.greeting = greeting
            self.mode = mode
            self.pid = pid
            self.startedAt = startedAt
        }
    }

    let identity: Identity
    var configuration: AgentConfiguration
    var offers = Offers()
    var observed = ObservedState([])
    var workers = WorkerLedger()
    var massRemoval = MassRemoval()
    var channel: ChannelStatus
    var session: GuestSession
    var reports = ReportQueue()
    var waiting: [WaitingRequest] = []
    /// Who waits for which worker to explain a share, and whether the share is one that is offered.
    var explaining: [WorkerID: (asker: WaitingRequest.Asker, isOffered: Bool)] = [:]
    /// Diagnoses under way.
    var diagnoses: [Diagnosis] = []
    /// The mounts whose read-ahead was put right; it is told once for each.
    var readAheadTold: Set<Int64> = []
    var credentialAsked: [RequestToken: ShareName] = [:]
    var credentials: CredentialLedger
    /// Attached shares whose credential may have changed, to be asked for one after another.
    var refreshWanted: [ShareName] = []
    var refreshAsked: (token: RequestToken, share: ShareName)?
    /// Measurements under way, by their workers; more than one only while all but one hang.
    var benches: [WorkerID: BenchUnderWay] = [:]
    /// The measurement whose credential is on its way.
    var benchAsked: (token: RequestToken, bench: BenchUnderWay)?
    var listAsked: RequestToken?
    /// The catalog has changed since that one was asked for.
    var listIsOld = false
    var listDueAt: Moment?
    var reportAsked: RequestToken?
    var reportDueAt: Moment?
    var sequence: Int64 = 0
    var reportIntervalMs = HostGreeting.defaultReportIntervalMs
    /// Whether a complete list has come in this session: only then is an unknown name really unknown.
    var hasHostList = false
    /// The entries of the host's catalog as accepted last.
    var heldEntries: [Catalog.Entry] = []
    /// Devices that can be mounted and show their tag.
    var shownDevices: [DeviceNews.Device] = []
    /// What they were last offered as.
    var deviceCatalog: [Catalog.Entry] = []
    /// The processes of views that `viewEnded` is told of.
    var watchedViews: Set<ProcessMark> = []
    /// The workers whose share has answered and whose view has not yet.
    var askingViews: Set<WorkerID> = []
    /// Whether `networkChanged` is told.
    var isNetworkWatched = false
    /// Why there is no session, where that is known.
    var channelCause: Cause?
    var random: any RandomNumberGenerator
    var actions: [AgentAction] = []
    /// Reads the memory this process holds; the core has no system to ask.
    let residentBytes: () -> Int64

    package init(
        identity: Identity, configuration: AgentConfiguration, random: any RandomNumberGenerator, residentBytes: @escaping () -> Int64
    ) {
        self.identity = identity
        self.configuration = configuration
        self.random = random
        credentials = CredentialLedger(key: self.random.next())
        self.residentBytes = residentBytes
        session = GuestSession(greeting: identity.greeting)
        channel = ChannelStatus(path: configuration.channel, state: .absent, since: identity.startedAt.wall)
    }

    /// Lets an event happen; the actions that follow from it, in order.
    package func handle(_ event: AgentEvent, now: Clock) -> [AgentAction] {
        switch event {
        case .channelOpened: channelOpened(now)
        case .channelClosed(let state, let cause): channelClosed(state, cause, now)
        case .channelReceived(let bytes): perform(session.received(bytes, now: now.moment.milliseconds), now)
        case .workerProgressed(let id, let doing): workerProgressed(id, doing)
        case .workerFound(let id, let finding): workerFound(id, finding)
        case .viewEnded(let process): viewEnded(process, now)
        case .workerOverdue(let id): workerOverdue(id, now)
        case .workerStuck(let id): workerStuck(id, now)
        case .workerEnded(let id, let outcome): workerEnded(id, outcome, now)
        case .mountsObserved(let state): observe(state, now)
        case .requested(let request): requested(request, now)
        case .requesterLeft(let connection): forgetAsker(connection)
        case .configured(let configuration): configured(configuration, now)
        case .catalogGiven(let document): catalogGiven(document, now)
        case .devicesChanged(let news): devicesChanged(news, now)
        case .networkChanged: networkChanged(now)
        case .timePassed: perform(session.tick(now: now.moment.milliseconds), now)
        }
        advance(now)
        defer { actions = [] }
        return actions
    }

    /// When something is due though nothing happens; nil when only events matter.
    package func nextWake(after now: Moment) -> Moment? {
        let own = [Reconciler.nextWake(chosenLives, after: now), session.deadline.map(Moment.init), listDueAt, reportDueAt]
        return (own.compactMap { $0 } + waiting.map(\.deadline) + diagnoses.map(\.deadline)).min()
    }

    /// Whether the mount table may be another one when this worker has ended.
    package func changesMounts(_ id: WorkerID) -> Bool {
        switch workers[id]?.errand {
        case .probe, .explain, .examine, .bench, .sweep: false
        case .attach, .detach, .remount, .endWaiting, .replace, .lay, .renew, nil: true
        }
    }

    /// Whether a request is still unanswered.
    package var hasWaitingRequests: Bool { !waiting.isEmpty || !explaining.isEmpty || !diagnoses.isEmpty }

    /// Whether the host has not yet acknowledged all that was to be told.
    package var hasUntoldReports: Bool { session.session != nil && !reports.isEmpty }

    /// Begins what can begin, tells what has changed, answers who has waited long enough.
    private func advance(_ now: Clock) {
        relistIfDue(now)
        offerDevices(now)
        demandAsked(now)
        let chosen = chosenNames
        // A step may fail at once (no credential to be had), which may free a place for another.
        for _ in 0..<Self.planningRounds {
            let limits = Reconciler.Limits(attachedShares: configuration.policy.maximumShares)
            let steps = Reconciler.plan(
                plannedLives, among: chosen, stuckWorkers: workers.stuckCount, limits: limits, now: now.moment)
            guard !steps.isEmpty else { break }
            for step in steps { begin(step, now) }
        }
        noteObstacles(now)
        refreshCredentials(now)
        tellTransitions(now)
        // A report tells the host that they are gone; there is no event for that.
        if !offers.forgetWithdrawn().isEmpty {
            reportSoon(now)
            offerDevices(now)
        }
        watchNetworkIfAwaited()
        watchViews()
        answerSettled(now)
        continueDiagnoses(now)
        sendReports(now)
    }

    private static let planningRounds = 4

    private func observe(_ state: ObservedState, _ now: Clock) {
        guard state != observed else { return }
        observed = state
        offers.forEach { $0.observe(state, now: now) }
    }

    private func configured(_ new: AgentConfiguration, _ now: Clock) {
        configuration = new
        offers.forEach { $0.judged(by: new.policy, now: now) }
        log("configuration read anew")
    }

    var healthLimits: HealthRecord.Limits {
        HealthRecord.Limits(
            interval: configuration.probeIntervalMs, deadline: configuration.probeDeadlineMs, slow: configuration.slowLimitMs)
    }

    func log(_ line: String) {
        actions.append(.log(line.printable))
    }
}
