import Reconciler
import ShareModel
import Testing

@Suite("A share that is offered otherwise than it is attached")
struct ChangeTests {
    private func offered(_ life: ShareLife, _ share: Share) -> ShareLife {
        var life = life
        life.offered(share, origin: .host, revision: 2, policy: .standard, now: clock(1))
        return life
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let what: String
        let change: [Value.Member]
        let step: String
        var testDescription: String { what }
    }

    static let rows: [Row] = [
        Row(what: "access", change: [.init("access", "ro")], step: "remount"),
        Row(what: "flags", change: [.init("mount", .object(["exec": false]))], step: "remount"),
        Row(what: "options", change: [.init("options", .object(["x": "1"]))], step: "remount"),
        Row(what: "profile", change: [.init("profile", "throughput")], step: "remount"),
        Row(what: "promise", change: [.init("giveUpSeconds", 20)], step: "remount"),
        Row(what: "target", change: [.init("target", "/mnt/elsewhere")], step: "detach"),
        Row(what: "source", change: [.init("source", nfs("another"))], step: "detach"),
        Row(what: "credential", change: [.init("credential", "c")], step: "detach"),
        Row(what: "labels", change: [.init("labels", .object(["a": "b"]))], step: "none"),
        Row(what: "recover", change: [.init("recover", "remount")], step: "none"),
    ]

    @Test("what is to be done", arguments: rows)
    func table(_ row: Row) throws {
        let old = try share("a", source: nfs("one"))
        var members = [Value.Member("name", "a"), Value.Member("source", nfs("one"))]
        members.removeAll { member in row.change.contains { $0.key == member.key } }
        let life = offered(attached(old), try Share(.object(members + row.change), at: ""))
        let wanted: [Step] =
            switch row.step {
            case "remount": [.remount(try name("a"))]
            case "detach": [.detach(try name("a"), lazy: false)]
            default: []
            }
        #expect(steps([life], at: 1) == wanted)
        #expect(life.isToBeMountedAnew == (row.step == "detach"))
    }

    @Test("remounted, it is as it was offered, and nothing more is to be done")
    func remounted() throws {
        let new = try share("a", ["access": "ro"])
        var life = offered(attached(try share("a")), new)
        life.changeBegan(9)
        #expect(steps([life], at: 100).isEmpty)
        life.remountEnded(.remounted(requestedOptions: ["ro": ""], warnings: []), as: new, now: clock(2), jitter: 0)
        #expect(life.attachment?.share == new)
        #expect(steps([life], at: 2).isEmpty)
        #expect(life.takeTransitions().allSatisfy { $0.to.state != .detaching })
    }

    @Test("what the kernel cannot change is detached and attached")
    func refused() throws {
        let new = try share("a", ["options": .object(["x": "1"])])
        var life = offered(attached(try share("a")), new)
        life.changeBegan(9)
        life.remountEnded(.failed(Cause(.optionRefused, "no")), as: new, now: clock(2), jitter: 0)
        #expect(steps([life], at: 2) == [.detach(try name("a"), lazy: false)])
        #expect(life.isToBeMountedAnew)
    }

    @Test("a share in use keeps its old options, says so, and is tried again later")
    func inUse() throws {
        let new = try share("a", ["access": "ro"])
        var life = offered(attached(try share("a")), new)
        life.changeBegan(9)
        life.remountEnded(.failed(Cause(.targetBusy, "share 'a': in use")), as: new, now: clock(2), jitter: 20)
        #expect(life.cause?.code == .targetBusy)
        #expect(life.cause?.message.contains("stays as it was") == true)
        #expect(life.health == .ok)
        #expect(steps([life], at: 20) == [.probe(try name("a"))])
        #expect(steps([life], at: 33) == [.remount(try name("a"))])
        life.offered(try share("a"), origin: .host, revision: 3, policy: .standard, now: clock(34))
        #expect(life.cause == nil)
    }

    @Test("a share that changed while it was being remounted is remounted once more")
    func changedMeanwhile() throws {
        let new = try share("a", ["access": "ro"])
        var life = offered(attached(try share("a")), new)
        life.changeBegan(9)
        life.offered(try share("a"), origin: .host, revision: 3, policy: .standard, now: clock(2))
        life.remountEnded(.remounted(requestedOptions: [:], warnings: []), as: new, now: clock(3), jitter: 0)
        #expect(steps([life], at: 3) == [.remount(try name("a"))])
    }
}
