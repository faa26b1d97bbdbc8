import Agent
import Reconciler
import ShareModel
import ShareWire
import Testing

@Suite("Requests over the control socket")
struct RequestTests {
    private func shares(_ rig: Rig, _ id: UInt64) throws -> [(name: String, state: String)] {
        let answer = try #require(rig.answers[id])
        return try answer.get()["shares"]?.elements?.map { ($0["name"]?.text ?? "", $0["state"]?.text ?? "") } ?? []
    }

    @Test("attach without names waits for the catalog and for every automatic share")
    func attachAll() throws {
        let rig = Rig()
        let id = rig.request(.sharesAttach, .object(["waitMs": 60_000]))
        rig.pass(3)
        rig.catalog = (1, [virtiofs("a"), virtiofs("b"), virtiofs("later", ["attach": "manual"])])
        rig.connect()
        rig.attachSucceeds("a")
        rig.probeSucceeds("a")
        rig.attachSucceeds("b")
        #expect(rig.answers[id] == nil)
        rig.probeSucceeds("b")
        #expect(try shares(rig, id).map(\.state) == ["attached", "attached"])
    }

    @Test("attach without a host ends with the channel's cause when its time is over")
    func attachWithoutHost() throws {
        let rig = Rig()
        rig.deliver(.channelClosed(.absent, Cause(.channelAbsent, "no port")))
        let id = rig.request(.sharesAttach, .object(["waitMs": 5_000]))
        rig.pass(4.9)
        #expect(rig.answers[id] == nil)
        rig.pass(0.2)
        #expect(throws: RPCError.self) { try rig.answers[id]?.get() }
        if case .failure(let error)? = rig.answers[id] { #expect(error.causeText == "channel-absent") }
    }

    @Test("a server that is not there is waited for, a wrong password is not")
    func patience() throws {
        let rig = Rig()
        rig.catalog = (1, [virtiofs("slow"), virtiofs("wrong")])
        rig.connect()
        let id = rig.request(.sharesAttach, .object(["names": .array(["slow"]), "waitMs": 10_000]))
        let other = rig.request(.sharesAttach, .object(["names": .array(["wrong"]), "waitMs": 10_000]))
        rig.attachFails("slow", .connectionRefused)
        rig.attachFails("wrong", .credentialRejected)
        #expect(rig.answers[id] == nil)
        #expect(try shares(rig, other).map(\.state) == ["failed"])
        rig.pass(1.3)
        rig.attachSucceeds("slow")
        rig.probeSucceeds("slow")
        #expect(try shares(rig, id).map(\.state) == ["attached"])
    }

    @Test("an unknown name is told once the host's list is known")
    func unknownName() throws {
        let rig = Rig()
        let id = rig.request(.sharesAttach, .object(["names": .array(["nope"]), "waitMs": 10_000]))
        #expect(rig.answers[id] == nil)
        rig.connect()
        let answer = try #require(rig.answers[id]).get()
        #expect(answer["shares"]?.elements?.first?["cause"]?["code"]?.text == "share-unknown")
    }

    @Test("detach answers when the share is detached, and tells a busy one")
    func detach() throws {
        let rig = Rig()
        rig.catalog = (1, [virtiofs("a"), virtiofs("b")])
        rig.connect()
        for name in ["a", "b"] {
            rig.attachSucceeds(name)
            rig.probeSucceeds(name)
        }
        let id = rig.request(.sharesDetach, .object(["all": true, "waitMs": 5_000]))
        rig.detachSucceeds("a")
        #expect(rig.answers[id] == nil)
        if let busy = rig.take("detach", "b") { rig.deliver(.workerEnded(busy.id, .failed(Cause(.targetBusy, "busy")))) }
        #expect(try shares(rig, id).map(\.state) == ["detached", "attached"])
        #expect(rig.causeCode("b") == "target-busy")
    }

    @Test("a catalog file is attached beside the host's, and wins over it")
    func catalogFile() throws {
        let rig = Rig()
        rig.catalog = (1, [virtiofs("a", ["access": "ro"])])
        let file = Value.object(["shares": .array([virtiofs("a"), virtiofs("mine"), virtiofs("byHand", ["attach": "manual"])])])
        let id = rig.request(.sharesAttach, .object(["waitMs": 5_000, "catalog": file]))
        rig.attachSucceeds("a")
        rig.attachSucceeds("mine")
        rig.probeSucceeds("a")
        rig.probeSucceeds("mine")
        #expect(try shares(rig, id).map(\.name) == ["a", "mine"])
        rig.connect()
        #expect(rig.running.isEmpty)
        #expect(rig.state("mine") == "attached")
    }

    // `attach --from FILE NAME` attached all others of the file, and from then on `attach` without names meant the file's shares.
    @Test("of a catalog file only what is named is attached, and it is forgotten when nobody waits for it any more")
    func catalogFileNamed() throws {
        let rig = Rig.attached(["hosts"])
        let image = Value.object(["name": "disk", "source": .object(["type": "image", "share": "base", "path": "disk.img"])])
        let file = Value.object(["shares": .array([virtiofs("one"), virtiofs("two"), virtiofs("base"), image])])
        let id = rig.request(.sharesAttach, .object(["names": .array(["one"]), "waitMs": 5_000, "catalog": file]))
        #expect(rig.running.map(\.share) == ["one"])
        rig.attachSucceeds("one")
        rig.probeSucceeds("one")
        #expect(try shares(rig, id).map(\.name) == ["one"])
        #expect(rig.state("two") == "offered")
        let named = rig.request(.sharesAttach, .object(["names": .array(["disk"]), "waitMs": 5_000, "catalog": file]))
        rig.attachSucceeds("base")
        rig.probeSucceeds("base")
        rig.attachSucceeds("disk")
        rig.probeSucceeds("disk")
        #expect(try shares(rig, named).map(\.state) == ["attached"], "an image brings the share along that its file is in")
        let all = rig.request(.sharesAttach, .object(["waitMs": 5_000]))
        rig.attachSucceeds("two")
        rig.probeSucceeds("two")
        #expect(try shares(rig, all).map(\.name) == ["hosts", "one", "two", "base", "disk"], "the file is one catalog among others")
    }

    @Test("an entry of a catalog file that cannot be read is told, also where its share is attached already")
    func catalogFileUnreadable() throws {
        let rig = Rig.attached(["hosts"])
        let file = { (share: Value) in Value.object(["shares": .array([share])]) }
        _ = rig.request(.sharesAttach, .object(["waitMs": 5_000, "catalog": file(virtiofs("mine"))]))
        rig.attachSucceeds("mine")
        rig.probeSucceeds("mine")
        let again = rig.request(.sharesAttach, .object(["waitMs": 5_000, "catalog": file(virtiofs("mine", ["colour": "red"]))]))
        let told = try shares(rig, again)
        #expect(told.map(\.name) == ["mine"] && told.map(\.state) == ["attached"] && rig.causeCode("mine") == "share-invalid")
    }

    @Test("a catalog file without names leaves the host's shares as they are")
    func catalogFileInstead() throws {
        let rig = Rig.attached(["hosts"])
        _ = rig.request(.sharesDetach, .object(["names": .array(["hosts"]), "waitMs": 5_000]))
        rig.detachSucceeds("hosts")
        let file = Value.object(["shares": .array([virtiofs("mine")])])
        _ = rig.request(.sharesAttach, .object(["waitMs": 5_000, "catalog": file]))
        #expect(rig.running.map(\.share) == ["mine"])
        #expect(rig.state("hosts") == "detached")
    }

    @Test("who may not change anything may still look", arguments: ControlMethod.allCases)
    func rights(_ method: ControlMethod) throws {
        let rig = Rig()
        let id = rig.request(method, .object(["share": "x"]), mayChange: false)
        if method.isPrivileged {
            guard case .failure(let error)? = rig.answers[id] else {
                Issue.record("\(method) was not turned down")
                return
            }
            #expect(error.code == RPCError.notPermitted)
            #expect(error.causeText == "permission-denied")
        } else if case .failure(let error)? = rig.answers[id] {
            #expect(error.code != RPCError.notPermitted)
        }
    }

    @Test("an unknown method and unknown parameters are told as such")
    func wrongRequests() throws {
        let rig = Rig()
        let id = rig.request(.statusGet, .object(["sheres": .array([])]))
        guard case .failure(let error)? = rig.answers[id] else {
            Issue.record("unknown parameter accepted")
            return
        }
        #expect(error.code == RPCError.invalidParams)
        #expect(error.message.contains("sheres"))
    }

    @Test("a request whose asker left is forgotten")
    func askerLeft() {
        let rig = Rig()
        _ = rig.request(.sharesAttach, .object(["waitMs": 5_000]))
        #expect(rig.core.hasWaitingRequests)
        rig.deliver(.requesterLeft(connection: 1))
        #expect(!rig.core.hasWaitingRequests)
    }
}

@Suite("A catalog as large as it may be")
struct LargeCatalogTests {
    /// Entries whose causes and wishes are as long as somebody who means ill can make them.
    private static func entries(_ invalid: Bool) -> [Value] {
        (0..<Catalog.maximumShares).map { number in
            let long = Value.string(String(repeating: "\u{202e}", count: 80))
            let more: KeyValuePairs<String, Value> =
                invalid
                ? ["access": long]
                : ["labels": .object((0..<8).map { .init("l\($0)", .string(String(repeating: "x", count: 100))) })]
            return virtiofs("s\(number)", more)
        }
    }

    @Test("status, list and attach are answered in one frame", arguments: [true, false])
    func fits(invalid: Bool) throws {
        let rig = Rig()
        rig.catalog = (1, Self.entries(invalid))
        rig.connect()
        let ids = [rig.request(.statusGet), rig.request(.sharesOffered), rig.request(.sharesAttach, .object(["waitMs": 0]))]
        rig.pass(0.1)
        for id in ids {
            let answer = try #require(rig.answers[id]).get()
            #expect(answer["shares"]?.elements?.count == Catalog.maximumShares)
            #expect(answer.fits(Limits.answerBytes))
        }
    }
}
