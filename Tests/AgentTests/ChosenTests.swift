import Agent
import Reconciler
import ShareModel
import ShareWire
import Testing

@Suite("An agent for one job")
struct ChosenTests {
    private func rig(_ shares: [Value]) -> Rig {
        let rig = Rig(mode: .once)
        rig.catalog = (1, shares)
        return rig
    }

    private func attach(_ rig: Rig, _ names: [String]?) -> UInt64 {
        rig.request(.sharesAttach, .object(["names": names.map { .array($0.map(Value.string)) }, "waitMs": 60_000]))
    }

    // `shareagent list` and `explain` where no daemon runs attached every share that attaches by itself.
    @Test("hearing what is offered attaches nothing, and asks for no time that never comes")
    func looking() {
        let rig = rig([virtiofs("a"), virtiofs("b")])
        rig.connect()
        #expect(rig.state("a") == "offered")
        #expect(rig.running.isEmpty)
        rig.pass(30)
        #expect(rig.running.isEmpty)
    }

    // `shareagent attach NAME` attached all others with it, and not the named one where that was attach: manual.
    @Test("only the named share is attached, though it was asked for before the host had offered it")
    func named() throws {
        let rig = rig([virtiofs("auto"), virtiofs("manual", ["attach": "manual"])])
        let id = attach(rig, ["manual"])
        rig.connect()
        #expect(rig.running.map(\.share) == ["manual"])
        rig.attachSucceeds("manual")
        rig.probeSucceeds("manual")
        #expect(try #require(rig.answers[id]).get()["complete"]?.truth == true)
        rig.pass(60)
        #expect(rig.running.isEmpty && rig.state("auto") == "offered")
    }

    @Test("attach without names attaches all that attach by themselves")
    func all() {
        let rig = rig([virtiofs("auto"), virtiofs("manual", ["attach": "manual"])])
        _ = attach(rig, nil)
        rig.connect()
        #expect(rig.running.map(\.share) == ["auto"])
    }

    @Test("an image brings the share along that its file is in")
    func image() {
        let image = Value.object([
            "name": "disk", "source": .object(["type": "image", "share": "files", "path": "disk.img"]), "attach": "manual",
        ])
        let rig = rig([virtiofs("other"), image, virtiofs("files")])
        _ = attach(rig, ["disk"])
        rig.connect()
        #expect(rig.running.map(\.share) == ["files"])
        rig.attachSucceeds("files")
        rig.probeSucceeds("files")
        #expect(rig.running.filter { $0.kind == "attach" }.map(\.share) == ["disk"])
    }

    @Test("what another share would come to keep from its place is not kept from it by one that nobody attaches")
    func nested() {
        let rig = rig([virtiofs("outer", ["target": "/mnt/x"]), virtiofs("inner", ["target": "/mnt/x/y"])])
        _ = attach(rig, ["inner"])
        rig.connect()
        #expect(rig.running.map(\.share) == ["inner"])
    }

    @Test("a diagnosis mounts nothing and says that nobody watches")
    func diagnosis() throws {
        let rig = rig([virtiofs("a")])
        rig.connect()
        let id = rig.request(.sharesDiagnose, .object(["waitMs": 60_000]))
        #expect(rig.running.map(\.kind) == ["examine"])
        let launch = try #require(rig.take("examine", "a"))
        rig.deliver(.workerEnded(launch.id, .examined))
        let findings = try #require(rig.answers[id]).get()["findings"]?.elements ?? []
        #expect(findings.first?["cause"]?["code"] == "agent-not-running")
        #expect(findings.last?["note"]?.text == "it is not attached; shareagent attach a attaches it")
    }
}
