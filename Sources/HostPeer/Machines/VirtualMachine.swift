import LinuxSystem
import ShareModel
import ShareWire

/// One VM: its channel, the session with its agent, what it is offered, and what it last told.
final class VirtualMachine {
    /// How the channel is, in the words of the contract, with a reason where it is not as wished.
    struct Link {
        var state: ChannelState
        var since: Timestamp
        var reason: String?
    }

    /// The longest reason that is kept, in bytes: a guest's words may be in it.
    static let reasonBytes = 1_024

    let name: String
    let place: ChannelLink.Place
    let surroundings: Surroundings
    private(set) var link: Link
    private(set) var guest: GuestGreeting?
    var health: MachineHealth
    var offer: Offer {
        didSet { if offer.revision != oldValue.revision { offerGivenAt = nil } }
    }
    /// When the guest got the present offer, the first time in this session; nil where it has not asked for it.
    private(set) var offerGivenAt: Int64?
    var session: HostSession

    private weak var desk: (any RequestDesk)?
    private var channel: ChannelLink?
    private var waiting: [RequestToken: (Result<Value, RPCError>) -> Void] = [:]
    private var allowance: Allowance
    private var budget = LineBudget()
    private var timer: TimerToken?
    private var timerDeadline: Int64?
    private var unpause: TimerToken?
    private var heardAt: Int64
    private var isPinged = false
    private var isDeafnessTold = false

    /// - Parameters:
    ///   - health: what is known from an earlier channel of the same VM.
    ///   - desk: who answers what only the whole configuration can tell.
    init(
        _ name: String, at place: ChannelLink.Place, offer: Offer, greeting: HostGreeting, health: MachineHealth = MachineHealth(),
        desk: any RequestDesk, in surroundings: Surroundings
    ) {
        self.name = name
        self.place = place
        self.offer = offer
        self.health = health
        self.desk = desk
        self.surroundings = surroundings
        session = HostSession(greeting: greeting)
        link = Link(state: .absent, since: surroundings.wallTime)
        allowance = Allowance(now: surroundings.now)
        heardAt = surroundings.now
    }

    /// Whether there is a session with the agent.
    var isConnected: Bool { link.state == .connected }

    /// Opens the channel, now and whenever it is gone.
    func start() {
        let link = ChannelLink(
            place, in: surroundings,
            ChannelLink.Callbacks(
                opened: { [weak self] in self?.opened() }, received: { [weak self] in self?.received($0) },
                closed: { [weak self] in self?.closed($0) }))
        channel = link
        link.start()
    }

    /// Closes the channel for good.
    func stop() {
        channel?.stop()
        channel = nil
        perform(session.closed())
        turn(to: .absent, "no longer served")
        for token in [timer, unpause] { if let token { surroundings.loop.cancel(token) } }
        (timer, unpause) = (nil, nil)
    }

    /// Asks the agent something; `completion` runs exactly once.
    func ask(_ method: HostMethod, _ params: Value, timeoutMs: Int64, _ completion: @escaping (Result<Value, RPCError>) -> Void) {
        let (token, actions) = session.send(method, params: params, timeoutMs: timeoutMs, now: surroundings.now)
        waiting[token] = completion
        perform(actions)
    }

    /// Tells the agent that its offer has changed. Without a session nothing is lost: a new one begins with the list.
    /// - Parameter credentials: those of its shares that are no longer what the agent was given.
    func tellChange(credentials: [String] = []) {
        let changed = credentials.isEmpty ? Value?.none : .array(credentials.map(Value.string))
        perform(session.notify(.sharesChanged, params: .object(["revision": .integer(offer.revision), "credentials": changed])))
    }

    /// Begins anew, so that the agent learns what only a greeting tells.
    func greetAnew(_ greeting: HostGreeting) {
        session.greeting = greeting
        guard link.state != .absent else { return }
        perform(session.opened(now: surroundings.now))
    }

    /// Asks an agent that has been silent for long whether it is there; one that does not answer has no session any more. On
    /// virtio-serial nothing else tells that a guest was switched off.
    func checkSilence(reportIntervalMs: Int64) {
        let now = surroundings.now
        guard isConnected, !isPinged, now - heardAt > max(3 * reportIntervalMs, surroundings.tuning.silenceMs) else { return }
        isPinged = true
        ask(.agentPing, .object([]), timeoutMs: surroundings.tuning.silenceMs) { [weak self] answer in
            guard let self else { return }
            isPinged = false
            guard case .failure(let error) = answer, error.code == RPCError.timeout, isConnected else { return }
            note("the agent does not answer any more")
            perform(session.opened(now: surroundings.now))
        }
    }

    /// The answer to `shares.list`.
    func giveOffer() -> Value {
        offerGivenAt = offerGivenAt ?? surroundings.now
        return offer.value
    }

    /// Logs why no revision of the offer reaches the guest: once, until one does.
    func tellDeafness(_ line: String) {
        guard !isDeafnessTold else { return }
        isDeafnessTold = true
        note(line, .warning)
    }

    /// The guest follows its offer.
    func hears() { isDeafnessTold = false }

    /// Writes a log line that the guest caused, unless it causes too many.
    func note(_ line: String, _ level: Log.Level = .info) {
        let (allowed, omitted) = budget.take(now: surroundings.now)
        guard allowed else { return }
        if omitted > 0 { surroundings.log.warning("\(name): \(omitted) lines of this VM were left out") }
        switch level {
        case .error: surroundings.log.error("\(name): \(line)")
        case .warning: surroundings.log.warning("\(name): \(line)")
        case .info: surroundings.log.info("\(name): \(line)")
        }
    }

    // MARK: the channel

    private func opened() {
        turn(to: .waiting, nil)
        note("channel \(place.spelling) is open")
        perform(session.opened(now: surroundings.now))
    }

    private func received(_ bytes: [UInt8]) {
        let now = surroundings.now
        heardAt = now
        allowance.pay(bytes.count, now: now)
        let before = session.counters
        perform(session.received(bytes, now: now))
        let frames = session.counters.acceptedFrames - before.acceptedFrames
        let bad = session.counters.badFrames - before.badFrames
        if bad > 0 { note("\(bad) frames were no message", .warning) }
        allowance.pay((frames + bad) * Allowance.perFrame, now: now)
        pace(now)
    }

    /// Leaves a guest unread that caused more work than it may.
    private func pace(_ now: Int64) {
        let wait = allowance.wait(now: now)
        guard wait > 0, unpause == nil else { return }
        note("sends more than it may, and has to wait", .warning)
        channel?.read(false)
        unpause = surroundings.loop.after(.milliseconds(wait)) { [weak self] in
            guard let self else { return }
            unpause = nil
            channel?.read(true)
        }
    }

    private func closed(_ reason: String) {
        perform(session.closed())
        if let unpause { surroundings.loop.cancel(unpause) }
        unpause = nil
        if link.state != .absent || link.reason != reason { note("channel \(place.spelling): \(reason)", .warning) }
        turn(to: .absent, reason)
    }

    private func turn(to state: ChannelState, _ reason: String?) {
        if link.state != state { link.since = surroundings.wallTime }
        link.state = state
        link.reason = reason?.clipped(toBytes: Self.reasonBytes)
    }

    // MARK: the session

    private func perform(_ actions: [HostSession.Action]) {
        for action in actions {
            switch action {
            case .discardUnwritten: channel?.discardQueue()
            case .write(let bytes):
                allowance.pay(bytes.count, now: surroundings.now)
                channel?.write(bytes)
            case .hello(let guest, let nonce):
                // The channel may have broken while the answer was written.
                guard session.session == nonce else { continue }
                greeted(guest)
            case .refused(let error):
                turn(to: .refused, error.message)
                note("the agent was refused: \(error.message)", .warning)
            case .request(let address, let method, let params):
                perform(session.respond(to: address, answer(method, params)))
            case .answer(let token, _, let result): waiting.removeValue(forKey: token)?(result)
            case .lost(let reason):
                turn(to: .waiting, "the session ended: \(reason.rawValue)")
                note("session ended: \(reason.rawValue)")
            }
        }
        schedule()
    }

    private func greeted(_ greeting: GuestGreeting) {
        let guest = greeting.kept
        self.guest = guest
        health.sessionBegan()
        offerGivenAt = nil
        channel?.proved()
        turn(to: .connected, nil)
        note("session with \(guest.agentName) \(guest.agentVersion) on \(guest.hostname)")
    }

    /// One timer for whatever the session has to do next.
    private func schedule() {
        let deadline = session.deadline
        guard deadline != timerDeadline else { return }
        if let timer { surroundings.loop.cancel(timer) }
        timer = nil
        timerDeadline = deadline
        guard let deadline else { return }
        timer = surroundings.loop.after(.milliseconds(max(0, deadline - surroundings.now))) { [weak self] in
            guard let self else { return }
            timer = nil
            timerDeadline = nil
            perform(session.tick(now: surroundings.now))
        }
    }

    private func answer(_ method: GuestMethod, _ params: Value) -> Result<Value, RPCError> {
        do throws(RPCError) {
            guard let desk else { throw RPCError(code: RPCError.internalError, message: "sharehost is ending") }
            return .success(try desk.answer(method, params, for: self))
        } catch {
            return .failure(error)
        }
    }
}

/// Who answers what guests ask.
protocol RequestDesk: AnyObject {
    /// - Throws: the error to answer with.
    func answer(_ method: GuestMethod, _ params: Value, for machine: VirtualMachine) throws(RPCError) -> Value
}
