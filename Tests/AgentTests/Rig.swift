import Agent
import Reconciler
import ShareModel
import ShareWire

/// The core between fakes: a scripted host at the other end of the channel, a clock that moves when it is told to, workers
/// that answer when the test says so, and a mount table kept by hand.
final class Rig {
    struct Launch {
        let id: WorkerID
        let request: WorkerRequest
        var share: String {
            switch request {
            case .attach(let share, _, _), .explain(let share, _, _), .renew(let share, _, _, _): share.name.text
            case .detach(let name, _, _, _, _), .probe(let name, _, _, _, _), .sweep(let name, _, _, _): name.text
            case .change(let mount, _): mount.share.name.text
            case .bench(let order, _): order.share.name.text
            case .examine(let order): order.share.name.text
            }
        }
        var kind: String {
            switch request {
            case .attach: "attach"
            case .renew: "renew"
            case .detach: "detach"
            case .probe: "probe"
            case .explain: "explain"
            case .examine: "examine"
            case .change(_, .remount): "remount"
            case .change(_, .retire): "detach"
            case .change(_, .endWaiting): "endWaiting"
            case .change(_, .replace): "replace"
            case .change(_, .lay): "lay"
            case .bench: "bench"
            case .sweep: "sweep"
            }
        }
    }

    let core: AgentCore
    var seconds = 0.0
    var running: [Launch] = []
    var answers: [UInt64: Result<Value, RPCError>] = [:]
    var logs: [String] = []
    var dismissed: [WorkerID] = []
    var progress: [String] = []
    var keptCatalog: Value?
    var keptMounts: Value?
    var mounts: [ObservedMount] = []
    var isNetworkWatched = false
    var watchedViews: Set<ProcessMark> = []
    var lastView: Int32 = 1000
    private var lastRequest: UInt64 = 0
    private var nextMountID: Int64 = 100

    // The host's side.
    var host = HostSession(greeting: HostGreeting(name: "host", id: "h1", reportIntervalMs: 10_000))
    var hostIsThere = false
    /// What the host offers; nil: it does not answer the question.
    var catalog: (revision: Int64, shares: [Value])? = (1, [])
    var credentials: [String: Value] = [:]
    /// Whether the host lets questions for credentials wait, until `answerHeldCredentials`.
    var holdsCredentials = false
    private var heldCredentials: [(ReplyAddress, Value)] = []
    var acknowledges = true
    var reports: [HealthReport] = []
    var events: [ShareEvent] = []
    var asked: [GuestMethod] = []

    init(policy: Policy = .standard, mode: AgentStatus.Mode = .daemon) {
        var configuration = AgentConfiguration()
        configuration.policy = policy
        let start = Clock(moment: Moment(milliseconds: 0), wall: Timestamp(milliseconds: 1_795_000_000_000))
        let greeting = GuestGreeting(hostname: "g", machineID: "m", bootID: "b", kernel: "6.1", os: "Debian", architecture: "x86_64")
        core = AgentCore(
            identity: AgentCore.Identity(greeting: greeting, mode: mode, pid: 42, startedAt: start), configuration: configuration,
            random: SystemRandomNumberGenerator(), residentBytes: { 4096 })
    }

    var now: Clock {
        let milliseconds = Int64(seconds * 1000)
        return Clock(moment: Moment(milliseconds: milliseconds), wall: Timestamp(milliseconds: 1_795_000_000_000 + milliseconds))
    }

    func deliver(_ event: AgentEvent) {
        for action in core.handle(event, now: now) {
            switch action {
            case .launch(let id, let request, _): running.append(Launch(id: id, request: request))
            case .discardUnwritten: break
            case .write(let bytes): if hostIsThere { perform(host.received(bytes, now: now.moment.milliseconds)) }
            case .dismiss(let id): dismissed.append(id)
            case .tell(_, _, let value): progress.append(value["doing"]?.text ?? "")
            case .answer(let id, let result): answers[id.request] = result
            case .keepCatalog(let value): keptCatalog = value
            case .keepMounts(let value): keptMounts = value
            case .watchNetwork(let isAwaited): isNetworkWatched = isAwaited
            case .watchViews(let processes): watchedViews = processes
            case .log(let line): logs.append(line)
            }
        }
    }

    func connect() {
        hostIsThere = true
        let greetings = host.opened(now: now.moment.milliseconds)
        deliver(.channelOpened)
        perform(greetings)
    }

    func disconnect() {
        hostIsThere = false
        perform(host.closed())
        deliver(.channelClosed(.waiting, Cause(.channelSilent, "no host")))
    }

    private func perform(_ actions: [HostSession.Action]) {
        for action in actions {
            switch action {
            case .write(let bytes): deliver(.channelReceived(bytes))
            case .request(let address, let method, let params): serve(address, method, params)
            default: break
            }
        }
    }

    private func serve(_ address: ReplyAddress, _ method: GuestMethod, _ params: Value) {
        asked.append(method)
        var answer: Result<Value, RPCError>?
        switch method {
        case .agentHello: break
        case .sharesList:
            if let catalog {
                answer = .success(.object(["revision": .integer(catalog.revision), "complete": true, "shares": .array(catalog.shares)]))
            }
        case .credentialsGet where holdsCredentials: heldCredentials.append((address, params))
        case .credentialsGet: answer = credential(params)
        case .healthReport:
            if let report = try? HealthReport(params) { reports.append(report) }
            answer = acknowledges ? .success(.object([])) : nil
        case .shareEvent:
            if let event = try? ShareEvent(params) { events.append(event) }
            answer = acknowledges ? .success(.object([])) : nil
        }
        if let answer { perform(host.respond(to: address, answer)) }
    }

    private func credential(_ params: Value) -> Result<Value, RPCError> {
        let known = params["credential"]?.text.flatMap { credentials[$0] }
        return known.map(Result.success) ?? .failure(RPCError(Cause(.credentialMissing, "no such credential")))
    }

    func offer(_ revision: Int64, _ shares: [Value]) {
        catalog = (revision, shares)
        perform(host.notify(.sharesChanged, params: .object(["revision": .integer(revision)])))
    }

    /// The host answers what it was asked before.
    func answerHeldCredentials() {
        let held = heldCredentials
        heldCredentials = []
        for (address, params) in held { perform(host.respond(to: address, credential(params))) }
    }

    /// The host tells of a new revision and offers nothing yet.
    func tellChange(revision: Int64) {
        perform(host.notify(.sharesChanged, params: .object(["revision": .integer(revision)])))
    }

    /// The host tells of a new revision and of credentials that are other ones now.
    func tellChange(credentials: [String]) {
        let params = Value.object([
            "revision": .integer(catalog?.revision ?? 0), "credentials": .array(credentials.map(Value.string)),
        ])
        perform(host.notify(.sharesChanged, params: params))
    }

    /// Lets time pass in steps no longer than what the core asks for.
    func pass(_ duration: Double) {
        let end = seconds + duration
        while seconds < end {
            let due = core.nextWake(after: now.moment).map { Double($0.milliseconds) / 1000 } ?? end
            seconds = min(max(due, seconds + 0.001), end)
            deliver(.timePassed)
            perform(host.tick(now: now.moment.milliseconds))
        }
    }

    /// A host is there, and these shares of it are attached and answer.
    static func attached(_ names: [String]) -> Rig {
        let rig = Rig()
        rig.catalog = (1, names.map { virtiofs($0) })
        rig.connect()
        for name in names {
            rig.attachSucceeds(name)
            rig.probeSucceeds(name)
        }
        return rig
    }

    /// Takes the oldest running worker of a kind for a share.
    func take(_ kind: String, _ share: String) -> Launch? {
        guard let index = running.firstIndex(where: { $0.kind == kind && $0.share == share }) else { return nil }
        return running.remove(at: index)
    }

    func observe() {
        deliver(.mountsObserved(ObservedState(mounts)))
    }

    /// The attach worker of a share mounts it.
    @discardableResult
    func attachSucceeds(_ share: String, requested: [String: String] = ["a": "1"]) -> Int64? {
        guard let launch = take("attach", share), case .attach(let wanted, _, _) = launch.request else { return nil }
        nextMountID += 1
        let target = Policy.standard.target(of: wanted)
        let hasView = wanted.namesMeans == .view
        let place = hasView ? wanted.rawPlace : target
        let mountID = nextMountID
        mounts.append(
            ObservedMount(
                mountID: mountID, target: place.bytes, fstype: "virtiofs", source: Array(share.utf8),
                options: ObservedOptions(fileSystem: [], mount: Array("rw".utf8))))
        let view = hasView ? lay(over: place, at: target) : nil
        observe()
        deliver(.workerEnded(launch.id, .attached(mountID: mountID, requestedOptions: requested, warnings: [], view: view)))
        return mountID
    }

    /// A view stands; another one at its target is gone.
    private func lay(over place: Target, at target: Target) -> StandingView {
        mounts.removeAll { $0.target == target.bytes && $0.fstype == StandingView.fstype }
        nextMountID += 1
        lastView += 1
        mounts.append(
            ObservedMount(
                mountID: nextMountID, target: target.bytes, fstype: StandingView.fstype, source: place.bytes,
                options: ObservedOptions(fileSystem: [], mount: Array("rw".utf8))))
        return StandingView(at: target, mountID: nextMountID, process: ProcessMark(id: lastView, started: 7))
    }

    /// The worker that lays a share's view does so; what it was asked.
    @discardableResult
    func layingSucceeds(_ share: String) -> (share: Share, force: Bool)? {
        guard let launch = take("lay", share), case .change(let mount, .lay(let wanted, let target, let force)) = launch.request else {
            return nil
        }
        let view = lay(over: mount.target, at: target)
        observe()
        deliver(.workerEnded(launch.id, .laid(view)))
        return (wanted, force)
    }

    /// The process of the view that was laid last ends.
    func viewDies() {
        deliver(.viewEnded(ProcessMark(id: lastView, started: 7)))
    }

    /// The share answers the probe under way.
    func shareAnswers(_ share: String) {
        guard let launch = running.first(where: { $0.kind == "probe" && $0.share == share }) else { return }
        deliver(.workerProgressed(launch.id, "view"))
    }

    /// The probe under way is past its deadline and is ended.
    func probeHangs(_ share: String) {
        guard let launch = take("probe", share) else { return }
        deliver(.workerOverdue(launch.id))
        deliver(.workerEnded(launch.id, nil))
    }

    func attachHangs(_ share: String) {
        guard let launch = take("attach", share) else { return }
        deliver(.workerOverdue(launch.id))
        deliver(.workerEnded(launch.id, nil))
    }

    func attachFails(_ share: String, _ code: CauseCode) {
        guard let launch = take("attach", share) else { return }
        deliver(.workerEnded(launch.id, .failed(Cause(code, "share '\(share)': it did not work"))))
    }

    func detachSucceeds(_ share: String) {
        guard let launch = take("detach", share) else { return }
        let mountID: Int64
        let view: StandingView?
        switch launch.request {
        case .detach(_, _, let id, _, let over): (mountID, view) = (id, over)
        case .change(let mount, .retire): (mountID, view) = (mount.mountID, mount.view)
        default: return
        }
        mounts.removeAll { $0.mountID == mountID || $0.mountID == view?.mountID }
        observe()
        deliver(.workerEnded(launch.id, .detached(stillInUse: false)))
    }

    func probeSucceeds(_ share: String, readAheadWas: Int64? = nil, view: ViewReading? = nil) {
        guard let launch = take("probe", share) else { return }
        let capacity = ShareStatus.Capacity(sizeBytes: 100, usedBytes: 1, availableBytes: 99, inodes: 0, inodesUsed: 0)
        deliver(.workerEnded(launch.id, .probed(latencyMicroseconds: 150, capacity, readAheadWas: readAheadWas, view: view)))
    }

    func request(_ method: ControlMethod, _ params: Value = .object([]), mayChange: Bool = true) -> UInt64 {
        lastRequest += 1
        let id = ControlRequest.ID(connection: 1, request: lastRequest)
        deliver(.requested(ControlRequest(id: id, method: method, params: params, mayChange: mayChange)))
        return lastRequest
    }

    func state(_ share: String) -> String {
        core.statusDocument(names: [share], now)["shares"]?.elements?.first?["state"]?.text ?? ""
    }

    func health(_ share: String) -> String {
        core.statusDocument(names: [share], now)["shares"]?.elements?.first?["health"]?.text ?? ""
    }

    private func cause(_ share: String) -> Value? { core.statusDocument(names: [share], now)["shares"]?.elements?.first?["cause"] }

    func causeCode(_ share: String) -> String { cause(share)?["code"]?.text ?? "" }

    func remedy(_ share: String) -> [String] { cause(share)?["remedy"]?.elements?.compactMap(\.text) ?? [] }
}

func virtiofs(_ name: String, _ more: KeyValuePairs<String, Value> = [:]) -> Value {
    var members: [Value.Member] = [
        .init("name", .string(name)), .init("source", .object(["type": "virtiofs", "tag": .string(name)])),
    ]
    for (key, value) in more { members.append(.init(key, value)) }
    return .object(members)
}
