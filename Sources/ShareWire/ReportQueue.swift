public import ShareModel

/// What the guest has yet to tell the host, one request at a time. It keeps *that* a report is due, never an old report:
/// the state is asked for at the moment it can be sent, so the newest state of every share always gets through. Only
/// events are kept, the newest `limit` bytes of them; older ones are dropped and counted.
public struct ReportQueue: Sendable {
    /// The next request to send.
    public struct Due: Equatable, Sendable {
        /// `health.report` or `share.event`.
        public let method: GuestMethod
        /// Its parameters.
        public let params: Value

        /// A request to send.
        public init(method: GuestMethod, params: Value) {
            self.method = method
            self.params = params
        }
    }

    private enum Outstanding { case report, event, droppedEvent }

    private struct Entry: Sendable {
        let params: Value
        let bytes: Int
    }

    /// Events that found no room, since the agent began.
    public private(set) var droppedEvents: Int64 = 0
    /// How many bytes of events wait.
    public private(set) var waitingBytes = 0
    private let limit: Int
    private var events: [Entry] = []
    private var reportDue = false
    private var connected = false
    // Set when the session took no further request: nothing is offered to it again until there is something new.
    private var held = false
    private var outstanding: Outstanding?

    /// An empty queue.
    /// - Parameter limit: how many bytes of events may wait.
    public init(limit: Int = Limits.queueBytes) {
        self.limit = limit
    }

    /// Whether everything was told and acknowledged.
    public var isEmpty: Bool { events.isEmpty && !reportDue && outstanding == nil }

    /// How many events wait, one that is under way counted too.
    public var eventCount: Int { events.count }

    /// A transition is to be told, after those before it.
    public mutating func add(_ event: ShareEvent) {
        held = false
        let params = event.params
        let bytes = StrictJSON.bytes(of: params).count
        waitingBytes += bytes
        events.append(Entry(params: params, bytes: bytes))
        while waitingBytes > limit {
            waitingBytes -= events.removeFirst().bytes
            droppedEvents += 1
            if outstanding == .event { outstanding = .droppedEvent }
        }
    }

    /// The interval is over, or something changed that only a report tells.
    public mutating func reportIsDue() {
        held = false
        reportDue = true
    }

    /// There is a new session: the host knows nothing, so the full state goes first. What was under way is sent again.
    public mutating func sessionBegan() {
        connected = true
        held = false
        outstanding = nil
        reportDue = true
    }

    /// There is no session. Nothing is forgotten.
    public mutating func sessionEnded() {
        connected = false
        outstanding = nil
    }

    /// What to send now; nil while the one before is not acknowledged, and when nothing is to be told. Call it after every
    /// event, and hand the answer to `answered`.
    /// - Parameter report: the parameters of a report as of now (`HealthReport.value(within:)`).
    public mutating func next(report: () -> Value) -> Due? {
        guard connected, !held, outstanding == nil else { return nil }
        if reportDue {
            reportDue = false
            outstanding = .report
            return Due(method: .healthReport, params: report())
        }
        guard let event = events.first else { return nil }
        outstanding = .event
        return Due(method: .shareEvent, params: event.params)
    }

    /// The answer to what `next` gave out. An error of the host counts as an acknowledgement, for sending the same again
    /// would bring the same error; only when there was no answer at all is it sent again.
    public mutating func answered(_ result: Result<Value, RPCError>) {
        guard let answered = outstanding else { return }
        outstanding = nil
        if case .failure(let error) = result {
            switch error.code {
            case RPCError.noSession, RPCError.busy:
                if answered == .report { reportDue = true }
                if error.code == RPCError.busy { held = true } else { connected = false }
                return
            case RPCError.unsendable where answered == .event: droppedEvents += 1
            default: break
            }
        }
        if answered == .event, !events.isEmpty { waitingBytes -= events.removeFirst().bytes }
    }
}
