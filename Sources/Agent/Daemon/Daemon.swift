internal import Glibc
internal import LinuxSystem
internal import Reconciler
internal import Settings
internal import ShareModel
internal import ShareWire

/// The core with a system under it: one thread, one epoll loop. It never touches a share; workers do.
final class Daemon {
    private let loop: EventLoop
    private let core: AgentCore
    private let arguments: Arguments
    private let state: StateFiles
    private let log: (String) -> Void
    private let notifier = ServiceNotifier()
    private var pool: WorkerPool?
    private var channel: HostChannel?
    private var control: ControlServer?
    private var mounts: MountTableWatch?
    private var surroundings: Surroundings?
    private var views: ViewWatches?
    private var wake: TimerToken?
    private var events: [AgentEvent] = []
    private var isDelivering = false
    /// Answers that no control connection waits for: those of the command that runs the agent for one job.
    var onAnswer: ((ControlRequest.ID, Result<Value, RPCError>) -> Void)?
    /// Progress that no control connection waits for.
    var onProgress: ((Value) -> Void)?
    /// Runs after each event has been dealt with.
    var onSettled: (() -> Void)?

    init(_ arguments: Arguments, configuration: AgentConfiguration, mode: AgentStatus.Mode, log: @escaping (String) -> Void)
        throws(SystemCallError)
    {
        self.arguments = arguments
        self.log = log
        loop = try EventLoop()
        state = StateFiles(stateDirectory: arguments.stateDirectory, runtimeDirectory: arguments.runtimeDirectory)
        let identity = AgentCore.Identity(
            greeting: GuestFacts.greeting(), mode: mode, pid: Int64(getpid()), startedAt: Clock.now())
        core = AgentCore(
            identity: identity, configuration: configuration, random: SystemRandomNumberGenerator(),
            residentBytes: { Int64(clamping: Machine.residentBytes()) })
        pool = WorkerPool(
            loop: loop, launcher: SpawningLauncher(program: arguments.worker, configurationDirectory: arguments.configurationDirectory),
            log: log
        ) { [weak self] in self?.workerTold($0) }
    }

    /// Takes up what was left, opens everything, and works until it is told to stop.
    func run() throws {
        // Before anything is touched: where another daemon listens already, this one must do nothing.
        if let path = arguments.controlSocket {
            try makeDirectory(Array(arguments.runtimeDirectory.utf8), mode: 0o755)
            control = try ControlServer(loop: loop, path: Array(path.utf8)) { [weak self] in self?.deliver($0) }
        }
        try start()
        try loop.onSignal(SIGHUP) { [weak self] _ in self?.readConfiguration() }
        notifier.notify("READY=1")
        beatWatchdog()
        try loop.run()
        stop()
    }

    /// The same for one job: without a control socket.
    func run(_ job: (Daemon) -> Void) throws {
        try start()
        job(self)
        try loop.run()
        stop()
    }

    private func start() throws {
        try ProcessMemory.forbidCoreDump()
        for signal in [SIGTERM, SIGINT] {
            try loop.onSignal(signal) { [weak self] event in self?.end(with: 128 + event.number) }
        }
        views = ViewWatches(loop) { [weak self] process in
            guard let self else { return }
            // Whether somebody has unmounted it, the table tells first.
            self.deliver(.mountsObserved(self.observe()))
            self.deliver(.viewEnded(process))
        }
        core.remember(catalog: state.catalog, mounts: state.mounts, observed: observe(), now: Clock.now())
        mounts = try MountTableWatch(loop) { [weak self] in self?.mountsChanged() }
        if let catalog = CredentialCatalog.read(log: log) { deliver(.catalogGiven(catalog)) }
        let surroundings = Surroundings(loop: loop, log: log) { [weak self] in self?.deliver($0) }
        self.surroundings = surroundings
        surroundings.start()
        let channel = HostChannel(loop: loop, place: HostChannel.Place(core.configuration.channel)) { [weak self] in self?.deliver($0) }
        self.channel = channel
        channel.open()
        deliver(.timePassed)
    }

    /// The exit status once the loop has ended.
    private(set) var exitStatus: CInt = 0

    func end(with status: CInt) {
        exitStatus = status
        loop.stop()
    }

    private func stop() {
        notifier.notify("STOPPING=1")
        control?.close()
        channel?.close()
        mounts = nil
        surroundings = nil
    }

    // MARK: events and actions

    /// Hands an event to the core and does what it wants. Events that come about meanwhile wait for their turn.
    func deliver(_ event: AgentEvent) {
        events.append(event)
        guard !isDelivering else { return }
        isDelivering = true
        while !events.isEmpty {
            let next = events.removeFirst()
            for action in core.handle(next, now: Clock.now()) { perform(action) }
        }
        isDelivering = false
        scheduleWake()
        onSettled?()
    }

    private func perform(_ action: AgentAction) {
        switch action {
        case .launch(let id, let request, let deadlineMs): pool?.launch(id, request, deadlineMs: deadlineMs)
        case .discardUnwritten: channel?.discardUnwritten()
        case .write(let bytes): channel?.write(bytes)
        case .dismiss(let id): pool?.dismiss(id)
        case .tell(let id, let notification, let value):
            if let onProgress { onProgress(value) } else { control?.tell(id, notification, value) }
        case .answer(let id, let result): if let onAnswer { onAnswer(id, result) } else { control?.answer(id, result) }
        case .keepCatalog(let value): keep { () throws(SystemCallError) in try state.keepCatalog(value) }
        case .keepMounts(let value): keep { () throws(SystemCallError) in try state.keepMounts(value) }
        case .watchViews(let processes): views?.watch(processes)
        case .watchNetwork(let isAwaited): surroundings?.watchNetwork(isAwaited)
        case .log(let line): log(line)
        }
    }

    private func keep(_ write: () throws(SystemCallError) -> Void) {
        do throws(SystemCallError) {
            try write()
        } catch {
            log("cannot keep state, ignoring: \(error)")
        }
    }

    private func scheduleWake() {
        if let wake { loop.cancel(wake) }
        let now = Clock.now().moment
        wake = core.nextWake(after: now).map { due in
            loop.after(.milliseconds(max(0, due - now))) { [weak self] in self?.deliver(.timePassed) }
        }
    }

    private func workerTold(_ event: WorkerPool.Event) {
        switch event {
        case .progressed(let id, let doing): deliver(.workerProgressed(id, doing))
        case .found(let id, let finding): deliver(.workerFound(id, finding))
        case .overdue(let id): deliver(.workerOverdue(id))
        case .stuck(let id): deliver(.workerStuck(id))
        case .ended(let id, let outcome):
            // What a worker says of mounts is held against the table as it is after the worker's end. Probes change none.
            if core.changesMounts(id) { deliver(.mountsObserved(observe())) }
            deliver(.workerEnded(id, outcome))
        }
    }

    private func mountsChanged() {
        deliver(.mountsObserved(observe()))
    }

    private func observe() -> ObservedState {
        do throws(MountTableFailure) {
            return ObservedState(try MountTable.read())
        } catch {
            log("cannot read the mount table, keeping the last one: \(error)")
            return core.observed
        }
    }

    private func readConfiguration() {
        do throws(SettingsProblem) {
            deliver(.configured(try arguments.readConfiguration()))
        } catch {
            log("configuration not read anew, the old one stays: \(error.sentence)")
        }
    }

    /// Tells systemd that the loop turns; half the time it allows.
    private func beatWatchdog() {
        guard let interval = notifier.watchdogInterval else { return }
        notifier.notify("WATCHDOG=1")
        loop.after(interval / 2) { [weak self] in self?.beatWatchdog() }
    }

    // MARK: for one job

    /// The document of `status --json`.
    func statusDocument(names: [String]?) -> Value { core.statusDocument(names: names, Clock.now()) }
    /// The document of `list --json`.
    func offeredDocument() -> Value { core.offeredDocument() }
    /// Whether a share of this name is known already.
    func isKnown(_ name: String) -> Bool { (try? ShareName(validating: name)).map { core.offers[$0] != nil } ?? false }
    /// Whether the host's list has come.
    var hasHostList: Bool { core.hasHostList }
    /// Whether the host has yet to hear something.
    var hasUntoldReports: Bool { core.hasUntoldReports }
    /// Why there is no session.
    var channelCause: Cause? { core.channelCause }

    func after(_ delay: Duration, _ action: @escaping () -> Void) {
        loop.after(delay, action)
    }
}
