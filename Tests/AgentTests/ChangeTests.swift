import Agent
import Reconciler
import ShareModel
import ShareWire
import Testing

@Suite("The agent changes what is attached")
struct AgentChangeTests {
    private func attachedRig(_ shares: [Value]) -> Rig {
        let rig = Rig()
        rig.catalog = (1, shares)
        rig.connect()
        for share in shares {
            let name = share["name"]?.text ?? ""
            rig.attachSucceeds(name)
            rig.probeSucceeds(name)
        }
        return rig
    }

    private func server(_ name: String, _ more: KeyValuePairs<String, Value> = [:]) -> Value {
        var members: [Value.Member] = [
            .init("name", .string(name)), .init("source", .object(["type": "nfs", "server": "10.0.0.1", "export": "/x"])),
        ]
        for (key, value) in more { members.append(.init(key, value)) }
        return .object(members)
    }

    @Test("two shares change places without a failure and without a pause")
    func swap() {
        let rig = attachedRig([virtiofs("a", ["target": "/mnt/one"]), virtiofs("b", ["target": "/mnt/two"])])
        rig.offer(2, [virtiofs("a", ["target": "/mnt/two"]), virtiofs("b", ["target": "/mnt/one"])])
        rig.detachSucceeds("a")
        #expect(rig.take("attach", "a") == nil)
        #expect(rig.causeCode("a") == "foreign-mount")
        rig.detachSucceeds("b")
        rig.attachSucceeds("a")
        rig.attachSucceeds("b")
        #expect(rig.state("a") == "attached" && rig.state("b") == "attached")
        #expect(!rig.events.contains { $0.to.state == .failed })
        #expect(rig.seconds == 0)
    }

    @Test("changed access is remounted; the host hears of no detach")
    func remount() throws {
        let rig = attachedRig([virtiofs("a")])
        rig.offer(2, [virtiofs("a", ["access": "ro"])])
        let launch = try #require(rig.take("remount", "a"))
        rig.deliver(.workerEnded(launch.id, .remounted(requestedOptions: ["ro": ""], warnings: [])))
        #expect(rig.state("a") == "attached")
        #expect(rig.running.isEmpty)
        #expect(!rig.events.contains { $0.to.state == .detaching })
        #expect(rig.keptMounts?["mounts"]?.elements?.first?["share"]?["access"]?.text == "ro")
    }

    @Test("what cannot be remounted is retired, not torn away, and attached anew")
    func retire() throws {
        let rig = attachedRig([virtiofs("a")])
        rig.offer(2, [virtiofs("a", ["profile": "throughput"])])
        let launch = try #require(rig.take("remount", "a"))
        rig.deliver(.workerEnded(launch.id, .failed(Cause(.optionRefused, "no"))))
        let detach = try #require(rig.running.first { $0.kind == "detach" })
        guard case .change(_, .retire) = detach.request else {
            Issue.record("an ordinary detach")
            return
        }
        rig.detachSucceeds("a")
        rig.attachSucceeds("a")
        #expect(rig.state("a") == "attached")
    }

    @Test("a silent server: after giveUpSeconds the waits are ended, the host is told what may be lost, and a new mount takes over")
    func promise() throws {
        let rig = attachedRig([server("a", ["giveUpSeconds": 20])])
        rig.pass(15)
        let probe = try #require(rig.take("probe", "a"))
        rig.pass(5)
        rig.deliver(.workerOverdue(probe.id))
        rig.deliver(.workerEnded(probe.id, nil))
        #expect(rig.health("a") == "stalled")
        rig.pass(14)
        #expect(rig.take("endWaiting", "a") == nil)
        rig.pass(1.1)
        let end = try #require(rig.take("endWaiting", "a"))
        let before = rig.events.count
        rig.deliver(.workerEnded(end.id, .waitingEnded(forGood: true, mountIDs: [7])))
        let told = try #require(rig.events.dropFirst(before).first)
        #expect(told.cause?.message.contains("may be lost") == true)
        #expect(told.from.health == .stalled && told.to.health == .stalled)
        #expect(rig.logs.contains { $0.contains("were given an error") })
        let first = try #require(rig.take("replace", "a"))
        rig.deliver(.workerEnded(first.id, .failed(Cause(.serverSilent, "silent"))))
        #expect(rig.state("a") == "attached")
        rig.pass(3)
        let second = try #require(rig.take("replace", "a"))
        rig.mounts = [
            ObservedMount(
                mountID: 500, target: Array("/mnt/a".utf8), fstype: "nfs4", source: Array("10.0.0.1:/x".utf8),
                options: ObservedOptions(fileSystem: [], mount: []))
        ]
        rig.observe()
        rig.deliver(.workerEnded(second.id, .attached(mountID: 500, requestedOptions: [:], warnings: [])))
        _ = rig.take("probe", "a")  // of the old mount
        rig.probeSucceeds("a")
        #expect(rig.health("a") == "ok")
        #expect(rig.causeCode("a").isEmpty)
    }

    @Test("a command that waits for a share inside one that cannot be attached is answered with why")
    func nestedFailure() {
        let rig = Rig()
        rig.catalog = (1, [virtiofs("inner", ["target": "/mnt/outer/in"]), virtiofs("outer")])
        rig.connect()
        rig.attachFails("outer", .targetNotEmpty)
        let asked = rig.request(.sharesAttach, .object(["names": .array(["inner"]), "waitMs": 60_000]))
        guard case .success(let answer)? = rig.answers[asked] else {
            Issue.record("not answered")
            return
        }
        #expect(answer["shares"]?.elements?.first?["state"]?.text == "offered")
        #expect(answer["shares"]?.elements?.first?["cause"]?["code"]?.text == "target-missing")
    }
}
