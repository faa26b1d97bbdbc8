import ShareModel
import ShareWire
import Synchronization
import Testing

@testable import Commands

/// The commands against a daemon on a socket.
@Suite("with a daemon") struct DaemonTests {
    private static func statuses(_ shares: [ShareStatus], complete: Bool = true) -> FakeDaemon.Answer {
        .result(.object(["shares": .array(shares.map(\.value)), "complete": .bool(complete)]))
    }

    @Test("status --json prints what the agent says, in one line and in its order") func statusJSON() throws {
        let scratch = try Scratch()
        let document = Samples.document([Samples.projects, Samples.team])
        let daemon = try FakeDaemon(at: scratch.socket) { _ in .result(document) }
        defer { daemon.stop() }
        let ran = scratch.run(["status", "--json"])
        #expect(ran.out == String(decoding: StrictJSON.bytes(of: document), as: UTF8.self) + "\n")
        #expect(ran.status == 0 && ran.errors.isEmpty)
        #expect(daemon.heard.map(\.method) == ["status.get"])
        #expect(daemon.heard.first?.params == .object([]))
    }

    @Test("status of a share that nobody offers is 1, of some that are 2") func unknown() throws {
        let scratch = try Scratch()
        var missing = Samples.plain("nope", .failed)
        missing.cause = Cause(.shareUnknown, "share 'nope' is not offered to this guest", remedy: ["shareagent list"])
        let answer = missing
        let daemon = try FakeDaemon(at: scratch.socket) { request in
            let names = request.params["shares"]?.elements?.compactMap(\.text) ?? []
            return .result(Samples.document(names.map { $0 == "nope" ? answer : Samples.plain($0) }))
        }
        defer { daemon.stop() }
        #expect(scratch.run(["status", "nope"]).status == 1)
        let both = scratch.run(["status", "nope", "there"])
        #expect(both.status == 2)
        #expect(both.out.contains("nope: failed (share-unknown)") && both.out.contains("there"))
        #expect(scratch.run(["status", "there"]).status == 0)
    }

    @Test("a status full of failures is still a status: exit 0") func statusOfFailures() throws {
        let scratch = try Scratch()
        let daemon = try FakeDaemon(at: scratch.socket) { _ in .result(Samples.document([Samples.team, Samples.etc, Samples.media])) }
        defer { daemon.stop() }
        #expect(scratch.run(["status"]).status == 0)
    }

    struct Attach: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let names: [String]
        let shares: [ShareStatus]
        let complete: Bool
        let status: Int32
    }

    @Test(
        "attach ends as its shares do",
        arguments: [
            Attach(testDescription: "all", names: [], shares: [Samples.projects, Samples.plain("a")], complete: true, status: 0),
            Attach(testDescription: "stalled is attached", names: ["media"], shares: [Samples.media], complete: true, status: 0),
            Attach(testDescription: "none", names: ["team"], shares: [Samples.team], complete: true, status: 1),
            Attach(testDescription: "part", names: [], shares: [Samples.projects, Samples.team], complete: true, status: 2),
            Attach(testDescription: "refused", names: ["etc"], shares: [Samples.etc], complete: true, status: 4),
            Attach(testDescription: "all but the refused", names: [], shares: [Samples.projects, Samples.etc], complete: true, status: 4),
            Attach(
                testDescription: "not in time", names: ["slow"], shares: [Samples.plain("slow", .attaching)], complete: false, status: 1),
        ])
    func attach(_ attach: Attach) throws {
        let scratch = try Scratch()
        let daemon = try FakeDaemon(at: scratch.socket) { request in
            request.method == "shares.offered"
                ? .result(.object(["revision": 1, "shares": .array([])])) : Self.statuses(attach.shares, complete: attach.complete)
        }
        defer { daemon.stop() }
        let ran = scratch.run(["attach", "--wait", "20s"] + attach.names)
        #expect(ran.status == attach.status)
        for share in attach.shares { #expect(ran.out.contains(share.name)) }
        let first = try #require(daemon.heard.first)
        #expect(first.method == "shares.attach")
        #expect(first.params["names"]?.elements?.compactMap(\.text) ?? [] == attach.names)
        let wait = try #require(first.params["waitMs"]?.number)
        #expect((19_000...20_000).contains(wait))
        if !attach.complete { #expect(ran.out.contains("was not attached within 20s")) }
    }

    @Test("a required share that fails makes `attach` without names fail; named, it is one of several") func required() throws {
        let scratch = try Scratch()
        let offered = try Share(
            .object(["name": "team", "required": true, "source": .object(["type": "smb", "server": "nas", "share": "team"])]), at: "")
        let daemon = try FakeDaemon(at: scratch.socket) { request in
            request.method == "shares.offered"
                ? .result(.object(["revision": 1, "shares": .array([.object(["share": offered.value, "offeredBy": "host"])])]))
                : Self.statuses([Samples.projects, Samples.team])
        }
        defer { daemon.stop() }
        #expect(scratch.run(["attach"]).status == 1)
        #expect(scratch.run(["attach", "projects", "team"]).status == 2)
    }

    @Test("nothing offered over a connected channel is all of it; without a host it is 3 and says why") func nothing() throws {
        let scratch = try Scratch()
        let daemon = try FakeDaemon(at: scratch.socket) { _ in Self.statuses([]) }
        let ran = scratch.run(["attach"])
        daemon.stop()
        #expect(ran.status == 0 && ran.out == "nothing is offered\n")

        let silent = Cause(
            .channelSilent, "the host did not answer in time over /dev/x", evidence: ["connected, then nothing"],
            remedy: ["start sharehost"])
        let mute = try FakeDaemon(at: scratch.socket) { _ in .failure(RPCError(silent)) }
        defer { mute.stop() }
        let failed = scratch.run(["attach", "--json"])
        #expect(failed.status == 3)
        #expect(
            failed.errors == """
                shareagent: the host did not answer in time over /dev/x
                  why:    connected, then nothing
                  remedy: start sharehost

                """)
        let printed = try StrictJSON.parse(Array(failed.out.utf8))
        #expect(printed["cause"]?["code"]?.text == "channel-silent")
    }

    @Test("a name that a host not reached would have to know is 3; with a host it is 1") func unknownWithoutHost() throws {
        let scratch = try Scratch()
        var missing = Samples.plain("nope", .failed)
        missing.cause = Cause(.shareUnknown, "share 'nope' is not offered to this guest")
        let answer = missing
        let waiting = ChannelStatus(path: "/dev/x", state: .waiting, since: Samples.now)
        let connected = Mutex(false)
        let daemon = try FakeDaemon(at: scratch.socket) { request in
            request.method == "status.get"
                ? .result(Samples.document([], channel: connected.withLock { $0 } ? Samples.connected : waiting)) : Self.statuses([answer])
        }
        defer { daemon.stop() }
        let without = scratch.run(["attach", "nope"])
        #expect(without.status == 3 && without.errors.contains("nobody answers"))
        connected.withLock { $0 = true }
        let with = scratch.run(["attach", "nope"])
        #expect(with.status == 1 && with.out.contains("share-unknown"))
    }

    @Test("a shell completes the names that the agent knows, and no text that is no name") func completion() throws {
        let scratch = try Scratch()
        #expect(NameCompletion.names(at: scratch.socket, beginning: "").isEmpty)
        let shares = [Samples.projects, Samples.plain("prints"), Samples.plain("p; rm"), Samples.media]
        let daemon = try FakeDaemon(at: scratch.socket) { _ in .result(Samples.document(shares)) }
        defer { daemon.stop() }
        #expect(NameCompletion.names(at: scratch.socket, beginning: "pr") == ["projects", "prints"])
        #expect(NameCompletion.names(at: scratch.socket, beginning: "") == ["projects", "prints", "media"])
    }

    @Test("whoever may not change anything is told who may") func permission() throws {
        let scratch = try Scratch()
        let cause = Cause(.permissionDenied, "only root and members of the group shareagent may do this", remedy: ["sudo shareagent …"])
        let daemon = try FakeDaemon(at: scratch.socket) { _ in .failure(RPCError(cause, code: RPCError.notPermitted)) }
        defer { daemon.stop() }
        let ran = scratch.run(["detach", "--all"])
        #expect(ran.status == 1 && ran.errors.contains("group shareagent"))
    }

    @Test("detach names what it asks for, and a share in use is not done") func detach() throws {
        let scratch = try Scratch()
        var busy = Samples.projects
        busy.cause = Cause(
            .targetBusy, "share 'projects': /mnt/projects is in use", remedy: ["shareagent detach --lazy projects"], errno: "EBUSY")
        let answer = busy
        let daemon = try FakeDaemon(at: scratch.socket) { _ in Self.statuses([answer, Samples.plain("a", .detached)]) }
        defer { daemon.stop() }
        let ran = scratch.run(["detach", "projects", "a"])
        #expect(ran.status == 2 && ran.out.contains("projects: attached (target-busy)"))
        #expect(daemon.heard.first?.params["mode"]?.text == "normal")
        _ = scratch.run(["detach", "--lazy", "--all"])
        #expect(daemon.heard.last?.params["mode"]?.text == "lazy" && daemon.heard.last?.params["all"]?.truth == true)
        #expect(daemon.heard.last?.params["names"] == nil)
    }

    @Test("an empty list of a host that was never heard is no list") func silentHost() throws {
        let scratch = try Scratch()
        let channel = ChannelStatus(path: "/dev/x", state: .waiting, since: Samples.now).value
        let daemon = try FakeDaemon(at: scratch.socket) { _ in
            .result(.object(["revision": 0, "shares": .array([]), "channel": channel]))
        }
        defer { daemon.stop() }
        let ran = scratch.run(["list"])
        #expect(ran.status == 3 && ran.out.isEmpty && ran.errors.contains("cannot reach the host"))
    }

    @Test("list shows what is offered and what would become of it") func list() throws {
        let scratch = try Scratch()
        let share = try Share(
            .object([
                "name": "projects", "required": true, "access": "ro", "target": "/mnt/projects",
                "source": .object(["type": "nfs", "server": "10.77.0.1", "export": "/projects"]),
            ]), at: "")
        let document = Value.object([
            "revision": 7,
            "shares": .array([
                .object(["share": share.value, "offeredBy": "host", "state": "attached", "target": "/mnt/projects"]),
                .object([
                    "share": .object(["name": "broken\u{1B}[1m"]), "offeredBy": "host",
                    "cause": Cause(.shareInvalid, "share 'broken': source: is missing", remedy: ["sharehost check"]).value,
                ]),
            ]),
        ])
        let daemon = try FakeDaemon(at: scratch.socket) { _ in .result(document) }
        defer { daemon.stop() }
        let ran = scratch.run(["list"])
        #expect(ran.status == 0)
        #expect(
            ran.out == """
                NAME             TYPE  SOURCE               TARGET         ACCESS  ATTACH  REQUIRED  OFFERED BY
                projects         nfs   10.77.0.1:/projects  /mnt/projects  ro      auto    yes       host
                broken\\u{1b}[1m  -     -                    -              -       -       -         host

                broken\\u{1b}[1m: would be refused (share-invalid)
                  what    share 'broken': source: is missing
                  remedy  sharehost check

                """)
        #expect(scratch.run(["list", "--json"]).out == String(decoding: StrictJSON.bytes(of: document), as: UTF8.self) + "\n")
    }

    @Test(
        "an answer that is none is told as such, at once",
        arguments: [
            "no json\n", "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"shares\":[{\"name\":7}]}}\n",
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":7}\n",
        ])
    func garbage(_ text: String) throws {
        let scratch = try Scratch()
        let daemon = try FakeDaemon(at: scratch.socket) { _ in .raw(Array(text.utf8)) }
        defer { daemon.stop() }
        let ran = scratch.run(["status"])
        #expect(ran.status == 3 || ran.status == 70)
        #expect(ran.errors.split(separator: "\n").count == 3 && ran.out.isEmpty)
    }

    @Test("an answer larger than a socket takes at once is read to its end") func fast() throws {
        let scratch = try Scratch()
        let document = Samples.document((0..<300).map { Samples.plain("share-\($0)") })
        let daemon = try FakeDaemon(at: scratch.socket) { _ in .result(document) }
        defer { daemon.stop() }
        #expect(scratch.run(["status"]).out.split(separator: "\n").count == 302)
    }
}
