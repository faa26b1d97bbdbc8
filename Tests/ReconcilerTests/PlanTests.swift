import Reconciler
import ShareModel
import Testing

@Suite("What is to be done next")
struct PlanTests {
    @Test("eight workers at a time, the ninth share waits")
    func workerLimit() throws {
        let lives = try (0..<9).map { life(try share("s\($0)")) }
        #expect(steps(lives, at: 0).count == 8)
    }

    @Test("one attach a server at a time, other servers beside it")
    func serverLimit() throws {
        let lives = [
            life(try share("a", source: nfs("one"))), life(try share("b", source: nfs("one"))), life(try share("c", source: nfs("two"))),
        ]
        #expect(steps(lives, at: 0) == [.attach(try name("a")), .attach(try name("c"))])
    }

    @Test("a server of which one share answers is asked for four more at a time; another service of it is not meant")
    func provenServer() throws {
        let waiting = try (0..<6).map { life(try share("w\($0)", source: nfs("one"))) }
        let smb = try ["x", "y"].map {
            life(try share($0, source: .object(["type": "smb", "server": "one", "share": .string($0)])))
        }
        #expect(steps([attached(try share("first", source: nfs("one")))] + waiting + smb, at: 1).count == 5)
        var stalled = attached(try share("first", source: nfs("one")))
        stalled.probeBegan(5)
        stalled.probeOverdue(5, Cause(.serverStoppedAnswering, "silent"), limits: limits, now: clock(1))
        #expect(steps([stalled] + waiting, at: 1).count == 1)
    }

    @Test("no more shares than the policy allows")
    func shareLimit() throws {
        let lives = [attached(try share("a")), life(try share("b"))]
        #expect(steps(lives, at: 1, limits: Reconciler.Limits(attachedShares: 1)).isEmpty)
        #expect(steps(lives, at: 1, limits: Reconciler.Limits(attachedShares: 2)) == [.attach(try name("b"))])
    }

    @Test("an image waits for the share its file is in, and goes before it")
    func imageOrder() throws {
        let base = try share("base")
        let image = try share("disk", source: .object(["type": "image", "share": "base", "path": "d.img"]))
        #expect(steps([life(image), life(base)], at: 0) == [.attach(try name("base"))])
        #expect(steps([life(image), attached(base)], at: 1) == [.attach(try name("disk"))])
        var baseLeaving = attached(base)
        var imageLeaving = attached(image, mountID: 8)
        baseLeaving.withdrawn(now: clock(1))
        imageLeaving.withdrawn(now: clock(1))
        #expect(steps([baseLeaving, imageLeaving], at: 1) == [.detach(try name("disk"), lazy: false)])
    }

    @Test("a stuck probe keeps further probes of its share away, not of others")
    func stuckProbe() throws {
        var hung = attached(try share("hung"))
        hung.probeBegan(5)
        hung.probeOverdue(5, Cause(.transportStalled, "silent"), limits: limits, now: clock(20))
        let well = attached(try share("well"), mountID: 8)
        #expect(steps([hung, well], at: 100) == [.probe(try name("well"))])
    }

    @Test("with 64 stuck workers nothing new is probed")
    func stuckLimit() throws {
        let well = attached(try share("well"))
        #expect(steps([well], at: 100, stuck: 63) == [.probe(try name("well"))])
        #expect(steps([well], at: 100, stuck: 64).isEmpty)
    }

    @Test("the next wake is the earliest retry or probe, and nothing when only events matter")
    func wake() throws {
        #expect(Reconciler.nextWake([life(try share("a", ["attach": "manual"]))], after: clock(0).moment) == nil)
        let well = attached(try share("well"), at: 3)
        #expect(Reconciler.nextWake([well], after: clock(3).moment) == clock(18).moment)
    }

    @Test("a list that drops most of three or more shares needs a second one five seconds later")
    func massRemoval() throws {
        let attached = Set(try ["a", "b", "c"].map(name))
        var rule = MassRemoval()
        #expect(rule.judge(attached: attached, offered: [try name("a")], policy: .confirm, now: clock(0).moment) == .askAgain(after: 5_000))
        #expect(rule.judge(attached: attached, offered: [try name("a")], policy: .confirm, now: clock(4.999).moment) == .askAgain(after: 1))
        #expect(rule.judge(attached: attached, offered: [try name("a")], policy: .confirm, now: clock(5).moment) == .accept)
    }

    @Test("the rule spares lists that drop half, few shares, and policies that allow it")
    func massRemovalSpares() throws {
        var rule = MassRemoval()
        let two = Set(try ["a", "b"].map(name))
        let four = Set(try ["a", "b", "c", "d"].map(name))
        #expect(rule.judge(attached: two, offered: [], policy: .confirm, now: clock(0).moment) == .accept)
        #expect(rule.judge(attached: four, offered: two, policy: .confirm, now: clock(0).moment) == .accept)
        #expect(rule.judge(attached: four, offered: [], policy: .allow, now: clock(0).moment) == .accept)
    }

    @Test("a list that is whole again ends the suspicion")
    func massRemovalRecovers() throws {
        let attached = Set(try ["a", "b", "c"].map(name))
        var rule = MassRemoval()
        _ = rule.judge(attached: attached, offered: [], policy: .confirm, now: clock(0).moment)
        #expect(rule.judge(attached: attached, offered: attached, policy: .confirm, now: clock(1).moment) == .accept)
        #expect(rule.judge(attached: attached, offered: [], policy: .confirm, now: clock(100).moment) == .askAgain(after: 5_000))
    }

    @Test("every cause code has a prospect, and refusals are never tried again")
    func prospects() {
        for code in CauseCode.allCases where code.isRefusal {
            #expect(RetryPolicy.prospect(of: code) == .permanent, "\(code)")
        }
    }
}
