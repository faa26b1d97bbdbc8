import ShareModel
import ShareWire
import Testing

@Suite("the report queue keeps state, not history")
struct ReportQueues {
    private func report() -> Value { .object([.init("state", "newest")]) }
    private let acknowledged = Result<Value, RPCError>.success(.object([]))
    private let noSession = Result<Value, RPCError>.failure(RPCError(code: RPCError.noSession, message: "over"))

    @Test("nothing goes out without a session; a new session begins with the full state, then the events in their order")
    func order() {
        var queue = ReportQueue()
        queue.add(.fixture(1))
        queue.add(.fixture(2))
        #expect(queue.next(report: report) == nil)
        queue.sessionBegan()
        #expect(queue.next(report: report) == .init(method: .healthReport, params: report()))
        #expect(queue.next(report: report) == nil, "one at a time")
        queue.answered(acknowledged)
        for sequence in Int64(1)...2 {
            #expect(queue.next(report: report) == .init(method: .shareEvent, params: ShareEvent.fixture(sequence).params))
            #expect(!queue.isEmpty)
            queue.answered(acknowledged)
        }
        #expect(queue.next(report: report) == nil)
        #expect(queue.isEmpty && queue.waitingBytes == 0)
    }

    @Test("what was not acknowledged is sent again in the next session")
    func again() {
        var queue = ReportQueue()
        queue.sessionBegan()
        _ = queue.next(report: report)
        queue.answered(acknowledged)
        queue.add(.fixture(1))
        _ = queue.next(report: report)
        queue.answered(noSession)
        queue.sessionEnded()
        #expect(queue.next(report: report) == nil)
        queue.sessionBegan()
        #expect(queue.next(report: report)?.method == .healthReport)
        queue.answered(acknowledged)
        #expect(queue.next(report: report)?.params["sequence"] == 1)
    }

    @Test("an error of the host is an acknowledgement, and what cannot be sent is dropped and counted")
    func errors() {
        var queue = ReportQueue()
        queue.sessionBegan()
        _ = queue.next(report: report)
        queue.answered(.failure(RPCError(code: RPCError.internalError, message: "disk full")))
        #expect(queue.isEmpty)
        queue.add(.fixture(1))
        _ = queue.next(report: report)
        queue.answered(.failure(RPCError(code: RPCError.unsendable, message: "too large")))
        #expect(queue.isEmpty && queue.droppedEvents == 1)
    }

    @Test("a session with too many requests under way is not asked in circles")
    func busy() {
        var queue = ReportQueue()
        queue.sessionBegan()
        _ = queue.next(report: report)
        queue.answered(.failure(RPCError(code: RPCError.busy, message: "later")))
        #expect(queue.next(report: report) == nil)
        queue.add(.fixture(1))
        #expect(queue.next(report: report)?.method == .healthReport, "the report is still due")
    }

    @Test("events wait up to the limit in bytes; past it the oldest go and are counted")
    func limit() {
        let bytes = StrictJSON.bytes(of: ShareEvent.fixture(1).params).count
        var queue = ReportQueue(limit: 3 * bytes)
        for sequence in Int64(1)...3 { queue.add(.fixture(sequence)) }
        #expect(queue.eventCount == 3 && queue.droppedEvents == 0 && queue.waitingBytes == 3 * bytes)
        queue.add(.fixture(4))
        #expect(queue.eventCount == 3 && queue.droppedEvents == 1)
        queue.sessionBegan()
        _ = queue.next(report: report)
        queue.answered(acknowledged)
        #expect(queue.next(report: report)?.params["sequence"] == 2)
        // The one under way is pushed out meanwhile: its acknowledgement must not take another with it.
        queue.add(.fixture(5))
        queue.answered(acknowledged)
        #expect(queue.next(report: report)?.params["sequence"] == 3)
    }

    @Test(
        "whatever happens, the bound holds, sequences grow, and at the end the host has the newest state",
        arguments: 1...60 as ClosedRange<UInt64>)
    func property(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let limit = 400 + random.below(2_000)
        var queue = ReportQueue(limit: limit)
        var state: Int64 = 0
        var sequence: Int64 = 0
        var hostState: Int64 = -1
        var hostSequences: [Int64] = []
        var underWay: ReportQueue.Due?
        var connected = false

        func deliver() {
            guard let due = underWay else { return }
            switch due.method {
            case .healthReport: hostState = due.params["state"]?.number ?? -1
            default: hostSequences.append(due.params["sequence"]?.number ?? -1)
            }
        }
        for _ in 0..<400 {
            switch random.below(7) {
            case 0, 1:
                sequence += 1
                state += 1
                queue.add(.fixture(sequence, cause: random.chance(3) ? .fixture : nil))
                queue.reportIsDue()
            case 2:
                state += 1
                queue.reportIsDue()
            case 3 where connected:
                if underWay != nil {
                    // Delivered or not, the acknowledgement is lost with the session.
                    if random.chance(2) { deliver() }
                    queue.answered(noSession)
                }
                queue.sessionEnded()
                underWay = nil
                connected = false
            case 4 where !connected:
                queue.sessionBegan()
                connected = true
            default:
                if underWay != nil {
                    deliver()
                    queue.answered(acknowledged)
                    underWay = nil
                }
            }
            if underWay == nil { underWay = queue.next { .object([.init("state", .integer(state))]) } }
            #expect(queue.waitingBytes <= limit, "seed \(seed)")
        }
        if !connected { queue.sessionBegan() }
        while true {
            if underWay == nil { underWay = queue.next { .object([.init("state", .integer(state))]) } }
            guard underWay != nil else { break }
            deliver()
            queue.answered(acknowledged)
            underWay = nil
        }
        #expect(queue.isEmpty && queue.waitingBytes == 0, "seed \(seed)")
        #expect(hostState == state, "seed \(seed)")
        #expect(zip(hostSequences, hostSequences.dropFirst()).allSatisfy { $0 <= $1 }, "seed \(seed): \(hostSequences)")
        #expect(Int64(Set(hostSequences).count) + queue.droppedEvents >= sequence, "seed \(seed): an event is neither told nor counted")
    }
}

@Suite("reports and events")
struct Reports {
    @Test("an event survives the way, with and without its cause", arguments: [nil, Cause.fixture])
    func event(cause: Cause?) throws {
        let event = ShareEvent.fixture(7, cause: cause)
        #expect(try ShareEvent(event.params) == event)
    }

    @Test("an event that lacks a part is refused with its key", arguments: ["sequence", "share", "at", "from", "to"])
    func lacking(key: String) {
        guard case .object(let members) = ShareEvent.fixture(7).params else { return }
        #expect {
            _ = try ShareEvent(.object(members.filter { $0.key != key }))
        } throws: { error in
            (error as? FieldProblem)?.path.contains(key) == true
        }
    }

    @Test("a report survives the way; a share that cannot be read is counted, the others stay")
    func report() throws {
        let report = HealthReport(sequence: 4, agent: .fixture, shares: [.fixture("projects"), .failed])
        #expect(try HealthReport(report.value) == report)
        #expect(report.value() == report.value)
        guard case .object(var members) = report.value else { return }
        members[2] = .init("shares", .array([.object([.init("name", "x")]), ShareStatus.failed.value]))
        let read = try HealthReport(.object(members))
        #expect(read.shares == [.failed])
        #expect(read.omittedShares == 1)
    }

    @Test("a report too large is told without options first, then bare, then without those that are well")
    func shrinking() throws {
        var shares = (0..<50).map { ShareStatus.fixture("share-\($0)") }
        shares.append(.failed)
        let report = HealthReport(sequence: 4, agent: .fixture, shares: shares)
        let whole = StrictJSON.bytes(of: report.value).count
        #expect(try HealthReport(report.value(within: whole)) == report)
        var sizes: [Int] = []
        for limit in stride(from: whole - 1, to: 1_000, by: -500) {
            let value = report.value(within: limit)
            let bytes = StrictJSON.bytes(of: value).count
            #expect(bytes <= limit)
            sizes.append(bytes)
            let read = try HealthReport(value)
            #expect(read.shares.count + Int(read.omittedShares) == 51)
            let failed = try #require(read.shares.first { $0.name == "media" }, "the one in trouble goes last")
            #expect(failed.state == .failed && failed.cause?.code == .credentialRejected)
        }
        #expect(Set(sizes).count >= 4, "three steps and some shares left out")
    }

    @Test("a full catalog in its longest form is told within the limit of a report, and two reports fit into a stream's queue")
    func fullCatalog() throws {
        let shares = (0..<Catalog.maximumShares).map { ShareStatus.fixture("share-\($0)" + String(repeating: "x", count: 50)) }
        let value = HealthReport(sequence: 4, agent: .fixture, shares: shares).value()
        #expect(StrictJSON.bytes(of: value).count <= Limits.reportBytes)
        var guest = try GuestSession.established()
        let frame = guest.send(.healthReport, params: value, now: 0).actions.written
        #expect(!frame.isEmpty && 2 * frame.count <= Limits.queueBytes)
        #expect(try HealthReport(value).shares.count >= Catalog.maximumShares / 2)
    }
}
