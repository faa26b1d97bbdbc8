import ShareModel
import ShareWire
import Testing

@testable import HostPeer

@Suite("Configurations that change")
struct ReloadTests {
    private static func text(_ shares: [String], vm2: String = "[a]") -> String {
        """
        host: {name: node7}
        shares: [\(shares.map { "{name: \($0), source: {type: tmpfs, sizeBytes: 1048576}}" }.joined(separator: ", "))]
        vms:
          - {name: vm1, listen: "$DIR/vm1.sock", shares: all}
          - {name: vm2, listen: "$DIR/vm2.sock", shares: \(vm2)}

        """
    }

    @Test("a changed file is noticed; whose shares changed is told, with a higher revision, and nobody else")
    func noticed() throws {
        let fixture = try ServerFixture(Self.text(["a"]))
        let (first, second) = (ScriptedGuest(fixture), ScriptedGuest(fixture))
        try first.connect(to: fixture.folder.path + "/vm1.sock")
        try second.connect(to: fixture.folder.path + "/vm2.sock")
        try fixture.wait("sessions") { first.isConnected && second.isConnected }
        let before = try #require(try first.ask(.sharesList, .object([]), fixture).get()["revision"]?.number)
        let untouched = try #require(try second.ask(.sharesList, .object([]), fixture).get()["revision"]?.number)
        let configuration = fixture.server.configurationRevision

        try fixture.configure(Self.text(["a", "b"]))
        try fixture.wait("the word of it") { !first.changes.isEmpty }
        let list = try first.ask(.sharesList, .object([]), fixture).get()
        #expect(list["revision"]?.number ?? 0 > before)
        #expect(first.changes == [try #require(list["revision"]?.number)])
        #expect(list["shares"]?.elements?.count == 2)
        #expect(try second.ask(.sharesList, .object([]), fixture).get()["revision"]?.number == untouched)
        #expect(second.changes.isEmpty)
        #expect(fixture.server.configurationRevision > configuration)
        #expect(first.sessions.count == 1)
    }

    @Test("a file with a mistake changes nothing, is told loudly, and forgotten when it is mended")
    func mistake() throws {
        let fixture = try ServerFixture(Self.text(["a"]))
        let guest = ScriptedGuest(fixture)
        try guest.connect(to: fixture.folder.path + "/vm1.sock")
        try fixture.wait("a session") { guest.isConnected }
        try fixture.configure(Self.text(["a", "b"]).replacing("host:", "hots:"))
        try fixture.wait("the mistake") { fixture.server.configurationError != nil }
        let path = fixture.folder.path + "/sharehost.yaml"
        let sentence = "\(path):1: hots: is not a known key; there are: host, reportInterval, metrics, credentials, shares, vms"
        #expect(fixture.server.configurationError == sentence)
        #expect(fixture.log.contains(sentence))
        #expect(try fixture.control(.hostStatus, .object([])).get()["configuration"]?["error"]?.text == sentence)
        #expect(fixture.server.summary.contains("not in force"))
        #expect(try guest.ask(.sharesList, .object([]), fixture).get()["shares"]?.elements?.count == 1)
        #expect(guest.changes.isEmpty)

        try fixture.configure(Self.text(["a", "b"]))
        try fixture.wait("the mended file") { !guest.changes.isEmpty }
        #expect(fixture.server.configurationError == nil)
    }

    @Test("a file that is away for a moment is waited for")
    func away() throws {
        let fixture = try ServerFixture(Self.text(["a"]))
        try fixture.folder.remove("sharehost.yaml")
        try fixture.idle(.milliseconds(100))
        #expect(fixture.server.configurationError == nil)
        try fixture.configure(Self.text(["a", "b"]))
        try fixture.wait("the new file") { fixture.server.machines["vm1"]?.offer.shares.count == 2 }
    }

    @Test("a VM that is moved keeps what it told and its revision; one that is taken out is closed; a new one is served")
    func machines() throws {
        let fixture = try ServerFixture(Self.text(["a"]))
        let guest = ScriptedGuest(fixture)
        try guest.connect(to: fixture.folder.path + "/vm1.sock")
        try fixture.wait("a session") { guest.isConnected }
        _ = try guest.ask(.healthReport, Reports.report([Reports.share("a")]), fixture).get()
        let revision = fixture.server.machines["vm1"]?.offer.revision
        try fixture.configure(
            Self.text(["a"]).replacing("vm1.sock", "moved.sock").replacing("name: vm2", "name: vm3").replacing("vm2.sock", "vm3.sock"))
        try fixture.wait("the new VM") { fixture.server.machines["vm3"] != nil }
        #expect(fixture.server.machines["vm2"] == nil)
        try fixture.wait("the old channel's end") { !guest.isConnected }
        #expect(try fixture.status(of: "vm1")["shares"]?.elements?.count == 1)
        #expect(fixture.server.machines["vm1"]?.offer.revision == revision)
        try guest.connect(to: fixture.folder.path + "/moved.sock")
        try fixture.wait("a session at the new place") { guest.isConnected }
        #expect(DirectoryListing.isSocket(fixture.folder.path + "/vm1.sock") == false)
    }

    @Test("another report interval is told at once, by a new session")
    func greeting() throws {
        let fixture = try ServerFixture(Self.text(["a"]))
        let guest = ScriptedGuest(fixture)
        try guest.connect(to: fixture.folder.path + "/vm1.sock")
        try fixture.wait("a session") { guest.isConnected }
        #expect(guest.host?.reportIntervalMs == 10_000)
        try fixture.configure("reportInterval: 3s\n" + Self.text(["a"]))
        try fixture.wait("another session") { guest.isConnected && guest.host?.reportIntervalMs == 3_000 }
    }

    @Test("a guest that knows a higher revision gets one above it: the clock went back while sharehost was away")
    func clockWentBack() throws {
        let fixture = try ServerFixture(Self.text(["a"]))
        let guest = ScriptedGuest(fixture)
        try guest.connect(to: fixture.folder.path + "/vm1.sock")
        try fixture.wait("a session") { guest.isConnected }
        let known = Int64(4_000_000_000_000)
        _ = try guest.ask(.healthReport, Reports.report([Reports.share("a", revision: known)]), fixture).get()
        try fixture.wait("the word of it") { guest.changes == [known + 1] }
        _ = try guest.ask(.healthReport, Reports.report([Reports.share("a", revision: known + 1)]), fixture).get()
        _ = try guest.ask(.healthReport, Reports.report([Reports.share("a", revision: 1 << 52)]), fixture).get()
        #expect(guest.changes == [known + 1])

        try fixture.configure(Self.text(["a", "b"]))
        try fixture.wait("a list above it") { guest.changes == [known + 1, known + 2] }
    }

    @Test("a guest that says it knows a revision no host can have made is logged once, and holds up no other VM")
    func absurdRevision() throws {
        let fixture = try ServerFixture(Self.text(["a"]))
        let (bad, good) = (ScriptedGuest(fixture), ScriptedGuest(fixture))
        try bad.connect(to: fixture.folder.path + "/vm1.sock")
        try good.connect(to: fixture.folder.path + "/vm2.sock")
        try fixture.wait("sessions") { bad.isConnected && good.isConnected }
        for _ in 0..<3 {
            let shares = [Reports.share("a", revision: 1 << 52), Reports.share("b", revision: 1)]
            _ = try bad.ask(.healthReport, Reports.report(shares), fixture).get()
        }
        #expect(fixture.log.count { $0.contains("says that it knows revision \(Int64(1) << 52)") } == 1)
        #expect(bad.changes.isEmpty)

        try fixture.configure(Self.text(["a", "b"], vm2: "[a, b]"))
        try fixture.wait("the word of it") { !good.changes.isEmpty && !bad.changes.isEmpty }
        let now = fixture.surroundings.wallTime.milliseconds
        for revision in good.changes + bad.changes { #expect((now - 600_000...now + 1_000).contains(revision)) }
    }

    @Test("a guest whose catalog is empty cannot tell what it knows: its offer leaps ahead until it has its shares")
    func emptyCatalog() throws {
        let fixture = try ServerFixture(Self.text(["a"])) { $0.obeyMs = 0 }
        let (guest, other) = (ScriptedGuest(fixture), ScriptedGuest(fixture))
        try guest.connect(to: fixture.folder.path + "/vm1.sock")
        try other.connect(to: fixture.folder.path + "/vm2.sock")
        try fixture.wait("sessions") { guest.isConnected && other.isConnected }
        // Whoever has not asked for the list cannot have its shares.
        _ = try guest.ask(.healthReport, Reports.report([]), fixture).get()
        #expect(guest.changes.isEmpty)

        let known = fixture.surroundings.wallTime.milliseconds + 5 * Revisions.firstLeapMs
        var offered: Int64 = 0
        try fixture.wait("a list above what it knows") {
            offered = try guest.ask(.sharesList, .object([]), fixture).get()["revision"]?.number ?? 0
            let shares = offered > known ? [Reports.share("a", revision: offered)] : []
            _ = try guest.ask(.healthReport, Reports.report(shares), fixture).get()
            return !shares.isEmpty
        }
        #expect(guest.changes.count == 4)
        _ = try guest.ask(.healthReport, Reports.report([Reports.share("a", revision: offered)]), fixture).get()
        #expect(guest.changes.count == 4)
        #expect(other.changes.isEmpty)
    }

    @Test("a guest that was given its list a moment ago is left time to have its shares")
    func leftTime() throws {
        let fixture = try ServerFixture(Self.text(["a"]))
        let guest = ScriptedGuest(fixture)
        try guest.connect(to: fixture.folder.path + "/vm1.sock")
        try fixture.wait("a session") { guest.isConnected }
        _ = try guest.ask(.sharesList, .object([]), fixture).get()
        _ = try guest.ask(.healthReport, Reports.report([]), fixture).get()
        #expect(guest.changes.isEmpty)
    }

    @Test("a guest that has none of its shares whatever the revision is logged once, and offered the last one for good")
    func deafGuest() throws {
        let fixture = try ServerFixture(Self.text(["a"])) { $0.obeyMs = 0 }
        let guest = ScriptedGuest(fixture)
        try guest.connect(to: fixture.folder.path + "/vm1.sock")
        try fixture.wait("a session") { guest.isConnected }
        for _ in 0..<20 {
            _ = try guest.ask(.sharesList, .object([]), fixture).get()
            _ = try guest.ask(.healthReport, Reports.report([]), fixture).get()
        }
        #expect(guest.changes.count == 16)
        #expect(fixture.log.count { $0.contains("still has none of the shares") } == 1)
    }
}
