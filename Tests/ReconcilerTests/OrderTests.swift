import Reconciler
import ShareModel
import Testing

@Suite("Which share comes before which")
struct OrderTests {
    private func changed(_ life: ShareLife, _ share: Share, at seconds: Double = 1) -> ShareLife {
        var life = life
        life.offered(share, origin: .host, revision: 2, policy: .standard, now: clock(seconds))
        return life
    }

    private func obstacle(_ lives: [ShareLife], _ name: String, at seconds: Double = 1) throws -> Obstacle? {
        Reconciler.obstacles(lives, attachedShares: 256, now: clock(seconds).moment)[try ShareName(validating: name)]
    }

    @Test("two shares that change places: both leave, and neither is attached before the other has left")
    func swap() throws {
        let a = try share("a", ["target": "/mnt/one"])
        let b = try share("b", ["target": "/mnt/two"])
        var lives = [
            changed(attached(a, mountID: 7), try share("a", ["target": "/mnt/two"])),
            changed(attached(b, mountID: 8), try share("b", ["target": "/mnt/one"])),
        ]
        #expect(steps(lives, at: 1) == [.detach(try name("a"), lazy: false), .detach(try name("b"), lazy: false)])
        for index in 0...1 { lives[index].detachBegan(WorkerID(10 + index), now: clock(1)) }
        lives[0].detachEnded(.detached(stillInUse: false), now: clock(1), jitter: 0)
        #expect(steps(lives, at: 1).isEmpty)
        #expect(try obstacle(lives, "a")?.cause.code == .foreignMount)
        #expect(try obstacle(lives, "a")?.isLasting == false)
        lives[1].detachEnded(.detached(stillInUse: false), now: clock(1), jitter: 0)
        #expect(steps(lives, at: 1) == [.attach(try name("a")), .attach(try name("b"))])
    }

    @Test("a share whose place is kept by one that cannot leave tries, so that the worker tells by whom")
    func swapBusy() throws {
        var b = changed(attached(try share("b", ["target": "/mnt/one"]), mountID: 8), try share("b", ["target": "/mnt/two"]))
        b.detachBegan(9, now: clock(1))
        b.detachEnded(.failed(Cause(.targetBusy, "busy")), now: clock(1), jitter: 0)
        #expect(b.cause?.message.contains("stays as it was") == true)
        let a = life(try share("a", ["target": "/mnt/one"]))
        #expect(steps([a, b], at: 2) == [.attach(try name("a"))])
        #expect(steps([b], at: 60) == [.detach(try name("b"), lazy: false)])
    }

    @Test("two new shares with one target are attached one after the other")
    func sameTarget() throws {
        var first = life(try share("a", ["target": "/mnt/one"]))
        let second = life(try share("b", ["target": "/mnt/one"]))
        first.attachBegan(3, now: clock(0))
        #expect(steps([first, second], at: 0).isEmpty)
    }

    @Test("a failed attach that found its place taken is tried at once when the place is free")
    func placeFreed() throws {
        var a = life(try share("a"))
        let table = ObservedState([mount(9, "/mnt/a")])
        a.attachBegan(1, now: clock(0))
        a.attachEnded(.failed(Cause(.foreignMount, "taken")), observed: table, now: clock(0), jitter: 0)
        a.observe(table, now: clock(1))
        #expect(steps([a], at: 1).isEmpty)
        a.observe(ObservedState([]), now: clock(2))
        #expect(steps([a], at: 2) == [.attach(try name("a"))])
    }

    @Test("a share inside another one's tree is attached after it and detached before it")
    func nested() throws {
        let outer = try share("outer", ["target": "/mnt/a"])
        let inner = try share("inner", ["target": "/mnt/a/b/c"])
        #expect(steps([life(inner), life(outer)], at: 0) == [.attach(try name("outer"))])
        #expect(try obstacle([life(inner), life(outer)], "inner", at: 0)?.cause.code == .targetMissing)
        #expect(steps([life(inner), attached(outer)], at: 1) == [.attach(try name("inner"))])
        var outerLeaving = attached(outer)
        outerLeaving.demandDetached(lazy: false, now: clock(1))
        #expect(steps([outerLeaving, attached(inner, mountID: 8)], at: 1) == [.detach(try name("inner"), lazy: false)])
        #expect(steps([outerLeaving, life(inner)], at: 1) == [.detach(try name("outer"), lazy: false)])
        // Into the bare directory below it nothing is put meanwhile.
        outerLeaving.detachBegan(9, now: clock(1))
        outerLeaving.detachEnded(.detached(stillInUse: false), now: clock(1), jitter: 0)
        #expect(steps([outerLeaving, life(inner)], at: 2).isEmpty)
        #expect(try obstacle([outerLeaving, life(inner)], "inner")?.isLasting == true)
    }

    @Test("a name that only begins alike is no tree")
    func prefix() throws {
        let outer = try share("outer", ["target": "/mnt/a"])
        let beside = try share("beside", ["target": "/mnt/ab"])
        #expect(steps([life(beside), life(outer)], at: 0).count == 2)
    }

    @Test("what a share waits for is told, and whether that lasts")
    func obstacles() throws {
        let inner = life(try share("inner", ["target": "/mnt/a/b"]))
        let offered = try share("outer", ["target": "/mnt/a"])
        var stalled = attached(offered)
        stalled.probeBegan(5)
        stalled.probeOverdue(5, Cause(.transportStalled, "silent"), limits: limits, now: clock(1))
        #expect(steps([inner, stalled], at: 2).isEmpty)
        #expect(try obstacle([inner, stalled], "inner")?.isLasting == true)
        #expect(try obstacle([inner, stalled], "inner")?.cause.evidence == ["silent"])
        var gone = attached(offered)
        gone.observe(ObservedState([]), now: clock(1))
        #expect(try obstacle([inner, gone], "inner")?.isLasting == true)
        var failed = life(offered)
        failed.attachBegan(1, now: clock(0))
        failed.attachEnded(.failed(Cause(.serverSilent, "no answer")), observed: ObservedState([]), now: clock(0), jitter: 0)
        #expect(try obstacle([inner, failed], "inner", at: 0)?.isLasting == false)
        // One that nobody wants to be attached is not waited for.
        #expect(steps([inner, life(try share("outer", ["target": "/mnt/a", "attach": "manual"]))], at: 0) == [.attach(try name("inner"))])
    }

    @Test("an image whose share is not offered says so")
    func imageAlone() throws {
        let image = life(try share("disk", source: .object(["type": "image", "share": "base", "path": "d.img"])))
        #expect(try obstacle([image], "disk", at: 0)?.cause.code == .imageNotFound)
        var told = image
        told.isHeldBack(by: try obstacle([image], "disk", at: 0))
        #expect(told.status(now: clock(1)).cause?.code == .imageNotFound)
    }

    @Test("two hundred nested and swapped shares are planned in a few milliseconds")
    func many() throws {
        let lives = try (0..<256).map {
            life(try share("s\($0)", ["target": .string("/mnt/t\($0 / 4)" + String(repeating: "/d", count: $0 % 4))]))
        }
        let clock = ContinuousClock()
        let spent = clock.measure { #expect(steps(lives, at: 0).count == 8) }
        #expect(spent < .milliseconds(500))
    }
}
