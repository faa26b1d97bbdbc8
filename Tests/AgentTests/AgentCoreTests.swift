import Agent
import Reconciler
import ShareModel
import ShareWire
import Testing

@Suite("The agent between a scripted host and scripted workers")
struct AgentCoreTests {
    @Test("from hello to an attached share the host hears of it at once")
    func wholePath() {
        let rig = Rig.attached(["files"])
        #expect(rig.state("files") == "attached")
        #expect(rig.health("files") == "ok")
        #expect(rig.asked.prefix(2) == [.sharesList, .healthReport] || rig.asked.contains(.sharesList))
        #expect(rig.events.map(\.to.state) == [.attaching, .attached, .attached])
        #expect(rig.keptCatalog?["revision"]?.number == 1)
        #expect(rig.keptMounts?["mounts"]?.elements?.count == 1)
    }

    @Test("reports come at the interval the host asks for")
    func reportInterval() {
        let rig = Rig.attached(["files"])
        rig.pass(1)  // what follows at once on the transitions
        let before = rig.reports.count
        rig.pass(35)
        #expect(rig.reports.count - before == 3)
        let sequences = rig.reports.map(\.sequence)
        #expect(sequences == sequences.sorted())
    }

    @Test("a host that goes and comes back hears the full state again and nothing is detached meanwhile")
    func hostRestarts() {
        let rig = Rig.attached(["files"])
        rig.disconnect()
        rig.pass(100)
        for _ in 0..<10 { rig.probeSucceeds("files") }
        #expect(rig.state("files") == "attached")
        let before = rig.reports.count
        rig.connect()
        #expect(rig.reports.count > before)
        #expect(rig.running.allSatisfy { $0.kind == "probe" })
    }

    @Test("shares come, change and go with the host's list")
    func hotChanges() {
        let rig = Rig.attached(["a"])
        rig.offer(2, [virtiofs("a"), virtiofs("b")])
        rig.attachSucceeds("b")
        #expect(rig.state("b") == "attached")
        rig.offer(3, [virtiofs("a", ["access": "ro"]), virtiofs("b")])
        rig.detachSucceeds("a")
        rig.attachSucceeds("a")
        #expect(rig.state("a") == "attached")
        rig.offer(4, [virtiofs("a", ["access": "ro"])])
        rig.probeSucceeds("b")
        rig.detachSucceeds("b")
        #expect(rig.causeCode("b") == "share-unknown")
    }

    @Test("a list of an older revision changes nothing")
    func staleList() {
        let rig = Rig.attached(["a"])
        rig.offer(0, [])
        #expect(rig.state("a") == "attached")
        #expect(rig.running.allSatisfy { $0.kind != "detach" })
    }

    @Test("a list that drops most shares is asked for again and believed the second time")
    func massRemoval() {
        let rig = Rig.attached(["a", "b", "c"])
        rig.offer(2, [])
        #expect(rig.running.allSatisfy { $0.kind != "detach" })
        rig.pass(5.1)
        #expect(Set(rig.running.filter { $0.kind == "detach" }.map(\.share)) == ["a", "b", "c"])
    }

    @Test("an attach over TLS that takes too long says what the server may lack", arguments: ["tcp", "tls"])
    func silentTLS(_ transport: String) {
        let rig = Rig()
        let source: Value = .object(["type": "nfs", "server": "10.0.0.1", "export": "/a", "transport": .string(transport)])
        rig.catalog = (1, [.object(["name": "a", "source": source])])
        rig.connect()
        rig.attachHangs("a")
        #expect(rig.causeCode("a") == "mount-timeout")
        let told = rig.remedy("a").joined()
        #expect(told.contains("certificate") == (transport == "tls"))
    }

    @Test("one share that is no valid share does not spoil the others")
    func invalidBeside() {
        let rig = Rig()
        rig.catalog = (1, [.object(["name": "bad", "source": .object(["type": "virtiofs", "tug": "x"])]), virtiofs("good")])
        rig.connect()
        rig.attachSucceeds("good")
        #expect(rig.state("good") == "attached")
        #expect(rig.state("bad") == "refused")
        #expect(rig.causeCode("bad") == "share-invalid")
    }

    @Test("a credential is asked for and handed to the worker, and never kept")
    func credential() throws {
        let rig = Rig()
        rig.credentials["c"] = .object(["kind": "password", "username": "alice", "password": "pa,ss \"word"])
        rig.catalog = (1, [virtiofs("a", ["credential": "c"])])
        rig.connect()
        let launch = try #require(rig.running.first)
        guard case .attach(_, .password(let user, _, let password)?, _) = launch.request else {
            Issue.record("no password with the request")
            return
        }
        #expect(user == "alice")
        #expect(password.count == 11)
        rig.attachSucceeds("a")
        for kept in [rig.keptCatalog, rig.keptMounts].compactMap({ $0 }) {
            #expect(!String(decoding: StrictJSON.bytes(of: kept), as: UTF8.self).contains("pa,ss"))
        }
        #expect(rig.logs.allSatisfy { !$0.contains("pa,ss") })
    }

    @Test("a credential the host does not know is told; one that waited for the host is asked for when the host is back")
    func credentialMissing() {
        let rig = Rig()
        rig.catalog = (1, [virtiofs("a", ["credential": "c"])])
        rig.connect()
        #expect(rig.causeCode("a") == "credential-missing")
        rig.disconnect()
        rig.pass(700)
        #expect(rig.causeCode("a") == "credential-missing")
        rig.credentials["c"] = .object(["kind": "password", "username": "alice", "password": "x"])
        rig.connect()
        rig.attachSucceeds("a")
        #expect(rig.state("a") == "attached")
    }

    @Test("the next agent takes over what is mounted: same mount ids, no worker but probes")
    func adoption() throws {
        let first = Rig.attached(["a", "b"])
        let second = Rig()
        second.mounts = first.mounts
        second.core.remember(catalog: first.keptCatalog, mounts: first.keptMounts, observed: ObservedState(first.mounts), now: second.now)
        second.catalog = (1, [virtiofs("a"), virtiofs("b")])
        second.connect()
        #expect(second.state("a") == "attached")
        #expect(second.running.allSatisfy { $0.kind == "probe" })
        let ids = second.core.statusDocument(second.now)["shares"]?.elements?.compactMap { $0["mountId"]?.number }
        #expect(ids == first.mounts.map(\.mountID))
    }

    @Test("without a host the next agent attaches what was offered last")
    func rememberedCatalog() {
        let first = Rig.attached(["a"])
        let second = Rig()
        second.core.remember(catalog: first.keptCatalog, mounts: nil, observed: ObservedState([]), now: second.now)
        second.deliver(.timePassed)
        second.attachSucceeds("a")
        #expect(second.state("a") == "attached")
    }

    @Test("a mount id that means another mount by now is not taken over")
    func noFalseAdoption() {
        let first = Rig.attached(["a"])
        let second = Rig()
        let other = first.mounts.map {
            ObservedMount(
                mountID: $0.mountID, target: $0.target, fstype: "tmpfs", source: $0.source,
                options: ObservedOptions(fileSystem: [], mount: []))
        }
        second.core.remember(catalog: first.keptCatalog, mounts: first.keptMounts, observed: ObservedState(other), now: second.now)
        #expect(second.state("a") == "offered")
    }

    @Test("a stuck probe means stalled for its share only, and its end recovery")
    func stalled() throws {
        let rig = Rig.attached(["a", "b"])
        rig.pass(16)
        let probe = try #require(rig.take("probe", "a"))
        rig.probeSucceeds("b")
        rig.deliver(.workerOverdue(probe.id))
        rig.deliver(.workerStuck(probe.id))
        #expect(rig.health("a") == "stalled")
        #expect(rig.causeCode("a") == "transport-stalled")
        #expect(rig.health("b") == "ok")
        #expect(rig.core.agentStatus(rig.now).stuckWorkers == 1)
        #expect(rig.events.last?.to.health == .stalled)
        rig.pass(60)
        #expect(rig.running.allSatisfy { $0.share == "b" })
        rig.deliver(.workerEnded(probe.id, nil))
        rig.pass(6)
        rig.probeSucceeds("a")
        rig.probeSucceeds("a")
        #expect(rig.health("a") == "ok")
        #expect(rig.core.agentStatus(rig.now).stuckWorkers == 0)
    }

    @Test("without acknowledgements the session begins anew after 30 seconds and the state is told again")
    func unacknowledged() {
        let rig = Rig()
        rig.acknowledges = false
        rig.catalog = (1, [])
        rig.connect()
        let reports = rig.reports.count
        rig.pass(29)
        #expect(rig.reports.count == reports)
        rig.acknowledges = true
        rig.pass(3)
        #expect(rig.reports.count > reports)
    }
}
