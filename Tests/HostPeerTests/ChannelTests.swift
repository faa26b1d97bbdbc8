import LinuxSystem
import ShareModel
import ShareWire
import Testing

@testable import HostPeer

@Suite("Channels")
struct ChannelTests {
    private static let both = """
        host: {name: node7, id: n7}
        reportInterval: 7s
        shares:
          - {name: projects, source: {type: nfs, server: 10.77.0.1, export: /projects}}
          - {name: build, source: {type: tmpfs, sizeBytes: 1048576}}
        vms:
          - {name: vm1, channel: "unix:$DIR/vm1.sock", shares: [build]}
          - {name: vm2, listen: "$DIR/vm2.sock", shares: all}

        """

    @Test("sharehost connects to a socket that comes late, and the guest gets its greeting and its shares")
    func connecting() throws {
        let fixture = try ServerFixture(Self.both)
        try fixture.wait("a failed attempt") { fixture.log.contains { $0.contains("ENOENT") } }
        let guest = ScriptedGuest(fixture)
        try guest.listen(at: fixture.folder.path + "/vm1.sock")
        try fixture.wait("a session") { guest.isConnected }
        #expect(guest.host == HostGreeting(name: "node7", id: "n7", reportIntervalMs: 7_000))
        let list = try guest.ask(.sharesList, .object([]), fixture).get()
        #expect(list["complete"] == true)
        #expect(list["revision"]?.number ?? 0 > 1_700_000_000_000)
        #expect(list["shares"]?.elements?.compactMap { $0["name"]?.text } == ["build"])
        let status = try fixture.status(of: "vm1")
        #expect(status["connected"] == true)
        #expect(status["state"] == "connected")
        #expect(status["guest"]?["hostname"] == "debian")
        guest.stop()
    }

    @Test("a guest connects to where sharehost listens, and its reports and events are told")
    func listening() throws {
        let fixture = try ServerFixture(Self.both)
        let guest = ScriptedGuest(fixture)
        try guest.connect(to: fixture.folder.path + "/vm2.sock")
        try fixture.wait("a session") { guest.isConnected }
        #expect(try guest.ask(.sharesList, .object([]), fixture).get()["shares"]?.elements?.count == 2)
        #expect(try guest.ask(.healthReport, Reports.report([Reports.share("projects")]), fixture).get() == .object([]))
        let event = Reports.event("projects", "2026-11-23T16:00:00Z", from: ("attached", "ok"), to: ("attached", "stalled"))
        #expect(try guest.ask(.shareEvent, event, fixture).get() == .object([]))
        let status = try fixture.status(of: "vm2")
        #expect(status["shares"]?.elements?.first?["health"] == "stalled")
        #expect(status["agent"]?["version"] == "0.1.0")
        #expect(status["events"]?.elements?.count == 1)
        #expect(status["lastReportAt"]?.text != nil)
        #expect(fixture.log.contains { $0 == "vm2: share 'projects': attached (ok) -> attached (stalled)" })
    }

    @Test("a guest that goes and comes back gets a new session; what it told stays")
    func returning() throws {
        let fixture = try ServerFixture(Self.both)
        let guest = ScriptedGuest(fixture)
        try guest.listen(at: fixture.folder.path + "/vm1.sock")
        for round in 1...3 {
            try fixture.wait("session \(round)") { guest.isConnected && guest.sessions.count == round }
            _ = try guest.ask(.healthReport, Reports.report([Reports.share("s\(round)")]), fixture).get()
            guest.disconnect()
            try fixture.wait("the end of session \(round)") { try fixture.status(of: "vm1")["connected"] == false }
            #expect(try fixture.status(of: "vm1")["shares"]?.elements?.first?["name"]?.text == "s\(round)")
        }
        #expect(Set(guest.sessions).count == 3)
        guest.stop()
    }

    @Test("a second connection takes the place of the first, which QEMU may have left behind")
    func replacing() throws {
        let fixture = try ServerFixture(Self.both)
        let (first, second) = (ScriptedGuest(fixture, hostname: "first"), ScriptedGuest(fixture, hostname: "second"))
        try first.connect(to: fixture.folder.path + "/vm2.sock")
        try fixture.wait("the first session") { first.isConnected }
        try second.connect(to: fixture.folder.path + "/vm2.sock")
        try fixture.wait("the second session") { second.isConnected && !first.isConnected }
        #expect(try fixture.status(of: "vm2")["guest"]?["hostname"] == "second")
    }

    @Test("each socket that matches a pattern is a VM, new ones too, and gone ones no more")
    func pattern() throws {
        let folder = try Folder()
        let target = try folder.directory("target")
        try folder.directory("target/domain-1-web")
        let fixture = try ServerFixture(
            """
            shares: [{name: build, source: {type: tmpfs, sizeBytes: 1048576}}]
            vms: [{pattern: "$DIR/target/*/org.shareagent.0", shares: all}]

            """, folder: folder)
        #expect(fixture.server.machines.isEmpty)
        let web = ScriptedGuest(fixture)
        try web.listen(at: target + "/domain-1-web/org.shareagent.0")
        try fixture.wait("the first VM") { web.isConnected }
        try folder.directory("target/domain-2-db")
        let database = ScriptedGuest(fixture)
        try database.listen(at: target + "/domain-2-db/org.shareagent.0")
        try fixture.wait("the second VM") { database.isConnected }
        #expect(fixture.server.sortedMachines.map(\.name) == ["db", "web"])
        web.stop()
        try fixture.wait("the first VM's end") { fixture.server.machines.keys.sorted() == ["db"] }
        database.stop()
    }

    @Test("garbage from a guest ends nothing, is counted, and disturbs no other guest")
    func garbage() throws {
        let seed = UInt64.random(in: .min ... .max)
        var random = Generator(state: seed)
        let fixture = try ServerFixture(Self.both)
        let (bad, good) = (ScriptedGuest(fixture), ScriptedGuest(fixture))
        try bad.listen(at: fixture.folder.path + "/vm1.sock")
        try good.connect(to: fixture.folder.path + "/vm2.sock")
        try fixture.wait("both sessions") { bad.isConnected && good.isConnected }
        for _ in 0..<200 {
            let count = Int.random(in: 1...2_000, using: &random)
            bad.write(raw: (0..<count).map { _ in UInt8.random(in: 0...254, using: &random) } + [0x0A])
        }
        bad.write(raw: [0x0A])
        try fixture.wait("counted frames (seed \(seed))") { fixture.server.machines["vm1"]?.session.counters.badFrames ?? 0 >= 200 }
        #expect(try good.ask(.sharesList, .object([]), fixture).get()["complete"] == true)
        #expect(try bad.ask(.sharesList, .object([]), fixture).get()["complete"] == true, "seed \(seed)")
        bad.stop()
    }

    @Test("a guest that never reads is cut off at the limit, and connected to again")
    func neverReading() throws {
        let fixture = try ServerFixture(Self.both) { $0.channelQueueBytes = 64 << 10 }
        let guest = ScriptedGuest(fixture)
        try guest.listen(at: fixture.folder.path + "/vm1.sock")
        try fixture.wait("a session") { guest.isConnected }
        guest.read(false)
        let nonce = guest.sessions.last ?? ""
        var sent = 0
        try fixture.wait("the cut") {
            sent += 1
            let frame = Message.request(id: .number(Int64(1_000_000 + sent)), method: "shares.list", params: .object([]), session: nonce)
                .frame
            guest.write(raw: frame)
            return fixture.log.contains { $0.contains("the guest does not read") }
        }
        guest.disconnect()
        try fixture.wait("a new session") { guest.sessions.count == 2 && guest.isConnected }
        guest.stop()
    }

    @Test("a guest that floods is left unread for a while, and another one is answered meanwhile")
    func flooding() throws {
        let fixture = try ServerFixture(Self.both)
        let (bad, good) = (ScriptedGuest(fixture), ScriptedGuest(fixture))
        try bad.listen(at: fixture.folder.path + "/vm1.sock")
        try good.connect(to: fixture.folder.path + "/vm2.sock")
        try fixture.wait("both sessions") { bad.isConnected && good.isConnected }
        // Each of these lines costs a frame: together far more than a burst.
        bad.write(raw: Array(repeating: Array("{}\n".utf8), count: 10_000).flatMap(\.self))
        try fixture.wait("the pause") { fixture.log.contains { $0 == "vm1: sends more than it may, and has to wait" } }
        let accepted = fixture.server.machines["vm1"]?.session.counters.badFrames
        #expect(try good.ask(.sharesList, .object([]), fixture).get()["complete"] == true)
        #expect(fixture.server.machines["vm1"]?.session.counters.badFrames == accepted)
        bad.stop()
    }

    @Test("a guest that is silent is asked, and one that does not answer has no session any more")
    func silence() throws {
        let fixture = try ServerFixture(Self.both.replacing("7s", "1s")) { $0.silenceMs = 100 }
        let guest = ScriptedGuest(fixture)
        guest.respond = { method, _ in method == .agentPing ? nil : .success(.object([])) }
        try guest.listen(at: fixture.folder.path + "/vm1.sock")
        try fixture.wait("a session") { guest.isConnected }
        try fixture.wait("the question") { guest.asked.contains(.agentPing) }
        try fixture.wait("a new session") { guest.sessions.count == 2 }
        #expect(fixture.log.contains { $0 == "vm1: the agent does not answer any more" })
        guest.stop()
    }
}

extension String {
    func replacing(_ old: String, _ new: String) -> String {
        split(separator: old, omittingEmptySubsequences: false).joined(separator: new)
    }
}
