import Agent
import Reconciler
import ShareModel
import ShareWire
import Testing

/// The agent and the processes of views, which are none of its children.
@Suite("a share with a view, between fakes")
struct ViewTests {
    private static let names = Value.object(["encoding": "gb18030"])

    private func rig(_ more: KeyValuePairs<String, Value> = ["names": names]) -> Rig {
        let rig = Rig()
        rig.catalog = (1, [virtiofs("a", more)])
        rig.connect()
        rig.attachSucceeds("a")
        rig.probeSucceeds("a", view: ViewReading(names: 4))
        return rig
    }

    private func names(_ rig: Rig) -> Value? {
        rig.core.statusDocument(names: ["a"], rig.now)["shares"]?.elements?.first?["names"]
    }

    @Test("attached means that the view stands; status and explain say what it does")
    func told() {
        let rig = rig()
        #expect(rig.state("a") == "attached" && rig.health("a") == "ok")
        #expect(rig.watchedViews == [ProcessMark(id: 1001, started: 7)])
        let told = names(rig)
        #expect(told?["by"]?.text == "view" && told?["rules"]?["encoding"]?.text == "gb18030")
        #expect(told?["raw"]?.text == "/run/shareagent/raw/a")
        #expect(told?["view"]?["state"]?.text == "standing" && told?["view"]?["names"]?.number == 4)
        #expect(rig.core.statusDocument(names: ["a"], rig.now)["shares"]?.elements?.first?["target"]?.text == "/mnt/a")
    }

    @Test("a view that dies is told and laid again at once; one that dies again and again after growing pauses")
    func dies() {
        let rig = rig()
        rig.pass(70)
        rig.viewDies()
        #expect(rig.health("a") == "unreachable" && rig.causeCode("a") == "view-failed")
        #expect(rig.layingSucceeds("a")?.force == true)
        #expect(rig.health("a") == "ok" && names(rig)?["view"]?["restarts"]?.number == 1)
        var pauses: [Double] = []
        for _ in 0..<8 {
            rig.viewDies()
            let begin = rig.seconds
            while rig.take("lay", "a").map({ rig.running.append($0) }) == nil, rig.seconds < begin + 100 { rig.pass(0.5) }
            pauses.append(rig.seconds - begin)
            rig.layingSucceeds("a")
        }
        #expect(pauses[0] == 0 && pauses[2] >= 0.8 && pauses[7] > 20 && pauses[7] < 75, "\(pauses)")
        #expect(rig.events.contains { $0.cause?.code == .viewFailed })
    }

    @Test("a view that is stopped is stalled while the share answers, and is replaced by force after half a minute")
    func stuck() {
        let rig = rig()
        let begin = rig.seconds
        while rig.running.allSatisfy({ $0.kind != "lay" }), rig.seconds < begin + 120 {
            rig.shareAnswers("a")
            rig.probeHangs("a")
            if rig.seconds > begin + 20, rig.seconds < begin + 40 {
                #expect(rig.health("a") == "stalled" && rig.causeCode("a") == "view-failed")
                #expect(names(rig)?["view"]?["state"]?.text == "stuck")
            }
            rig.pass(1)
        }
        #expect(rig.seconds - begin > 29 && rig.seconds - begin < 90)
        #expect(rig.layingSucceeds("a")?.force == true)
        rig.probeSucceeds("a", view: ViewReading(names: 4))
        #expect(rig.health("a") == "ok")
    }

    @Test("a share that does not answer is told as such, and no view is laid over it")
    func shareHangs() {
        let rig = rig()
        rig.pass(20)
        rig.probeHangs("a")
        #expect(rig.health("a") == "stalled" && rig.causeCode("a") == "transport-stalled")
        rig.viewDies()
        rig.pass(5)
        #expect(!rig.running.contains { $0.kind == "lay" })
        rig.pass(10)
        rig.probeSucceeds("a")
        #expect(rig.running.contains { $0.kind == "lay" })
    }

    @Test("other rules are laid without detaching; where they cannot be, the share says so and keeps what it has")
    func otherRules() {
        let rig = rig()
        rig.offer(2, [virtiofs("a", ["names": .object(["encoding": "cp932"])])])
        guard let launch = rig.take("lay", "a") else { return #expect(Bool(false), "not laid anew") }
        rig.deliver(.workerEnded(launch.id, .failed(Cause(.targetBusy, "share 'a': in use"))))
        #expect(rig.health("a") == "ok" && rig.causeCode("a") == "target-busy")
        #expect(!rig.running.contains { $0.kind == "lay" || $0.kind == "detach" })
        rig.pass(3)
        #expect(rig.layingSucceeds("a")?.share.names[.encoding] == "cp932")
        #expect(rig.causeCode("a") == "" && names(rig)?["rules"]?["encoding"]?.text == "cp932")
        rig.pass(120)
        #expect(!rig.running.contains { $0.kind == "lay" })
    }

    @Test("a share that needs no view any more is attached anew")
    func noView() {
        let rig = rig()
        rig.offer(2, [virtiofs("a")])
        rig.detachSucceeds("a")
        rig.attachSucceeds("a")
        #expect(rig.state("a") == "attached" && names(rig) == nil && rig.watchedViews.isEmpty)
        #expect(rig.mounts.map { String(decoding: $0.target, as: UTF8.self) } == ["/mnt/a"])
    }

    @Test("a view that somebody unmounts is gone and not fought over; asked for, it is laid again; detached, the share goes, too")
    func unmounted() {
        let rig = rig()
        rig.mounts.removeAll { $0.fstype == StandingView.fstype }
        rig.observe()
        rig.viewDies()
        #expect(rig.health("a") == "gone")
        rig.pass(60)
        #expect(!rig.running.contains { $0.kind == "lay" })
        // Whoever asks is answered when it stands, not when it has been begun: the next command uses it.
        let asked = rig.request(.sharesAttach, .object(["names": .array(["a"]), "waitMs": 1000]))
        #expect(rig.answers[asked] == nil)
        rig.layingSucceeds("a")
        #expect(rig.health("a") == "ok")
        guard case .success(let answer)? = rig.answers[asked] else { return #expect(Bool(false), "no answer") }
        #expect(answer["shares"]?.elements?.first?["health"]?.text == "ok")
        rig.mounts.removeAll { $0.fstype == StandingView.fstype }
        rig.observe()
        _ = rig.request(.sharesDetach, .object(["names": .array(["a"]), "waitMs": 1000]))
        while let probe = rig.take("probe", "a") { rig.deliver(.workerEnded(probe.id, nil)) }
        rig.detachSucceeds("a")
        #expect(rig.state("a") == "detached" && rig.mounts.isEmpty)
    }

    @Test("a detach that fails once the view is down lays it again")
    func halfDetached() {
        let rig = rig()
        _ = rig.request(.sharesDetach, .object(["names": .array(["a"]), "waitMs": 1000]))
        guard let launch = rig.take("detach", "a") else { return #expect(Bool(false), "no detach") }
        rig.mounts.removeAll { $0.fstype == StandingView.fstype }
        rig.observe()
        rig.viewDies()
        rig.deliver(.workerEnded(launch.id, .failed(Cause(.targetBusy, "share 'a': in use"))))
        rig.layingSucceeds("a")
        #expect(rig.state("a") == "attached" && rig.health("a") == "ok" && rig.causeCode("a") == "target-busy")
    }

    @Test("the next agent takes over share and view; one whose process has ended meanwhile is laid again")
    func adopted() throws {
        let first = rig()
        let kept = try #require(first.keptMounts)
        let rig = Rig()
        rig.mounts = first.mounts
        rig.core.remember(catalog: first.keptCatalog, mounts: kept, observed: ObservedState(rig.mounts), now: rig.now)
        rig.deliver(.timePassed)
        #expect(rig.state("a") == "attached" && rig.running.map(\.kind) == ["probe"])
        #expect(rig.watchedViews == [ProcessMark(id: 1001, started: 7)])
        rig.deliver(.viewEnded(ProcessMark(id: 1001, started: 7)))
        #expect(rig.layingSucceeds("a") != nil)
    }

    @Test("a share mounted inside a view that fell comes back with it")
    func nested() {
        let rig = Rig()
        rig.catalog = (1, [virtiofs("a", ["names": Self.names]), virtiofs("b", ["target": "/mnt/a/b"])])
        rig.connect()
        rig.attachSucceeds("a")
        rig.probeSucceeds("a")
        rig.attachSucceeds("b")
        rig.probeSucceeds("b")
        rig.viewDies()
        rig.mounts.removeAll { $0.target == Array("/mnt/a/b".utf8) }
        rig.observe()
        #expect(rig.health("b") == "gone")
        rig.layingSucceeds("a")
        rig.probeSucceeds("a")
        #expect(rig.attachSucceeds("b") != nil)
    }
}
