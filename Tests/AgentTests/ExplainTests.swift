import Agent
import Reconciler
import ShareModel
import ShareWire
import Testing

@Suite("Explaining over the control socket")
struct ExplainTests {
    private func explanation(_ rig: Rig, _ id: UInt64) throws -> Explanation {
        let document = try #require(rig.answers[id]).get()
        return try Explanation(try #require(document["explanation"]), at: "")
    }

    private func code(_ rig: Rig, _ id: UInt64) -> String? {
        if case .failure(let error)? = rig.answers[id] { error.causeText } else { nil }
    }

    /// The worker's answer: the share it was given, and one option.
    private func answer(_ rig: Rig, _ name: String) throws {
        let launch = try #require(rig.take("explain", name))
        guard case .explain(let share, let mountID, _) = launch.request else { return }
        var told = Explanation(name: share.name.text, type: share.source.type.rawValue)
        told.mountID = mountID
        told.options = [Explanation.Option("x", requested: "1", origin: .standard, why: "because")]
        rig.deliver(.workerEnded(launch.id, .explained(told)))
    }

    @Test("a worker explains an offered share, then an attached one by its mount id; the state is the agent's")
    func states() throws {
        let rig = Rig()
        rig.catalog = (1, [virtiofs("a", ["attach": "manual"])])
        rig.connect()
        let first = rig.request(.shareExplain, .object(["share": "a"]), mayChange: false)
        #expect(rig.answers[first] == nil)
        try answer(rig, "a")
        #expect(try explanation(rig, first).state == .offered)
        #expect(try explanation(rig, first).mountID == nil)

        _ = rig.request(.sharesAttach, .object(["names": .array(["a"]), "waitMs": 1000]))
        let mountID = rig.attachSucceeds("a")
        let second = rig.request(.shareExplain, .object(["share": "a"]))
        try answer(rig, "a")
        #expect(try explanation(rig, second).state == .attached)
        #expect(try explanation(rig, second).mountID == mountID)
    }

    @Test("a failed share is explained with why it failed, and one whose probe hangs like any other")
    func unwell() throws {
        let rig = Rig()
        rig.catalog = (1, [virtiofs("failing"), virtiofs("hanging")])
        rig.connect()
        rig.attachFails("failing", .tagNotFound)
        let failing = rig.request(.shareExplain, .object(["share": "failing"]))
        try answer(rig, "failing")
        #expect(try explanation(rig, failing).cause?.code == .tagNotFound)
        rig.attachSucceeds("hanging")
        let probe = try #require(rig.take("probe", "hanging"))
        rig.deliver(.workerOverdue(probe.id))
        rig.deliver(.workerStuck(probe.id))
        let hanging = rig.request(.shareExplain, .object(["share": "hanging"]))
        try answer(rig, "hanging")
        #expect(try explanation(rig, hanging).options.count == 1)
    }

    @Test("what is no valid share is told as such; what nobody offers is an error; a worker that dies is one too")
    func nothingToExplain() throws {
        let rig = Rig()
        rig.catalog = (1, [virtiofs("a"), .object(["name": "wrong", "source": .object(["type": "nope"])])])
        rig.connect()
        #expect(try explanation(rig, rig.request(.shareExplain, .object(["share": "wrong"]))).cause?.code == .shareInvalid)
        #expect(code(rig, rig.request(.shareExplain, .object(["share": "nobody"]))) == "share-unknown")
        let id = rig.request(.shareExplain, .object(["share": "a"]))
        let launch = try #require(rig.take("explain", "a"))
        rig.deliver(.workerOverdue(launch.id))
        rig.deliver(.workerEnded(launch.id, nil))
        #expect(code(rig, id) == "mount-timeout")
        #expect(rig.state("a") == "attaching", "the share's own life goes on")
    }

    @Test("a catalog's share is explained without being offered, and only for those who may change something")
    func catalog() throws {
        let rig = Rig()
        rig.catalog = (1, [])
        rig.connect()
        let params = Value.object(["share": "f", "catalog": .object(["shares": .array([virtiofs("f")])])])
        #expect(code(rig, rig.request(.shareExplain, params, mayChange: false)) == "permission-denied")
        let id = rig.request(.shareExplain, params)
        try answer(rig, "f")
        #expect(try explanation(rig, id).state == nil)
        #expect(rig.core.statusDocument(names: nil, rig.now)["shares"]?.elements?.isEmpty == true)
        let other = Value.object(["share": "g", "catalog": .object(["shares": .array([virtiofs("f")])])])
        #expect(code(rig, rig.request(.shareExplain, other)) == "share-unknown")
    }

    @Test("four at a time are explained, the fifth is told to come again; who leaves is forgotten")
    func many() throws {
        let rig = Rig()
        rig.catalog = (1, [virtiofs("a")])
        rig.connect()
        let ids = (0..<5).map { _ in rig.request(.shareExplain, .object(["share": "a"])) }
        if case .failure(let error)? = rig.answers[ids[4]] { #expect(error.code == RPCError.busy) } else { Issue.record("not busy") }
        rig.deliver(.requesterLeft(connection: 1))
        for _ in 0..<4 { try answer(rig, "a") }
        #expect(rig.answers.count == 1)
    }

    @Test("each probe sees to the read-ahead that was asked for, and a change is told once for each mount")
    func readAhead() throws {
        let rig = Rig()
        rig.catalog = (1, [virtiofs("a")])
        rig.connect()
        rig.attachSucceeds("a", requested: ["read_ahead_kb": "4096"])
        guard case .probe(_, _, _, readAheadKiB: 4096, _)? = rig.running.first(where: { $0.kind == "probe" })?.request else {
            Issue.record("the probe does not know of it")
            return
        }
        for _ in 0..<3 {
            rig.probeSucceeds("a", readAheadWas: 128)
            rig.pass(40)
        }
        let told = rig.logs.filter { $0.contains("read-ahead") }
        #expect(told == ["share 'a': something had set its read-ahead to 128 KiB; it has 4096 again, and keeps it"])
    }
}
