import LinuxSystem
import ShareModel
import ShareWire
import Testing

@testable import HostPeer

@Suite("What guests and programs may ask")
struct RequestTests {
    private static func fixture(secret: String = "pa,ss \"w\n") throws -> ServerFixture {
        let folder = try Folder()
        try folder.write(secret, to: "password", mode: 0o600)
        try folder.write("AQBkey==\n", to: "key", mode: 0o600)
        return try ServerFixture(
            """
            credentials:
              user: {username: alice, domain: CORP, passwordFile: $DIR/password}
              other: {username: bob, passwordFile: $DIR/password}
              ceph: {username: admin, keyFile: $DIR/key}
            shares:
              - {name: team, source: {type: smb, server: nas, share: team}, credential: user}
              - {name: secret, source: {type: smb, server: nas, share: secret}, credential: other}
              - {name: pool, source: {type: cephfs, monitors: "10.0.0.1:6789", path: /}, credential: ceph}
              - {name: plain, source: {type: tmpfs, sizeBytes: 1048576}}
            vms:
              - {name: vm1, listen: "$DIR/vm1.sock", shares: [team, plain, pool]}

            """, folder: folder)
    }

    private static func guest(_ fixture: ServerFixture) throws -> ScriptedGuest {
        let guest = ScriptedGuest(fixture)
        try guest.connect(to: fixture.folder.path + "/vm1.sock")
        try fixture.wait("a session") { guest.isConnected }
        return guest
    }

    @Test("a VM gets the credential of a share that it is offered, and the log does not")
    func credential() throws {
        let fixture = try Self.fixture()
        let guest = try Self.guest(fixture)
        let answer = try guest.ask(.credentialsGet, .object(["share": "team", "credential": "user"]), fixture).get()
        #expect(answer == .object(["kind": "password", "username": "alice", "domain": "CORP", "password": "pa,ss \"w"]))
        let key = try guest.ask(.credentialsGet, .object(["share": "pool", "credential": "ceph"]), fixture).get()
        #expect(key == .object(["kind": "key", "username": "admin", "key": "AQBkey=="]))
        let status = try fixture.control(.hostStatus, .object([])).get()
        let everything = fixture.log.joined(separator: "\n") + StrictJSON.prettyText(of: status) + fixture.server.metricsPage
        #expect(!everything.contains("pa,ss"))
        #expect(!everything.contains("AQBkey"))
        #expect(everything.contains("was given credential 'user' for share 'team'"))
    }

    @Test(
        "every other credential is refused with one and the same answer, so that nothing can be learnt from it",
        arguments: [("secret", "other"), ("team", "other"), ("plain", "user"), ("nothing", "user"), ("team", "nothing")])
    func refusedCredential(share: String, credential: String) throws {
        let fixture = try Self.fixture()
        let guest = try Self.guest(fixture)
        let params = Value.object(["share": .string(share), "credential": .string(credential)])
        guard case .failure(let error) = try guest.ask(.credentialsGet, params, fixture) else {
            Issue.record("'\(credential)' was given for '\(share)'")
            return
        }
        #expect(error.causeText == "credential-missing")
        #expect(error.message == "the host has no credential '\(credential)' for share '\(share)' of this VM")
        #expect(fixture.log.contains { $0.hasPrefix("vm1: asked for credential") })
    }

    @Test("a credential file that has become readable for others since is not read")
    func looseFile() throws {
        let fixture = try Self.fixture()
        let guest = try Self.guest(fixture)
        try fixture.folder.write("pa,ss", to: "password", mode: 0o644)
        guard case .failure(let error) = try guest.ask(.credentialsGet, .object(["share": "team", "credential": "user"]), fixture) else {
            Issue.record("it was read")
            return
        }
        #expect(error.causeText == "credential-missing")
        #expect(!error.message.contains(fixture.folder.path))
        #expect(fixture.log.contains { $0.contains("has mode 0644") })
    }

    @Test(
        "parameters that do not fit are told, and change nothing",
        arguments: [
            (GuestMethod.credentialsGet, "params.share: is missing"), (.healthReport, "params.agent: is missing"),
            (.shareEvent, "params.share: is missing"),
        ])
    func badParameters(method: GuestMethod, sentence: String) throws {
        let fixture = try Self.fixture()
        let guest = try Self.guest(fixture)
        guard case .failure(let error) = try guest.ask(method, .object([]), fixture) else {
            Issue.record("it was accepted")
            return
        }
        #expect(error.code == RPCError.invalidParams)
        #expect(error.message == sentence)
    }

    @Test("attach, detach, ping and diagnose go to the guest, and its answer comes back")
    func passedOn() throws {
        let fixture = try Self.fixture()
        let guest = try Self.guest(fixture)
        var seen: [Value] = []
        guest.respond = { method, params in
            seen.append(params)
            return .success(method == .agentPing ? .object([]) : Reports.share("team"))
        }
        #expect(try fixture.control(.attach, .object(["vm": "vm1", "share": "team"])).get()["name"] == "team")
        #expect(try fixture.control(.detach, .object(["vm": "vm1", "share": "team", "mode": "lazy"])).get()["state"] == "attached")
        #expect(try fixture.control(.ping, .object(["vm": "vm1"])).get() == .object([]))
        #expect(try fixture.control(.diagnose, .object(["vm": "vm1", "share": "team"])).get()["name"] == "team")
        #expect(guest.asked == [.shareAttach, .shareDetach, .agentPing, .shareDiagnose])
        #expect(seen.prefix(2) == [.object(["share": "team"]), .object(["share": "team", "mode": "lazy"])])
    }

    @Test("without an agent that answers, the cause says which end is missing")
    func notPassedOn() throws {
        let fixture = try Self.fixture()
        func cause(_ result: Result<Value, RPCError>) -> String? {
            if case .failure(let error) = result { error.causeText } else { nil }
        }
        let order = Value.object(["vm": "vm1", "share": "team"])
        #expect(try cause(fixture.control(.attach, order)) == "channel-absent")
        let raw = try UnixStream.connect(path: Array("\(fixture.folder.path)/vm1.sock".utf8))
        try fixture.wait("the open channel") { fixture.server.machines["vm1"]?.link.state == .waiting }
        #expect(try cause(fixture.control(.attach, order)) == "channel-silent")
        #expect(raw.rawValue >= 0)
    }

    @Test(
        "orders that make no sense are refused",
        arguments: [
            (HostControlMethod.attach, Value.object([]), "params.vm: is missing"),
            (.attach, .object(["vm": "vm1"]), "params.share: is missing"),
            (.attach, .object(["vm": "vm9", "share": "team"]), "there is no VM 'vm9'"),
            (.hostStatus, .object(["vm": "vm9"]), "there is no VM 'vm9'"),
            (.hostStatus, .object(["color": "red"]), "params.color: is not a known key"),
            (.detach, .object(["vm": "vm1", "share": "team", "mode": "brutal"]), "params.mode: 'brutal' is none of: normal, lazy"),
        ])
    func senseless(method: HostControlMethod, params: Value, sentence: String) throws {
        let fixture = try Self.fixture()
        guard case .failure(let error) = try fixture.control(method, params) else {
            Issue.record("it was accepted")
            return
        }
        #expect(error.message == sentence)
    }

    @Test(
        "whatever a guest says of itself and its shares, its status is told, and that of all VMs",
        arguments: ["deep", "hidden", "many", "long"])
    func hostileStatus(kind: String) throws {
        let fixture = try Self.fixture()
        let guest = ScriptedGuest(fixture, hostname: String(repeating: "\u{7F}", count: 20_000))
        try guest.connect(to: fixture.folder.path + "/vm1.sock")
        try fixture.wait("a session") { guest.isConnected }
        let shares: [Value]
        switch kind {
        case "deep":
            let burrow = (0..<12).reduce(Value.integer(1)) { held, _ in .array([held]) }
            shares = [Reports.share("a", more: [.init("burrow", burrow)])]
        case "hidden":
            shares = (0..<4).map { Reports.share("s\($0)", more: [.init("x", .string(String(repeating: "~", count: 60_000)))]) }
        case "many":
            shares = [Reports.share("a", more: [.init("x", .array(Array(repeating: 1, count: Limits.values - 200)))])]
        default:
            let name = String(repeating: "\"", count: MachineHealth.Limits.nameBytes - 4)
            shares = (0..<MachineHealth.Limits.shares).map { index in
                .object([
                    "name": .string(name + String(1_000 + index).suffix(4)), "state": "attaching", "health": "unreachable",
                    "type": .string(String(repeating: "\"", count: 60)), "cause": .object(["code": "security-module-denied"]),
                ])
            }
        }
        let params = Reports.report(shares)
        let request = Message.request(id: .number(7_777), method: "health.report", params: params, session: guest.sessions.last)
        // DEL is written as one byte by this guest, as six by everybody who lets no terminal act on it.
        let frame = request.frame.map { $0 == UInt8(ascii: "~") ? 0x7F : $0 }
        try #require(frame.count <= Limits.frameBytes + 1)
        guest.write(raw: frame)
        try fixture.wait("the report") { fixture.server.machines["vm1"]?.health.shares.count == shares.count }
        let status = try fixture.status(of: "vm1")
        #expect(status["shares"]?.elements?.count == shares.count)
        #expect(status["connected"] == true)
        #expect(status["guest"]?["hostname"]?.text?.utf8.count ?? 0 <= GuestGreeting.keptBytes)
        let overview = try fixture.control(.hostStatus, .object(["shares": false])).get()
        #expect(overview["vms"]?.elements?.first?["state"] == "connected")
    }

    @Test("the overview of VMs whose offers are large leaves those out rather than being refused")
    func largeOverview() throws {
        let folder = try Folder()
        let name = String(repeating: "n", count: 60)
        let shares = (0..<1_000).map { "  - {name: \($0)\(name), source: {type: tmpfs, sizeBytes: 4096}}\n" }
        let machines = (0..<20).map { "  - {name: vm\($0), channel: \"unix:/nowhere/\($0)\", shares: all}\n" }
        let fixture = try ServerFixture("shares:\n\(shares.joined())vms:\n\(machines.joined())", folder: folder)
        let overview = try fixture.control(.hostStatus, .object(["shares": false])).get()
        #expect(overview["vms"]?.elements?.count == 20)
        #expect(overview["vms"]?.elements?.first?["offered"] == nil)
        #expect(try fixture.status(of: "vm0")["offered"]?.elements?.count == 1_000)
    }

    @Test("a report that just fits into a frame is told all the same, without what is largest")
    func largeStatus() throws {
        let fixture = try Self.fixture()
        let guest = try Self.guest(fixture)
        func shares(_ bytes: Int) -> [Value] {
            let text = String(repeating: "x", count: bytes)
            return (0..<60).map { index in
                guard case .object(let members) = Reports.share("s\(index)") else { return .null }
                let options = Value.object(["requested": .object([]), "effective": .object(["o": .string(text)])])
                return .object(members.filter { $0.key != "options" } + [.init("options", options)])
            }
        }
        let cause = Cause(.ioError, String(repeating: "m", count: 4_000))
        for _ in 0..<MachineHealth.Limits.events {
            let event = Reports.event("s1", "2026-11-23T16:00:00Z", from: ("attached", "ok"), to: ("attached", "slow"), cause: cause)
            _ = try guest.ask(.shareEvent, event, fixture).get()
        }
        _ = try guest.ask(.healthReport, Reports.report(shares(10)), fixture).get()
        let whole = try fixture.status(of: "vm1")
        #expect(whole["events"]?.elements?.count == 64)
        _ = try guest.ask(.healthReport, Reports.report(shares(16_300)), fixture).get()
        let withoutEvents = try fixture.status(of: "vm1")
        #expect(withoutEvents["events"] == nil)
        #expect(withoutEvents["shares"]?.elements?.first?["options"] != nil)
        // The largest report that a guest can send.
        let empty = Message.request(
            id: .number(99), method: "health.report", params: Reports.report(shares(0)), session: String(repeating: "0", count: 32))
        let room = (Limits.frameBytes - empty.frame.count) / 60
        _ = try guest.ask(.healthReport, Reports.report(shares(room)), fixture).get()
        let withoutOptions = try fixture.status(of: "vm1")
        #expect(withoutOptions["shares"]?.elements?.count == 60)
        #expect(withoutOptions["shares"]?.elements?.first?["options"] == nil)
    }
}
