import Glibc
import ShareModel
import ShareWire
import Testing

@testable import HostPeer

@Suite("Credentials that are given another secret")
struct RotationTests {
    private static func text(user: String = "ann") -> String {
        """
        host: {name: node7}
        credentials:
          c: {username: \(user), passwordFile: "$DIR/c.password"}
          d: {username: bob, passwordFile: "$DIR/d.password"}
        shares:
          - {name: a, source: {type: smb, server: nas, share: a}, credential: c}
          - {name: b, source: {type: smb, server: nas, share: b}, credential: d}
        vms:
          - {name: vm1, listen: "$DIR/vm1.sock", shares: [a]}
          - {name: vm2, listen: "$DIR/vm2.sock", shares: [b]}

        """
    }

    private func secret(_ text: String, _ name: String, in folder: Folder) throws {
        try folder.write(text, to: name)
        #expect(chmod(folder.path + "/" + name, 0o600) == 0)
    }

    @Test("a guest whose share uses a credential is told when its file changes, with a higher revision; others are not, and nobody logs it")
    func file() throws {
        let folder = try Folder()
        try secret("old-canary", "c.password", in: folder)
        try secret("old-canary", "d.password", in: folder)
        let fixture = try ServerFixture(Self.text(), folder: folder)
        let (first, second) = (ScriptedGuest(fixture), ScriptedGuest(fixture))
        try first.connect(to: folder.path + "/vm1.sock")
        try second.connect(to: folder.path + "/vm2.sock")
        try fixture.wait("sessions") { first.isConnected && second.isConnected }
        let before = try #require(try first.ask(.sharesList, .object([]), fixture).get()["revision"]?.number)
        try secret("new-canary", "c.password", in: folder)
        try fixture.wait("the word of it") { !first.changes.isEmpty }
        let list = try first.ask(.sharesList, .object([]), fixture).get()
        #expect(list["revision"]?.number ?? 0 > before)
        #expect(first.changedCredentials == [["c"]])
        #expect(second.changes.isEmpty)
        let answer = try first.ask(.credentialsGet, .object(["share": "a", "credential": "c"]), fixture).get()
        #expect(answer["password"]?.text == "new-canary")
        #expect(!fixture.log.contains { $0.contains("canary") })
    }

    @Test("another user of the same file is another credential")
    func entry() throws {
        let folder = try Folder()
        try secret("x", "c.password", in: folder)
        try secret("x", "d.password", in: folder)
        let fixture = try ServerFixture(Self.text(), folder: folder)
        let guest = ScriptedGuest(fixture)
        try guest.connect(to: folder.path + "/vm1.sock")
        try fixture.wait("a session") { guest.isConnected }
        try fixture.configure(Self.text(user: "carl"))
        try fixture.wait("the word of it") { guest.changedCredentials == [["c"]] }
    }
}
