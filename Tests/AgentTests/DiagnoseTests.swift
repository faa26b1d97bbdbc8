import Agent
import Reconciler
import ShareModel
import ShareWire
import Testing

@Suite("Diagnosing over the control socket and for the host")
struct DiagnoseTests {
    private func ask(_ rig: Rig, _ names: [String]? = nil, waitMs: Int64 = 60_000) -> UInt64 {
        let list = names.map { Value.array($0.map(Value.string)) }
        return rig.request(.sharesDiagnose, .object(["names": list, "waitMs": .integer(waitMs)]))
    }

    private func findings(_ rig: Rig, _ id: UInt64) throws -> [Finding] {
        let document = try #require(rig.answers[id], "it is not answered yet").get()
        return try (document["findings"]?.elements ?? []).map { try Finding($0, at: "") }
    }

    /// `check status` of each finding about a share; nil: of those about none.
    private func told(_ rig: Rig, _ id: UInt64, _ share: String?) throws -> [String] {
        try findings(rig, id).filter { $0.share == share }.map { "\($0.check) \($0.status)" }
    }

    /// A worker tells that these checks found nothing wrong, and ends unless it hangs.
    @discardableResult
    private func worker(_ rig: Rig, _ share: String, finds checks: [Finding.Check], ends: Bool = true) throws -> Examination {
        let launch = try #require(rig.take("examine", share))
        guard case .examine(let order) = launch.request else { throw CancellationError() }
        for check in checks { rig.deliver(.workerFound(launch.id, Finding(check, .ok, note: "seen"))) }
        if ends { rig.deliver(.workerEnded(launch.id, .examined)) } else { rig.deliver(.workerOverdue(launch.id)) }
        return order
    }

    private static let all: [Finding.Check] = [.policy, .options, .kernel, .target, .source, .answer, .names, .read]

    @Test("a share that is being tried again is no share with nothing wrong")
    func triedAgain() throws {
        let rig = Rig()
        rig.catalog = (1, [virtiofs("a")])
        rig.connect()
        rig.attachFails("a", .tagNotFound)
        rig.pass(2)
        #expect(rig.state("a") == "attaching")
        let id = ask(rig, ["a"])
        try worker(rig, "a", finds: [.policy, .options, .kernel, .target])
        let mount = try #require(findings(rig, id).first { $0.check == .mount })
        #expect(mount.status == .failed && mount.cause?.code == .tagNotFound && mount.note == "it is being tried again")
    }

    @Test("all shares, with agent and channel before them; the answer has the checks in the order of the way to a file")
    func whole() throws {
        let rig = Rig()
        rig.catalog = (1, [virtiofs("a"), virtiofs("b", ["attach": "manual"]), virtiofs("c")])
        rig.connect()
        let mountID = try #require(rig.attachSucceeds("a"))
        rig.attachFails("c", .tagNotFound)
        let id = ask(rig)
        let a = try worker(rig, "a", finds: Self.all)
        #expect(a.isAttached && a.mount?.mountID == mountID)
        let b = try worker(rig, "b", finds: [.policy, .options, .kernel, .target])
        #expect(!b.isAttached && b.mount == nil)
        #expect(rig.answers[id] == nil, "one is still looked into")
        try worker(rig, "c", finds: [.policy, .options, .kernel, .target])
        #expect(try told(rig, id, nil) == ["agent ok", "channel ok"])
        #expect(
            try told(rig, id, "a") == [
                "catalog ok", "policy ok", "options ok", "kernel ok", "target ok", "source ok", "mount ok", "answer ok", "names ok",
                "read ok",
            ])
        #expect(try told(rig, id, "b").last == "mount skipped", "nobody has asked for it, and nothing is wrong with that")
        #expect(try told(rig, id, "c").last == "mount failed")
        #expect(try findings(rig, id).last?.cause?.code == .tagNotFound)
        #expect(try findings(rig, id).compactMap(\.share).first == "a")
        #expect(rig.progress.contains("looked into a: read ok"))
    }

    @Test("a worker that hangs: what it found before is told, and the check at which it hangs has failed")
    func hangs() throws {
        let rig = Rig()
        let c = Value.object(["name": "c", "source": .object(["type": "nfs", "server": "10.0.0.1", "export": "/c"])])
        rig.catalog = (1, [virtiofs("a"), virtiofs("b", ["names": .object(["form": "nfc"])]), c])
        rig.connect()
        for name in ["a", "b", "c"] { rig.attachSucceeds(name) }
        let id = ask(rig)
        try worker(rig, "a", finds: [.policy, .options, .kernel, .target], ends: false)
        try worker(rig, "b", finds: [.policy, .options, .kernel, .target, .source, .answer], ends: false)
        try worker(rig, "c", finds: [.policy, .options, .kernel, .target], ends: false)
        func failed(_ share: String) throws -> [String] {
            let failed = try findings(rig, id).filter { $0.share == share && $0.status == .failed }
            return failed.map { "\($0.check) \($0.cause?.code.rawValue ?? "")" }
        }
        #expect(try failed("a") == ["answer transport-stalled"])
        #expect(try failed("b") == ["read view-failed"])
        #expect(try failed("c") == ["source mount-timeout"])
        #expect(try told(rig, id, "a").contains("target ok"))
    }

    @Test("a share that hangs is not asked once more; why it hangs is known")
    func silent() throws {
        let rig = Rig()
        rig.catalog = (1, [virtiofs("a")])
        rig.connect()
        rig.attachSucceeds("a")
        let probe = try #require(rig.take("probe", "a"))
        rig.deliver(.workerOverdue(probe.id))
        let id = ask(rig, ["a"])
        let order = try worker(rig, "a", finds: [.policy, .options, .kernel, .target, .source])
        #expect(order.isAttached && order.mount == nil)
        let answer = try #require(try findings(rig, id).first { $0.check == .answer })
        #expect(answer.status == .failed && answer.cause?.code == .transportStalled)
        rig.deliver(.workerStuck(probe.id))
        let again = ask(rig, ["a"])
        try worker(rig, "a", finds: [.policy])
        let agent = try #require(try findings(rig, again).first { $0.check == .agent })
        #expect(agent.status == .warning && agent.cause?.evidence == ["they were sent to: a"])
    }

    @Test("what a share's names need, and a view that has fallen")
    func names() throws {
        let rig = Rig()
        rig.catalog = (1, [virtiofs("a", ["names": .object(["form": "nfc"])])])
        rig.connect()
        rig.attachSucceeds("a")
        rig.probeSucceeds("a", view: ViewReading(names: 12))
        let well = ask(rig)
        let order = try worker(rig, "a", finds: [.policy, .answer, .read])
        #expect(order.mount?.view != nil && order.mount?.target == order.share.rawPlace)
        let names = try #require(try findings(rig, well).first { $0.check == .names })
        #expect(names.status == .ok && names.note == "form nfc: by a view; 12 names needed it so far")
        rig.viewDies()
        let fallen = ask(rig)
        #expect(try worker(rig, "a", finds: [.policy]).mount == nil)
        let failed = try #require(try findings(rig, fallen).first { $0.check == .names })
        #expect(failed.status == .failed && failed.cause?.code == .viewFailed)
        #expect(try told(rig, fallen, "a").contains("answer ok"), "the share itself answers")
    }

    @Test("a host that is not there, a share that nobody offers, an entry that is none, a refusal of the policy")
    func wrong() throws {
        let rig = Rig()
        rig.deliver(.channelClosed(.absent, Cause(.channelAbsent, "no port", remedy: ["add it"])))
        let alone = ask(rig)
        #expect(try findings(rig, alone).last?.cause?.code == .channelAbsent)
        rig.catalog = (1, [virtiofs("a", ["target": "/etc"]), .object(["name": "bad", "source": .object(["type": "nope"])])])
        rig.connect()
        let id = ask(rig, ["nobody", "bad", "a"])
        let launch = try #require(rig.take("examine", "a"))
        rig.deliver(.workerFound(launch.id, Finding(.policy, .failed, cause: Cause(.targetOutsideRoots, "no"))))
        rig.deliver(.workerEnded(launch.id, .examined))
        #expect(try findings(rig, id).compactMap(\.cause?.code) == [.shareUnknown, .shareInvalid, .targetOutsideRoots])
        #expect(try told(rig, id, "a") == ["catalog ok", "policy failed"])
    }

    @Test("shares within the guest need no host")
    func withoutHost() throws {
        let rig = Rig()
        rig.deliver(.channelClosed(.absent, Cause(.channelAbsent, "no port")))
        rig.deliver(.catalogGiven(.object(["shares": .array([virtiofs("a")])])))
        let id = ask(rig)
        try worker(rig, "a", finds: Self.all)
        #expect(try told(rig, id, nil) == ["agent ok", "channel skipped"])
    }

    @Test("the host asks about one share and is told of it alone; who lost their connection is forgotten, and the worker ended")
    func askers() throws {
        let rig = Rig()
        rig.catalog = (1, [virtiofs("a")])
        rig.connect()
        rig.attachSucceeds("a")
        let id = rig.request(.shareDiagnose, .object(["share": "a"]))
        try worker(rig, "a", finds: Self.all)
        #expect(try findings(rig, id).allSatisfy { $0.share == "a" })
        _ = ask(rig)
        let launch = try #require(rig.take("examine", "a"))
        rig.deliver(.requesterLeft(connection: 1))
        #expect(rig.dismissed == [launch.id])
        rig.deliver(.workerEnded(launch.id, nil))
        #expect(!rig.core.hasWaitingRequests)
        let refused = rig.request(.sharesDiagnose, .object([]), mayChange: false)
        guard case .failure(let error)? = rig.answers[refused] else { throw CancellationError() }
        #expect(error.causeText == "permission-denied")
    }

    @Test("four are looked into at a time; what has no time left is told as such, and a worker that dies, too")
    func bounds() throws {
        let rig = Rig()
        let names = (0..<6).map { "s\($0)" }
        rig.catalog = (1, names.map { virtiofs($0, ["attach": "manual"]) })
        rig.connect()
        let id = ask(rig, waitMs: 5_000)
        #expect(rig.running.count { $0.kind == "examine" } == 4)
        let launch = try #require(rig.take("examine", "s0"))
        rig.deliver(.workerFound(launch.id, Finding(.policy, .ok)))
        rig.deliver(.workerEnded(launch.id, nil))
        #expect(rig.running.count { $0.kind == "examine" } == 4, "the next one begins")
        rig.pass(6)
        let all = try findings(rig, id)
        #expect(all.first { $0.share == "s0" && $0.check == .options }?.cause?.code == .internalError)
        #expect(all.last { $0.share == "s5" }?.note == "there was no time left to look into it")
        for name in names[1...4] {
            let isToldAsOpen = all.contains { $0.share == name && $0.check == .policy && $0.note == "it was not over when the time was up" }
            #expect(isToldAsOpen, "\(name)")
            #expect(all.contains { $0.share == name && $0.check == .mount }, "what is known is told all the same")
        }
        #expect(rig.dismissed.count == 4)
        let many = (0..<17).map { _ in ask(rig) }
        if case .failure(let error)? = rig.answers[many[16]] { #expect(error.code == RPCError.busy) } else { Issue.record("not busy") }
    }

    @Test("a catalog that would not fit into a frame is told with what is wrong in it")
    func large() throws {
        let rig = Rig()
        let names = (0..<256).map { "share-\($0)" }
        rig.catalog = (1, names.map { virtiofs($0, ["attach": "manual"]) })
        rig.connect()
        let id = ask(rig)
        for name in names.dropLast() { try worker(rig, name, finds: Self.all) }
        let last = try #require(rig.take("examine", names[255]))
        rig.deliver(.workerFound(last.id, Finding(.source, .failed, cause: Cause(.tagNotFound, "it is not there"))))
        rig.deliver(.workerEnded(last.id, .examined))
        let document = try #require(rig.answers[id]).get()
        #expect(document.fits(Limits.answerBytes))
        #expect(try findings(rig, id).filter(\.isWrong).map(\.share) == [names[255]])
    }
}
