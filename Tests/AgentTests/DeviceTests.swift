import Agent
import Reconciler
import ShareModel
import ShareWire
import Testing

@Suite struct DeviceTests {
    private func news(
        _ shown: [DeviceNews.Device] = [], arrived: Set<SourceType> = [], left: Set<SourceType> = [], removed: [String] = []
    ) -> AgentEvent {
        var news = DeviceNews(shown: shown)
        news.arrived = arrived
        news.left = left
        news.removedDisks = removed.map { Array($0.utf8) }
        return .devicesChanged(news)
    }

    private func tag(_ text: String, _ type: SourceType = .virtiofs) -> DeviceNews.Device { .init(type, tag: Array(text.utf8)) }

    private func offered(_ rig: Rig) -> [String: String] {
        let answer = rig.request(.sharesOffered)
        guard case .success(let document)? = rig.answers[answer] else { return [:] }
        let entries = document["shares"]?.elements ?? []
        return Dictionary(
            entries.map { ($0["share"]?["name"]?.text ?? "", $0["offeredBy"]?.text ?? "") }, uniquingKeysWith: { $0 + "," + $1 })
    }

    @Test("a share that waits for its device is tried as soon as one of its kind comes, not when its pause is over; others wait on")
    func arrival() {
        let rig = Rig()
        rig.catalog = (1, [virtiofs("a"), .object(["name": "t", "source": .object(["type": "9p", "tag": "t"])])])
        rig.connect()
        for _ in 0..<8 {
            rig.attachFails("a", .tagNotFound)
            rig.attachFails("t", .tagNotFound)
            rig.pass(50)
        }
        rig.attachFails("a", .tagNotFound)
        rig.attachFails("t", .tagNotFound)
        rig.deliver(news(arrived: [.image]))
        #expect(rig.running.isEmpty)
        rig.deliver(news(arrived: [.virtiofs]))
        #expect(rig.running.map(\.share) == ["a"])
    }

    @Test("a better network ends the pause of what failed for it, and of nothing else; it is listened to only meanwhile")
    func network() {
        let rig = Rig()
        let server = Value.object(["type": "nfs", "server": "10.0.0.1", "export": "/x"])
        let other = Value.object(["type": "nfs", "server": "10.0.0.2", "export": "/x"])
        rig.catalog = (
            1, [.object(["name": "n", "source": server]), .object(["name": "m", "source": other]), virtiofs("a")]
        )
        rig.connect()
        #expect(!rig.isNetworkWatched)
        rig.attachFails("n", .serverUnreachable)
        rig.attachFails("m", .exportNotFound)
        rig.attachFails("a", .tagNotFound)
        #expect(rig.isNetworkWatched)
        rig.deliver(.networkChanged)
        #expect(rig.running.map(\.share) == ["n"])
        rig.attachSucceeds("n")
        #expect(!rig.isNetworkWatched)
    }

    @Test("what devices show is offered, attached by name, and gone with the device; what is attached stays")
    func offeredByDevice() {
        let rig = Rig()
        rig.connect()
        rig.deliver(news([tag("files"), tag("my files"), tag("files", .ninep)], arrived: [.virtiofs]))
        let names = offered(rig)
        #expect(names.values.allSatisfy { $0 == "device" } && names.count == 3)
        #expect(names["files"] != nil)
        #expect(names.keys.contains { $0.hasPrefix("my-files-") } && names.keys.contains { $0.hasPrefix("files-") })
        #expect(rig.running.isEmpty, "nothing is attached by itself")
        _ = rig.request(.sharesAttach, .object(["names": .array(["files"]), "waitMs": 1000]))
        rig.attachSucceeds("files")
        rig.deliver(news([tag("files", .ninep)], left: [.virtiofs]))
        #expect(Set(offered(rig).keys) == Set(names.keys.filter { $0 == "files" || $0.hasPrefix("files-") }))
        #expect(rig.state("files") == "attached")
        _ = rig.request(.sharesDetach, .object(["names": .array(["files"]), "waitMs": 1000]))
        rig.probeSucceeds("files")
        rig.detachSucceeds("files")
        rig.deliver(news([]))
        #expect(offered(rig).isEmpty)
    }

    @Test("the host's share of the same tag or name hides what the device shows, and no longer once it is withdrawn")
    func hostWins() {
        let rig = Rig()
        rig.deliver(news([tag("one"), tag("two")]))
        #expect(offered(rig) == ["one": "device", "two": "device"])
        rig.catalog = (1, [virtiofs("mine").replacingSource("one"), virtiofs("two")])
        rig.connect()
        #expect(offered(rig) == ["mine": "host", "two": "host"])
        #expect(rig.running.map(\.share).sorted() == ["mine", "two"])
        rig.attachSucceeds("mine")
        rig.attachSucceeds("two")
        rig.offer(2, [virtiofs("two")])
        rig.probeSucceeds("mine")
        rig.detachSucceeds("mine")
        #expect(offered(rig) == ["one": "device", "two": "host"])
    }

    @Test("`attach` without names waits for the host's catalog, whatever devices show")
    func waitsForCatalog() {
        let rig = Rig()
        rig.deliver(news([tag("one")]))
        let request = rig.request(.sharesAttach, .object(["waitMs": 60_000]))
        #expect(rig.answers[request] == nil)
        rig.catalog = (1, [virtiofs("files")])
        rig.connect()
        rig.attachSucceeds("files")
        rig.probeSucceeds("files")
        guard case .success(let document)? = rig.answers[request] else { return #expect(Bool(false), "no answer") }
        #expect(document["shares"]?.elements?.compactMap { $0["name"]?.text } == ["files"])
    }

    @Test("tags that are no share's name, or cannot be used at all, get a name that is one and never another's")
    func strangeTags() {
        let rig = Rig()
        let strange: [[UInt8]] = [
            Array("a/b".utf8), Array("a:b".utf8), Array("..".utf8), Array("-x".utf8), Array("für alle".utf8),
            Array(String(repeating: "x", count: 36).utf8),
            Array("a,ro".utf8), [0xFF, 0xFE], Array("\u{1B}[31m".utf8), Array(String(repeating: "y", count: 300).utf8),
        ]
        rig.deliver(news(strange.map { .init(.virtiofs, tag: $0) }))
        let names = offered(rig)
        #expect(names.count == strange.count)
        for name in names.keys { #expect((try? ShareName(validating: name)) != nil, "\(name)") }
        #expect(rig.running.isEmpty)
        #expect(rig.core.statusDocument(rig.now)["shares"]?.elements?.contains { $0["cause"]?["code"]?.text == "share-invalid" } == true)
    }

    @Test("a share whose disk was taken away is told at once, is not asked any more, and is mounted anew when a disk comes")
    func diskGoes() {
        let rig = Rig()
        rig.catalog = (1, [.object(["name": "d", "source": .object(["type": "image", "serial": "S1"])])])
        rig.connect()
        rig.attachSucceeds("d")
        rig.probeSucceeds("d")
        rig.deliver(news(left: [.image], removed: ["/dev/other"]))
        rig.probeSucceeds("d")
        #expect(rig.health("d") == "ok")
        rig.deliver(news(left: [.image], removed: ["d"]))
        #expect(rig.health("d") == "unreachable" && rig.causeCode("d") == "connection-lost")
        rig.pass(300)
        rig.probeSucceeds("d")
        rig.pass(300)
        #expect(rig.running.isEmpty)
        rig.deliver(news(arrived: [.image]))
        rig.detachSucceeds("d")
        rig.attachSucceeds("d")
        rig.probeSucceeds("d")
        #expect(rig.health("d") == "ok" && rig.causeCode("d") == "")
    }

    @Test("a virtiofs share whose device was replaced is mounted anew, one that answers is left alone")
    func virtiofsReturns() {
        let rig = Rig()
        rig.catalog = (1, [virtiofs("a"), virtiofs("b")])
        rig.connect()
        for name in ["a", "b"] {
            rig.attachSucceeds(name)
            rig.probeSucceeds(name)
        }
        func probesAnswer() {
            rig.probeSucceeds("b")
            if let probe = rig.take("probe", "a") {
                rig.deliver(.workerEnded(probe.id, .failed(Cause(.hostServiceDead, "share 'a': not connected"))))
            }
        }
        rig.deliver(news(left: [.virtiofs]))
        probesAnswer()
        #expect(rig.health("a") == "unreachable" && rig.health("b") == "ok")
        rig.pass(120)
        probesAnswer()
        #expect(rig.take("detach", "a") == nil, "what is mounted tells programs of errors until there is something better")
        rig.deliver(news(arrived: [.virtiofs]))
        probesAnswer()
        #expect(rig.take("detach", "b") == nil)
        rig.detachSucceeds("a")
        rig.attachSucceeds("a")
        rig.probeSucceeds("a")
        #expect(rig.health("a") == "ok")
    }
}

extension Value {
    /// The same share with another tag.
    fileprivate func replacingSource(_ tag: String) -> Value {
        .object(["name": self["name"], "source": .object(["type": "virtiofs", "tag": .string(tag)])])
    }
}
