import Reconciler
import ShareModel
import Testing

/// `failure: soft`: programs get an error after at most giveUpSeconds, by force where the kernel would let them wait.
@Suite("The promise of soft failure")
struct PromiseTests {
    private let silence = Cause(.serverStoppedAnswering, "share 'a': no answer", evidence: ["a probe did not come back"])

    private func offer(_ more: KeyValuePairs<String, Value?> = ["giveUpSeconds": 20], source: Value = nfs("one")) throws -> Share {
        try share("a", more, source: source)
    }

    /// Attached at 0, a probe begun at 15 that missed its deadline at 20.
    private func silent(_ share: Share) -> ShareLife {
        var life = attached(share)
        life.probeBegan(5)
        life.probeOverdue(5, silence, limits: limits, now: clock(20))
        return life
    }

    @Test("waits are ended giveUpSeconds after the first probe that was not answered began, and not before")
    func due() throws {
        let life = silent(try offer())
        #expect(steps([life], at: 34.9).isEmpty)
        #expect(Reconciler.nextWake([life], after: clock(21).moment) == clock(35).moment)
        #expect(steps([life], at: 35) == [.endWaiting(try name("a"))])
    }

    @Test("an answer in between ends the silence")
    func answered() throws {
        var life = silent(try offer())
        life.probeEnded(5, nil, wasOverdue: true, limits: limits, now: clock(21))
        life.probeBegan(6)
        life.probeEnded(6, .probed(latencyMicroseconds: 100, capacity), wasOverdue: false, limits: limits, now: clock(30))
        #expect(!steps([life], at: 36).contains(.endWaiting(try name("a"))))
    }

    @Test(
        "who is bound by it",
        arguments: [
            ("soft", "wait", 20, "nfs", true), ("auto", "wait", 20, "nfs", true), ("hard", "wait", 20, "nfs", false),
            ("hard", "force", 20, "nfs", true), ("soft", "wait", 20, "virtiofs", false), ("soft", "wait", 20, "smb", false),
        ])
    func bound(failure: String, recover: String, seconds: Int64, type: String, isBound: Bool) throws {
        let source: Value =
            switch type {
            case "nfs": nfs("one")
            case "smb": .object(["type": "smb", "server": "one", "share": "x"])
            default: .object(["type": "virtiofs", "tag": "t"])
            }
        let life = silent(
            try offer(["failure": .string(failure), "recover": .string(recover), "giveUpSeconds": .integer(seconds)], source: source))
        #expect(steps([life], at: 1000).contains(.endWaiting(try name("a"))) == isBound)
    }

    @Test("without a number, 45 seconds for reading and 180 for writing")
    func standard() throws {
        #expect(steps([silent(try offer(["access": "ro"]))], at: 59).isEmpty)
        #expect(steps([silent(try offer(["access": "ro"]))], at: 60) == [.endWaiting(try name("a"))])
        #expect(steps([silent(try offer([:]))], at: 194).isEmpty)
        #expect(steps([silent(try offer([:]))], at: 195) == [.endWaiting(try name("a"))])
    }

    @Test("where new waits can begin, they are ended every five seconds, and told once")
    func again() throws {
        var life = silent(try offer())
        _ = life.takeTransitions()
        life.changeBegan(9)
        #expect(steps([life], at: 36).isEmpty)
        life.waitingEnded(.waitingEnded(forGood: false, mountIDs: [7]), now: clock(38))
        let told = life.takeTransitions()
        #expect(told.count == 1)
        #expect(told.first?.from.health == .stalled && told.first?.to.health == .stalled)
        #expect(told.first?.cause?.message.contains("may be lost") == true)
        #expect(told.first?.cause?.message.contains("23 s") == true)
        #expect(life.cause?.code == .serverStoppedAnswering)
        #expect(steps([life], at: 42.9).isEmpty)
        #expect(steps([life], at: 43) == [.endWaiting(try name("a"))])
        life.changeBegan(10)
        life.waitingEnded(.waitingEnded(forGood: false, mountIDs: [7]), now: clock(46))
        #expect(life.takeTransitions().isEmpty)
    }

    @Test("a probe that was ended with the others does not make the share look well or other")
    func endedProbe() throws {
        var life = silent(try offer())
        life.waitingEnded(.waitingEnded(forGood: false, mountIDs: [7]), now: clock(38))
        life.probeEnded(5, nil, wasOverdue: true, limits: limits, now: clock(38))
        life.probeBegan(6)
        life.probeEnded(6, .failed(Cause(.ioError, "EIO")), wasOverdue: false, limits: limits, now: clock(40))
        #expect(life.health == .stalled)
        life.probeBegan(7)
        life.probeEnded(7, .probed(latencyMicroseconds: 1, capacity), wasOverdue: false, limits: limits, now: clock(50))
        life.probeBegan(8)
        life.probeEnded(8, .probed(latencyMicroseconds: 1, capacity), wasOverdue: false, limits: limits, now: clock(50))
        #expect(life.health == .ok)
        #expect(life.cause == nil)
        #expect(steps([life], at: 60).isEmpty)
    }

    @Test("a mount that was shut down for good is replaced when its server answers, and not probed until then")
    func forGood() throws {
        var life = silent(try offer())
        life.changeBegan(9)
        life.waitingEnded(.waitingEnded(forGood: true, mountIDs: [7]), now: clock(35))
        life.probeEnded(5, nil, wasOverdue: true, limits: limits, now: clock(35))
        #expect(steps([life], at: 35) == [.replace(try name("a"))])
        life.changeBegan(10)
        let old = ObservedState([mount(7, "/mnt/a")])
        life.replacementEnded(.failed(Cause(.serverSilent, "silent")), as: life.share, observed: old, now: clock(36), jitter: 20)
        #expect(life.phase.state == .attached)
        #expect(life.health == .stalled)
        #expect(steps([life], at: 36.9).isEmpty)
        #expect(Reconciler.nextWake([life], after: clock(36).moment) == clock(37).moment)
        #expect(steps([life], at: 37) == [.replace(try name("a"))])
        life.changeBegan(11)
        life.replacementEnded(
            .attached(mountID: 9, requestedOptions: [:], warnings: []), as: life.share, observed: ObservedState([mount(9, "/mnt/a")]),
            now: clock(40),
            jitter: 0)
        #expect(life.attachment?.mountID == 9)
        #expect(life.cause == nil)
        #expect(steps([life], at: 40) == [.probe(try name("a"))])
    }

    @Test("a share that shows the same file system as one whose waits were ended is told and replaced as well")
    func twin() throws {
        var life = attached(try offer([:]))
        life.waitsEnded(forGood: true, now: clock(35))
        #expect(life.takeTransitions().last?.cause?.message.contains("may be lost") == true)
        #expect(steps([life], at: 35) == [.replace(try name("a"))])
    }

    @Test("when the old mount went and no new one came, it is an attach like any other")
    func replacementLost() throws {
        var life = silent(try offer())
        life.waitingEnded(.waitingEnded(forGood: true, mountIDs: [7]), now: clock(35))
        life.changeBegan(10)
        life.replacementEnded(
            .failed(Cause(.connectionRefused, "gone again")), as: life.share, observed: ObservedState([]), now: clock(36), jitter: 20)
        #expect(life.phase.state == .failed)
        #expect(steps([life], at: 37) == [.attach(try name("a"))])
    }

    @Test("stale handles are waited out, or the mount is replaced where the share says so", arguments: ["wait", "remount", "force"])
    func stale(recover: String) throws {
        var life = attached(try offer(["recover": .string(recover)]))
        for seconds in [15.0, 26] {
            life.probeBegan(6)
            life.probeEnded(
                6, .failed(Cause(.staleHandle, "stale")), wasOverdue: false, limits: limits, now: clock(seconds))
        }
        #expect(life.health == .stale)
        #expect(steps([life], at: 26).contains(.replace(try name("a"))) == (recover != "wait"))
    }

    @Test("a stale share that needs a credential goes through an ordinary attach, which asks for it")
    func staleWithCredential() throws {
        var life = attached(
            try offer(
                ["recover": "remount", "credential": "c"], source: .object(["type": "smb", "server": "one", "share": "x"])))
        for seconds in [15.0, 26] {
            life.probeBegan(6)
            life.probeEnded(6, .failed(Cause(.staleHandle, "stale")), wasOverdue: false, limits: limits, now: clock(seconds))
        }
        #expect(steps([life], at: 26) == [.detach(try name("a"), lazy: true)])
    }

    @Test("somebody who detaches it is obeyed, and nothing is put in its place")
    func detached() throws {
        var life = silent(try offer())
        life.waitingEnded(.waitingEnded(forGood: true, mountIDs: [7]), now: clock(35))
        life.demandDetached(lazy: true, now: clock(36))
        #expect(steps([life], at: 36) == [.detach(try name("a"), lazy: true)])
    }
}
