import Reconciler
import ShareModel
import Testing

@Suite("The life of a share")
struct ShareLifeTests {
    @Test("an offered share with attach: auto is attached at once, one with attach: manual only when asked for")
    func attachWishes() throws {
        let automatic = life(try share("a"))
        var manual = life(try share("b", ["attach": "manual"]))
        #expect(steps([automatic, manual], at: 0) == [.attach(try name("a"))])
        manual.demandAttached(policy: .standard, now: clock(1))
        #expect(steps([manual], at: 1) == [.attach(try name("b"))])
    }

    @Test("a share the policy forbids is refused and never planned")
    func refused() throws {
        let etc = life(try share("a", ["target": "/etc"]))
        #expect(etc.phase.state == .refused)
        #expect(etc.cause?.code == .targetOutsideRoots)
        #expect(steps([etc], at: 100).isEmpty)
    }

    @Test("a worker's word alone does not make a share attached: the mount table must show it")
    func observedWins() throws {
        var a = life(try share("a"))
        a.attachBegan(1, now: clock(0))
        a.attachEnded(.attached(mountID: 9, requestedOptions: [:], warnings: []), observed: ObservedState([]), now: clock(0), jitter: 20)
        #expect(a.phase.state == .failed)
        #expect(a.cause?.code == .internalError)
    }

    @Test("a failed attach is tried again after pauses that double from one second to a minute")
    func retries() throws {
        var a = life(try share("a"))
        var at = 0.0
        var pauses: [Double] = []
        for _ in 0..<9 {
            a.attachBegan(1, now: clock(at))
            a.attachEnded(.failed(Cause(.serverUnreachable, "no route")), observed: ObservedState([]), now: clock(at), jitter: 20)
            guard case .failed(_, let due?) = a.phase else { throw FieldProblem(path: "", message: "not failed") }
            let wait = Double(due - clock(at).moment) / 1000
            pauses.append(wait)
            #expect(steps([a], at: at + wait - 0.001).isEmpty)
            at += wait
            #expect(steps([a], at: at) == [.attach(try name("a"))])
        }
        #expect(pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60])
    }

    @Test(
        "while a failed share is tried again it tells what the try before met, also while its credential is asked for, and no longer than that"
    )
    func causeWhileTriedAgain() throws {
        var a = life(try share("a"))
        a.attachBegan(1, now: clock(0))
        #expect(a.cause == nil, "nothing has failed yet")
        a.attachEnded(.failed(Cause(.serverUnreachable, "no route")), observed: ObservedState([]), now: clock(0), jitter: 20)
        a.attachBegan(nil, now: clock(1))
        #expect(a.phase.state == .attaching && a.cause?.code == .serverUnreachable)
        a.attachBegan(2, now: clock(2))
        #expect(a.cause?.code == .serverUnreachable && a.attempts == 2)
        a.attachEnded(.failed(Cause(.accessDenied, "not you")), observed: ObservedState([]), now: clock(3), jitter: 20)
        #expect(a.cause?.code == .accessDenied)
        a.demandAttached(policy: .standard, now: clock(4))
        a.attachBegan(3, now: clock(4))
        #expect(a.cause == nil, "who asks anew is told what comes of it now")
        let told = a.takeTransitions().map { "\($0.to.state) \($0.cause?.code.rawValue ?? "-")" }
        #expect(
            told == [
                "attaching -", "failed server-unreachable", "attaching server-unreachable", "failed access-denied", "offered -",
                "attaching -",
            ])
    }

    @Test("jitter moves a pause by at most a fifth", arguments: [0, 7, 20, 40, 41, UInt64.max] as [UInt64])
    func jitter(_ jitter: UInt64) throws {
        let pause = try #require(RetryPolicy.pause(after: .serverUnreachable, failures: 4, jitter: jitter))
        #expect((6_400...9_600).contains(pause))
    }

    @Test("a rejected password is not tried again by itself, but when the share is offered changed or asked for")
    func noLockout() throws {
        let first = try share("a", ["credential": "c"])
        var a = life(first)
        a.attachBegan(1, now: clock(0))
        a.attachEnded(.failed(Cause(.credentialRejected, "wrong password")), observed: ObservedState([]), now: clock(0), jitter: 0)
        #expect(steps([a], at: 1_000_000).isEmpty)
        var again = a
        again.demandAttached(policy: .standard, now: clock(2))
        #expect(steps([again], at: 2) == [.attach(try name("a"))])
        a.offered(try share("a", ["credential": "d"]), origin: .host, revision: 2, policy: .standard, now: clock(3))
        #expect(steps([a], at: 3) == [.attach(try name("a"))])
    }

    @Test("a share that was detached on demand stays detached until somebody asks for it")
    func detachOnDemand() throws {
        var a = attached(try share("a"))
        a.demandDetached(lazy: false, now: clock(1))
        #expect(steps([a], at: 1) == [.detach(try name("a"), lazy: false)])
        a.detachBegan(3, now: clock(1))
        a.detachEnded(.detached(stillInUse: false), now: clock(1), jitter: 0)
        #expect(a.phase.state == .detached)
        a.offered(a.share, origin: .host, revision: 2, policy: .standard, now: clock(2))
        #expect(steps([a], at: 1_000).isEmpty)
    }

    @Test("a busy share stays attached, tells why, and is not tried again behind the user's back")
    func busy() throws {
        var a = attached(try share("a"))
        a.demandDetached(lazy: false, now: clock(1))
        a.detachBegan(3, now: clock(1))
        a.detachEnded(.failed(Cause(.targetBusy, "busy")), now: clock(1), jitter: 0)
        #expect(a.phase.state == .attached)
        #expect(a.cause?.code == .targetBusy)
        #expect(steps([a], at: 10).isEmpty)
    }

    @Test("a withdrawn share is detached, then may be forgotten")
    func withdrawn() throws {
        var a = attached(try share("a"))
        a.withdrawn(now: clock(1))
        #expect(!a.isForgettable)
        #expect(steps([a], at: 1) == [.detach(try name("a"), lazy: false)])
        a.detachBegan(3, now: clock(1))
        a.detachEnded(.detached(stillInUse: false), now: clock(1), jitter: 0)
        #expect(a.isForgettable)
    }

    @Test("a share whose worker was ended after the unmount is detached all the same: was told for good as unmounted by somebody else")
    func endedAfterTheUnmount() throws {
        for isStuck in [false, true] {
            var a = attached(try share("a"))
            a.withdrawn(now: clock(1))
            a.detachBegan(3, now: clock(1))
            a.observe(ObservedState([]), now: clock(2))
            #expect(a.phase.state == .detaching)
            let cause = Cause(.mountTimeout, "unmounting it took longer than 20 s")
            if isStuck {
                a.workerStuck(3, cause, now: clock(21), jitter: 0)
                #expect(!a.isForgettable)
                a.stuckWorkerEnded(3, nil, observed: ObservedState([]), now: clock(30))
            } else {
                a.detachEnded(.failed(cause), now: clock(21), jitter: 0)
            }
            #expect(a.phase.state == .detached && a.isForgettable)
        }
    }

    @Test("a changed source is detached and attached anew; changed labels change nothing")
    func changed() throws {
        var a = attached(try share("a"))
        a.offered(try share("a", ["labels": .object(["team": "x"])]), origin: .host, revision: 2, policy: .standard, now: clock(1))
        #expect(steps([a], at: 1).isEmpty)
        let other = try share("a", source: .object(["type": "virtiofs", "tag": "other"]))
        a.offered(other, origin: .host, revision: 3, policy: .standard, now: clock(2))
        #expect(steps([a], at: 2) == [.detach(try name("a"), lazy: false)])
        a.detachBegan(3, now: clock(2))
        a.detachEnded(.detached(stillInUse: false), now: clock(2), jitter: 0)
        #expect(steps([a], at: 2) == [.attach(try name("a"))])
    }

    @Test("what somebody else unmounts is told as gone and not fought over")
    func gone() throws {
        var a = attached(try share("a"))
        a.observe(ObservedState([]), now: clock(5))
        #expect(a.health == .gone)
        #expect(a.phase.state == .attached)
        #expect(steps([a], at: 1_000).isEmpty)
        a.demandAttached(policy: .standard, now: clock(6))
        #expect(steps([a], at: 6) == [.attach(try name("a"))])
    }

    @Test("with recover: remount a vanished mount comes back once, not twice")
    func remountOnce() throws {
        var a = attached(try share("a", ["recover": "remount"]))
        a.observe(ObservedState([]), now: clock(5))
        #expect(steps([a], at: 5) == [.attach(try name("a"))])
        a.attachBegan(4, now: clock(5))
        a.attachEnded(
            .attached(mountID: 8, requestedOptions: [:], warnings: []), observed: ObservedState([mount(8, "/mnt/a")]), now: clock(5),
            jitter: 0)
        a.observe(ObservedState([]), now: clock(6))
        #expect(a.health == .gone)
    }

    @Test(
        "what goes while a probe is in it is let go when the probe ends",
        arguments: ["wait", "remount", "asked for", "withdrawn", "unwanted"])
    func goneUnderProbe(what: String) throws {
        var a = attached(try share("a", what == "remount" ? ["recover": "remount"] : [:]))
        a.probeBegan(9)
        a.observe(ObservedState([]), now: clock(5))
        #expect(a.health == .gone)
        switch what {
        case "asked for": a.demandAttached(policy: .standard, now: clock(6))
        case "withdrawn": a.withdrawn(now: clock(6))
        case "unwanted": a.demandDetached(lazy: false, now: clock(6))
        default: break
        }
        #expect(a.phase.state == .attached)
        a.probeEnded(9, nil, wasOverdue: false, limits: limits, now: clock(7))
        switch what {
        case "wait": #expect(a.health == .gone && steps([a], at: 1_000).isEmpty)
        case "remount", "asked for": #expect(steps([a], at: 7) == [.attach(try name("a"))])
        default: #expect(a.phase.state == .detached)
        }
    }

    @Test("a mount over ours is told as foreign, and ends when it goes")
    func foreign() throws {
        var a = attached(try share("a"))
        a.observe(ObservedState([mount(7, "/mnt/a"), mount(8, "/mnt/a", source: "tmpfs", fstype: "tmpfs")]), now: clock(5))
        #expect(a.health == .foreign)
        #expect(a.cause?.code == .foreignMount)
        a.observe(ObservedState([mount(7, "/mnt/a")]), now: clock(6))
        #expect(a.health == .ok)
    }

    @Test("an attach worker that outlives SIGKILL keeps every other worker away until it ends")
    func quarantine() throws {
        var a = life(try share("a"))
        a.attachBegan(1, now: clock(0))
        a.workerStuck(1, Cause(.mountTimeout, "too long"), now: clock(22), jitter: 0)
        #expect(a.phase.state == .failed)
        #expect(steps([a], at: 10_000).isEmpty)
        a.stuckWorkerEnded(1, nil, observed: ObservedState([]), now: clock(10_001))
        #expect(steps([a], at: 10_001) == [.attach(try name("a"))])
    }

    @Test("a late success of a stuck worker counts when the mount table shows it")
    func lateSuccess() throws {
        var a = life(try share("a"))
        a.attachBegan(1, now: clock(0))
        a.workerStuck(1, Cause(.mountTimeout, "too long"), now: clock(22), jitter: 0)
        let table = ObservedState([mount(7, "/mnt/a")])
        a.stuckWorkerEnded(1, .attached(mountID: 7, requestedOptions: [:], warnings: []), observed: table, now: clock(60))
        #expect(a.phase.state == .attached)
    }

    @Test("a share left lazily with a stuck probe inside is not mounted again before that probe has ended")
    func lazyDetachQuarantine() throws {
        var a = attached(try share("a"))
        a.probeBegan(5)
        a.probeOverdue(5, Cause(.transportStalled, "silent"), limits: limits, now: clock(20))
        a.demandDetached(lazy: true, now: clock(21))
        #expect(steps([a], at: 21) == [.detach(try name("a"), lazy: true)])
        a.detachBegan(6, now: clock(21))
        a.detachEnded(.detached(stillInUse: true), now: clock(21), jitter: 0)
        a.demandAttached(policy: .standard, now: clock(22))
        #expect(steps([a], at: 22).isEmpty)
        a.stuckWorkerEnded(5, nil, observed: ObservedState([]), now: clock(30))
        #expect(steps([a], at: 30) == [.attach(try name("a"))])
    }

    @Test("an ordinary detach of a share that does not answer is turned down at once with the way out")
    func stalledDetach() throws {
        var a = attached(try share("a"))
        a.probeBegan(5)
        a.probeOverdue(5, Cause(.transportStalled, "silent"), limits: limits, now: clock(20))
        a.demandDetached(lazy: false, now: clock(21))
        #expect(steps([a], at: 21).isEmpty)
        #expect(a.attachment?.detachFailure?.remedy.first?.contains("--lazy") == true)
    }

    @Test("each change of state or health is told once, with what it was before")
    func transitions() throws {
        var a = attached(try share("a"))
        let told = a.takeTransitions()
        #expect(told.map(\.to.state) == [.attaching, .attached, .attached])
        #expect(told.map(\.to.health) == [.unknown, .unknown, .ok])
        #expect(a.takeTransitions().isEmpty)
        #expect(a.since == clock(0).wall)
    }
}
