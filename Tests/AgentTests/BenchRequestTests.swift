import Agent
import ShareModel
import ShareWire
import Testing

@Suite("One share is measured at a time, for whoever may change things")
struct BenchRequestTests {
    private func attached(credential: Bool = false) -> Rig {
        let rig = Rig()
        rig.catalog = (1, [virtiofs("a", credential ? ["credential": "c"] : [:]), virtiofs("b")])
        rig.credentials["c"] = .object(["kind": "password", "username": "u", "password": "p"])
        rig.connect()
        for name in ["a", "b"] {
            rig.attachSucceeds(name)
            rig.probeSucceeds(name)
        }
        return rig
    }

    private func cause(_ rig: Rig, _ id: UInt64) -> String? {
        if case .failure(let error)? = rig.answers[id] { error.causeText } else { nil }
    }

    @Test("the answer is the worker's report, with how the share answered meanwhile")
    func answer() throws {
        let rig = attached()
        let id = rig.request(.shareBench, .object(["share": "a", "timeMs": 4_000, "spaceBytes": .integer(2 << 20)]))
        let launch = try #require(rig.take("bench", "a"))
        guard case .bench(let order, nil) = launch.request else { throw FieldProblem(path: "", message: "another request") }
        #expect(order.timeMs == 4_000 && order.spaceBytes == 2 << 20 && order.profiles.isEmpty && order.mark.utf8.count == 16)
        rig.deliver(.workerProgressed(launch.id, "sequential writing"))
        #expect(rig.progress == ["sequential writing"])
        rig.deliver(.workerEnded(launch.id, .benched(.object(["results": .object([])]))))
        guard case .success(let value)? = rig.answers[id] else {
            Issue.record("no answer")
            return
        }
        #expect(value["health"]?.text == "ok")
        #expect(value["probe"]?["latencyMicroseconds"]?.number == 150)
        #expect(rig.take("sweep", "a") == nil, "a worker that answered has cleared up")
    }

    @Test("a second one is told who is measured; afterwards it may")
    func oneAtATime() throws {
        let rig = attached()
        _ = rig.request(.shareBench, .object(["share": "a"]))
        #expect(cause(rig, rig.request(.shareBench, .object(["share": "b"]))) == "target-busy")
        rig.deliver(.workerEnded(try #require(rig.take("bench", "a")).id, .benched(.object([]))))
        _ = rig.request(.shareBench, .object(["share": "b"]))
        #expect(rig.take("bench", "b") != nil)
    }

    @Test("what is not attached, or not offered, cannot be measured")
    func notAttached() {
        let rig = attached()
        #expect(cause(rig, rig.request(.shareBench, .object(["share": "nope"]))) == "share-unknown")
        _ = rig.request(.sharesDetach, .object(["names": .array(["a"])]))
        rig.detachSucceeds("a")
        #expect(cause(rig, rig.request(.shareBench, .object(["share": "a"]))) == "target-missing")
    }

    @Test(
        "bounds are bounds",
        arguments: [
            Value.object(["share": "a", "timeMs": 999]), .object(["share": "a", "timeMs": 300_001]),
            .object(["share": "a", "spaceBytes": .integer((1 << 20) - 1)]), .object(["share": "a", "compare": .array(["fast"])]),
        ])
    func bounds(params: Value) {
        let rig = attached()
        let id = rig.request(.shareBench, params)
        guard case .failure(let error)? = rig.answers[id] else {
            Issue.record("accepted")
            return
        }
        #expect(error.code == RPCError.invalidParams)
    }

    @Test("a share that hangs is told at once as stalled, and cleared up when its worker has ended")
    func stalled() throws {
        let rig = attached()
        let id = rig.request(.shareBench, .object(["share": "a"]))
        let launch = try #require(rig.take("bench", "a"))
        rig.deliver(.workerOverdue(launch.id))
        #expect(cause(rig, id) == "transport-stalled")
        rig.deliver(.workerStuck(launch.id))
        _ = rig.request(.shareBench, .object(["share": "b"]))
        #expect(rig.take("bench", "b") != nil, "another share can be measured while the worker hangs")
        #expect(rig.take("sweep", "a") == nil)
        rig.deliver(.workerEnded(launch.id, nil))
        #expect(rig.take("sweep", "a") != nil)
    }

    @Test("when the asker leaves, the worker is ended and what it left is cleared up")
    func askerLeft() throws {
        let rig = attached()
        _ = rig.request(.shareBench, .object(["share": "a"]))
        let launch = try #require(rig.take("bench", "a"))
        rig.deliver(.requesterLeft(connection: 1))
        #expect(rig.dismissed == [launch.id])
        rig.deliver(.workerEnded(launch.id, nil))
        let sweep = try #require(rig.take("sweep", "a"))
        guard case .bench(let order, _) = launch.request, case .sweep(_, _, _, let mark) = sweep.request else {
            throw FieldProblem(path: "", message: "another request")
        }
        #expect(mark == order.mark)
    }

    @Test("comparing asks for the credential, as an attach does; without the host it goes on without")
    func credentials() throws {
        let rig = attached(credential: true)
        _ = rig.request(.shareBench, .object(["share": "a", "compare": .array([])]))
        let launch = try #require(rig.take("bench", "a"))
        guard case .bench(let order, let credential) = launch.request else { throw FieldProblem(path: "", message: "another request") }
        #expect(credential != nil)
        #expect(order.profiles == [.throughput, .metadata, .coherent, .constrained])
        rig.deliver(.workerEnded(launch.id, .benched(.object([]))))
        rig.disconnect()
        _ = rig.request(.shareBench, .object(["share": "a", "compare": .array(["metadata"])]))
        guard case .bench(let alone, nil)? = rig.take("bench", "a")?.request else {
            Issue.record("no bench")
            return
        }
        #expect(alone.profiles.isEmpty && alone.notes.count == 1)
    }
}
