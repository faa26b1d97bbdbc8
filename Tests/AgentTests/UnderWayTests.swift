import Agent
import Reconciler
import ShareModel
import ShareWire
import Testing

@Suite("What changes while something is under way, or while no agent runs")
struct UnderWayTests {
    private func next(after first: Rig, mounts: [ObservedMount]? = nil, catalog: [Value]) -> Rig {
        let rig = Rig()
        (rig.mounts, rig.keptMounts) = (mounts ?? first.mounts, first.keptMounts)
        rig.core.remember(catalog: first.keptCatalog, mounts: first.keptMounts, observed: ObservedState(rig.mounts), now: rig.now)
        rig.catalog = (first.catalog?.revision ?? 1, catalog)
        rig.connect()
        return rig
    }

    // The mount was taken for the share as it is offered now: read-only in the status, writable in the kernel.
    @Test("a share that changes while it is mounted is attached as it was sent, and then made what it is offered as")
    func changedMeanwhile() throws {
        let rig = Rig()
        rig.catalog = (1, [virtiofs("a")])
        rig.connect()
        rig.offer(2, [virtiofs("a", ["access": "ro"])])
        rig.attachSucceeds("a")
        #expect(rig.running.map(\.kind) == ["remount"], "the first probe comes after it")
    }

    @Test("a share that gets another target while it is mounted leaves nothing behind at the old one")
    func movedMeanwhile() throws {
        let rig = Rig()
        rig.catalog = (1, [virtiofs("a", ["target": "/mnt/old"])])
        rig.connect()
        rig.offer(2, [virtiofs("a", ["target": "/mnt/new"])])
        rig.attachSucceeds("a")
        #expect(rig.mounts.map { String(decoding: $0.target, as: UTF8.self) } == ["/mnt/old"])
        rig.probeSucceeds("a")
        rig.detachSucceeds("a")
        rig.attachSucceeds("a")
        #expect(rig.mounts.map { String(decoding: $0.target, as: UTF8.self) } == ["/mnt/new"])
        #expect(rig.state("a") == "attached")
    }

    @Test("a failure of the share as it was does not keep the share as it is now from being tried at once")
    func failedMeanwhile() {
        let rig = Rig()
        rig.catalog = (1, [virtiofs("a")])
        rig.connect()
        rig.offer(2, [virtiofs("a", ["target": "/mnt/new"])])
        rig.attachFails("a", .targetOutsideRoots)
        #expect(rig.running.map(\.kind) == ["attach"])
    }

    @Test("a credential that comes for a share of another server by now is not shown to that one")
    func credentialMeanwhile() {
        func smb(_ server: String) -> Value {
            .object([
                "name": "a", "credential": "c", "source": .object(["type": "smb", "server": .string(server), "share": "s"]),
            ])
        }
        let rig = Rig()
        rig.credentials["c"] = .object(["kind": "password", "username": "u", "password": "p"])
        rig.catalog = (1, [smb("10.0.0.1")])
        rig.holdsCredentials = true
        rig.connect()
        rig.offer(2, [smb("10.0.0.2")])
        #expect(rig.running.isEmpty)
        let before = rig.asked.count { $0 == .credentialsGet }
        rig.holdsCredentials = false
        rig.answerHeldCredentials()
        #expect(rig.asked.count { $0 == .credentialsGet } == before + 1, "it is asked for anew")
        guard case .attach(let share, _, _)? = rig.running.first?.request else {
            Issue.record("nothing is attached")
            return
        }
        #expect(share.source.server == "10.0.0.2")
    }

    // docs/protocol.md: only a list of a higher revision takes shares away.
    @Test("a list of the same revision that lacks a share takes nothing away, and adds what it has")
    func sameRevision() {
        let rig = Rig.attached(["a", "b"])
        rig.offer(1, [virtiofs("a"), virtiofs("c")])
        #expect(rig.running.allSatisfy { $0.kind != "detach" })
        #expect(rig.state("b") == "attached")
        rig.attachSucceeds("c")
        #expect(rig.state("c") == "attached")
    }

    // A newer host that adds a key took the attached shares of older agents away.
    @Test("an attached share whose new entry cannot be read stays attached, says so, and is told once")
    func unreadable() {
        let rig = Rig.attached(["a", "b", "c"])
        rig.offer(2, ["a", "b", "c"].map { virtiofs($0, ["colour": "red"]) })
        rig.pass(20)
        #expect(rig.running.allSatisfy { $0.kind == "probe" })
        #expect(rig.state("a") == "attached" && rig.causeCode("a") == "share-invalid")
        #expect(rig.core.statusDocument(rig.now)["shares"]?.elements?.count == 3)
        let second = next(after: rig, catalog: ["a", "b", "c"].map { virtiofs($0, ["colour": "red"]) })
        #expect(second.state("a") == "attached" && second.causeCode("a") == "share-invalid")
        #expect(second.core.statusDocument(second.now)["shares"]?.elements?.count == 3)
        rig.offer(3, ["a", "b", "c"].map { virtiofs($0) })
        #expect(rig.causeCode("a") == "")
    }

    @Test("a detach that hangs is not tried again by itself, lazy or not", arguments: ["normal", "lazy"])
    func hangingDetach(_ mode: String) throws {
        let rig = Rig.attached(["a"])
        _ = rig.request(.sharesDetach, .object(["names": .array(["a"]), "mode": .string(mode), "waitMs": 60_000]))
        let launch = try #require(rig.take("detach", "a"))
        rig.deliver(.workerOverdue(launch.id))
        rig.deliver(.workerStuck(launch.id))
        rig.pass(120)
        #expect(rig.running.allSatisfy { $0.kind != "detach" })
        #expect(rig.core.agentStatus(rig.now).stuckWorkers == 1)
    }

    // A detach that failed left its moment behind, and that hid the probes' from then on.
    @Test("a share that could not be detached goes on being asked, with no host to wake the agent")
    func probedAfterFailure() throws {
        let rig = Rig.attached(["a"])
        rig.disconnect()
        _ = rig.request(.sharesDetach, .object(["names": .array(["a"]), "waitMs": 1_000]))
        let busy = try #require(rig.take("detach", "a"))
        rig.deliver(.workerEnded(busy.id, .failed(Cause(.targetBusy, "busy"))))
        rig.pass(35)
        rig.probeSucceeds("a")
        rig.pass(35)
        #expect(rig.running.contains { $0.kind == "probe" })
    }

    @Test("what somebody detached stays so for the next agent, until somebody asks for it")
    func detachedBefore() {
        let first = Rig.attached(["a", "b"])
        _ = first.request(.sharesDetach, .object(["names": .array(["a"]), "waitMs": 5_000]))
        first.detachSucceeds("a")
        let second = next(after: first, catalog: [virtiofs("a"), virtiofs("b")])
        #expect(second.state("a") == "detached" && second.state("b") == "attached")
        #expect(second.running.allSatisfy { $0.kind == "probe" })
        let third = next(after: second, catalog: [virtiofs("a"), virtiofs("b")])
        #expect(third.state("a") == "detached")
        _ = third.request(.sharesAttach, .object(["waitMs": 5_000]))
        third.attachSucceeds("a")
        #expect(third.state("a") == "attached")
    }

    @Test("a share that was withdrawn and in use is still to go for the next agent")
    func withdrawnBefore() throws {
        let first = Rig.attached(["a", "b"])
        first.offer(2, [virtiofs("b")])
        let busy = try #require(first.take("detach", "a"))
        first.deliver(.workerEnded(busy.id, .failed(Cause(.targetBusy, "busy"))))
        let second = next(after: first, catalog: [virtiofs("b")])
        #expect(second.running.contains { $0.kind == "detach" && $0.share == "a" })
        second.detachSucceeds("a")
        #expect(second.state("a") != "attached" && second.state("b") == "attached")
    }

    @Test("a mount that was covered while no agent ran is known to be")
    func coveredBefore() throws {
        let first = Rig.attached(["a"])
        let cover = ObservedMount(
            mountID: 999, target: try #require(first.mounts.first).target, fstype: "tmpfs", source: Array("theirs".utf8),
            options: ObservedOptions(fileSystem: [], mount: []))
        let second = next(after: first, mounts: first.mounts + [cover], catalog: [virtiofs("a")])
        #expect(second.health("a") == "foreign")
        #expect(second.running.isEmpty)
    }

    // Seen: an admin's own mount got the id of the share that had been unmounted, and `detach` took it away.
    @Test("a mount that gets the id of one that is gone is somebody else's", arguments: [true, false])
    func reusedID(_ wasSeenGone: Bool) throws {
        let rig = Rig.attached(["a"])
        let own = try #require(rig.mounts.first)
        if wasSeenGone {
            rig.mounts = []
            rig.observe()
            #expect(rig.health("a") == "gone")
        }
        rig.mounts = [
            ObservedMount(
                mountID: own.mountID, target: own.target, fstype: wasSeenGone ? own.fstype : "ramfs", source: own.source,
                options: own.options)
        ]
        rig.observe()
        #expect(rig.health("a") == "foreign")
        #expect(rig.remedy("a") == ["umount /mnt/a && shareagent attach a"], "what is below it is no share any more")
        _ = rig.request(.sharesDetach, .object(["names": .array(["a"]), "waitMs": 1_000]))
        rig.pass(30)
        #expect(rig.running.isEmpty, "it is not touched")
        #expect(rig.state("a") == "detached", "nothing of the share is left to be detached")
    }

    @Test("a share beyond the policy's number says so")
    func full() throws {
        var policy = Policy.standard
        policy.maximumShares = 1
        let rig = Rig(policy: policy)
        rig.catalog = (1, [virtiofs("a"), virtiofs("b")])
        rig.connect()
        rig.attachSucceeds("a")
        rig.probeSucceeds("a")
        let id = rig.request(.sharesAttach, .object(["names": .array(["b"]), "waitMs": 60_000]))
        #expect(rig.answers[id] != nil, "nothing is worth waiting for")
        #expect(rig.state("b") == "offered" && rig.causeCode("b") == "source-refused")
    }

    @Test("however often the host says that its shares have changed, the newest list is heard")
    func burst() {
        let rig = Rig.attached(["a"])
        rig.catalog = nil
        for revision in 2..<200 { rig.tellChange(revision: Int64(revision)) }
        rig.catalog = (200, [virtiofs("a"), virtiofs("b")])
        rig.pass(40)
        #expect(rig.state("b") != "")
        #expect(rig.asked.count { $0 == .sharesList } < 10)
    }

    @Test("nobody keeps the daemon busy with names that nobody offers")
    func manyNames() throws {
        let rig = Rig.attached(["a"])
        let names = Value.array((0..<2000).map { .string("n\($0)") })
        guard case .failure(let error)? = rig.answers[rig.request(.statusGet, .object(["shares": names]))] else {
            Issue.record("it was answered")
            return
        }
        #expect(error.code == RPCError.invalidParams)
    }
}
