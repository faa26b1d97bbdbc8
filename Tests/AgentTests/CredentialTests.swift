import Agent
import Reconciler
import ShareModel
import ShareWire
import Testing

@Suite struct CredentialTests {
    private func smb(_ name: String, credential: String = "c", server: String = "nas") -> Value {
        .object([
            "name": .string(name), "source": .object(["type": "smb", "server": .string(server), "share": .string(name)]),
            "credential": .string(credential),
        ])
    }

    private func password(_ text: String, user: String = "alice") -> Value {
        .object(["kind": "password", "username": .string(user), "password": .string(text)])
    }

    private func rotate(_ rig: Rig, _ credential: Value) {
        rig.credentials["c"] = credential
        rig.catalog?.revision += 1
        rig.tellChange(credentials: ["c"])
    }

    @Test("a server that refuses an attached share's password makes the agent ask the host once, not at every probe")
    func refusedLater() {
        let rig = Rig()
        rig.credentials["c"] = password("right")
        rig.catalog = (1, [smb("s1")])
        rig.connect()
        _ = rig.attachSucceeds("s1")
        rig.probeSucceeds("s1")
        let before = rig.asked.count { $0 == .credentialsGet }
        for _ in 0..<5 {
            rig.pass(60)
            guard let probe = rig.take("probe", "s1") else { continue }
            #expect(!rig.core.changesMounts(probe.id), "a probe's end is no reason to read the mount table")
            rig.deliver(.workerEnded(probe.id, .failed(Cause(.credentialRejected, "refused", errno: "EHOSTDOWN"))))
        }
        #expect(rig.causeCode("s1") == "credential-rejected" && rig.state("s1") == "attached")
        #expect(rig.asked.count { $0 == .credentialsGet } == before + 1)
    }

    @Test("several shares of one server with one wrong password make one attempt")
    func oneAttempt() {
        let rig = Rig()
        rig.credentials["c"] = password("wrong")
        rig.catalog = (1, (1...5).map { smb("s\($0)") })
        rig.connect()
        var attempts = 0
        for _ in 0..<20 {
            for name in (1...5).map({ "s\($0)" }) where rig.running.contains(where: { $0.kind == "attach" && $0.share == name }) {
                attempts += 1
                rig.attachFails(name, .credentialRejected)
            }
            rig.pass(60)
        }
        #expect(attempts == 1)
        for name in (1...5).map({ "s\($0)" }) { #expect(rig.state(name) == "failed" && rig.causeCode(name) == "credential-rejected") }
    }

    @Test("another password is tried at once, and when it is right by all shares; the same one is not, whoever asks for all shares")
    func anotherPassword() {
        let rig = Rig()
        rig.credentials["c"] = password("wrong")
        rig.catalog = (1, [smb("a"), smb("b")])
        rig.connect()
        rig.attachFails("a", .credentialRejected)
        rotate(rig, password("wrong"))
        _ = rig.request(.sharesAttach, .object(["waitMs": 0]))
        rig.disconnect()
        rig.connect()
        #expect(rig.running.isEmpty)
        rotate(rig, password("right"))
        #expect(rig.running.count(where: { $0.kind == "attach" }) == 1, "the other one waits for what comes of it")
        rig.attachSucceeds(rig.running[0].share)
        #expect(rig.running.contains { $0.kind == "attach" })
        rig.attachSucceeds("a")
        rig.attachSucceeds("b")
        #expect(rig.state("a") == "attached" && rig.state("b") == "attached")
    }

    @Test("another user, domain or server is another credential")
    func others() {
        let rig = Rig()
        rig.credentials = ["c": password("wrong"), "d": password("wrong", user: "bob")]
        rig.catalog = (1, [smb("a"), smb("b", credential: "d"), smb("e", server: "other")])
        rig.connect()
        for name in ["a", "b", "e"] { rig.attachFails(name, .credentialRejected) }
        #expect(["a", "b", "e"].allSatisfy { rig.state($0) == "failed" })
        #expect(rig.asked.count(where: { $0 == .credentialsGet }) == 3)
    }

    @Test("what one share makes of a credential, with a user, domain or port of its own, is no word about another's")
    func ownUser() {
        let rig = Rig()
        rig.credentials["k"] = .object(["kind": "key", "username": "one", "key": "AQ=="])
        rig.credentials["c"] = password("right")
        let sources: [(String, Value)] = [
            ("a-stranger", .object(["type": "cephfs", "monitors": .array(["mon"]), "user": "nobody"])),
            ("b", .object(["type": "cephfs", "monitors": .array(["mon"])])),
            ("c-domain", .object(["type": "smb", "server": "nas", "share": "x", "domain": "OTHER"])),
            ("d-port", .object(["type": "smb", "server": "nas", "share": "x", "port": 4450])),
            ("e", .object(["type": "smb", "server": "nas", "share": "x"])),
        ]
        rig.catalog = (
            1,
            sources.map { name, source in
                let isKey = name == "a-stranger" || name == "b"
                return .object(["name": .string(name), "source": source, "credential": isKey ? "k" : "c"])
            }
        )
        rig.connect()
        for name in ["a-stranger", "c-domain", "d-port"] {
            rig.pass(1)
            rig.attachFails(name, .credentialRejected)
        }
        for name in ["b", "e"] {
            rig.pass(1)
            rig.attachSucceeds(name)
            #expect(rig.state(name) == "attached", "\(name)")
        }
    }

    @Test("who names the share has it tried once more")
    func named() {
        let rig = Rig()
        rig.credentials["c"] = password("wrong")
        rig.catalog = (1, [smb("a")])
        rig.connect()
        rig.attachFails("a", .accountLocked)
        _ = rig.request(.sharesAttach, .object(["names": .array(["a"]), "waitMs": 0]))
        #expect(rig.running.map(\.kind) == ["attach"])
        rig.attachFails("a", .credentialRejected)
        rig.pass(3600)
        #expect(rig.running.isEmpty)
    }

    @Test("an attempt that ends without a word about the password lets the next share try it, and a stuck one holds nobody")
    func vagueEnds() {
        let rig = Rig()
        rig.credentials["c"] = password("right")
        rig.catalog = (1, [smb("a"), smb("b")])
        rig.connect()
        #expect(rig.running.map(\.share) == ["a"])
        let first = rig.take("attach", "a")!
        rig.deliver(.workerOverdue(first.id))
        rig.deliver(.workerStuck(first.id))
        #expect(rig.running.contains { $0.share == "b" })
        rig.attachSucceeds("b")
        #expect(rig.state("b") == "attached")
    }

    @Test("an attached share stays attached when its password changes, and the kernel gets the new one, once")
    func renewal() {
        let rig = Rig()
        rig.credentials["c"] = password("old")
        rig.catalog = (1, [smb("a"), virtiofs("v")])
        rig.connect()
        for name in ["a", "v"] {
            rig.attachSucceeds(name)
            rig.probeSucceeds(name)
        }
        rotate(rig, password("old"))
        #expect(rig.running.isEmpty, "nothing has changed")
        rotate(rig, password("new"))
        #expect(rig.running.map(\.kind) == ["renew"])
        let renewal = rig.take("renew", "a")!
        rig.deliver(.workerEnded(renewal.id, .renewed))
        rotate(rig, password("new"))
        #expect(rig.running.isEmpty && rig.state("a") == "attached")
        #expect(rig.logs.contains { $0.contains("has the new password") })
    }

    @Test("where the kernel does not take it, the share is told of once, and it is offered again when the server refuses the old one")
    func renewalLater() {
        let rig = Rig()
        rig.credentials["c"] = password("old")
        rig.catalog = (1, [smb("a")])
        rig.connect()
        rig.attachSucceeds("a")
        rig.probeSucceeds("a")
        rotate(rig, password("new"))
        let refused = Cause(.versionUnsupported, "share 'a': its new password is not given to the kernel")
        rig.deliver(.workerEnded(rig.take("renew", "a")!.id, .failed(refused)))
        #expect(rig.state("a") == "attached" && rig.causeCode("a") == "")
        rig.pass(40)
        rig.deliver(.workerEnded(rig.take("probe", "a")!.id, .failed(Cause(.accessDenied, "share 'a': access was denied"))))
        let second = rig.take("renew", "a")
        #expect(second != nil)
        rig.deliver(.workerEnded(second!.id, .failed(refused)))
        #expect(rig.logs.count(where: { $0.contains("is not given to the kernel") }) == 1)
        _ = rig.request(.sharesDetach, .object(["names": .array(["a"]), "waitMs": 0]))
        rig.detachSucceeds("a")
        _ = rig.request(.sharesAttach, .object(["names": .array(["a"]), "waitMs": 0]))
        guard case .attach(_, .password(_, _, let secret)?, _)? = rig.take("attach", "a")?.request else { return #expect(Bool(false)) }
        #expect(secret.withBytes { $0.elementsEqual("new".utf8) })
    }

    @Test("no word of the agent, on any way a credential can fail, holds the secret")
    func canary() {
        let secret = "S3cr3t-canary-\u{E9}"
        let answers: [Value] = [
            password(secret), .object(["kind": "password", "username": "alice", "password": .string(secret), "surplus": .string(secret)]),
            .object(["kind": .string(secret), "username": "alice", "password": .string(secret)]),
            .object(["kind": "password", "password": .string(secret)]), .object(["kind": "key", "key": .string(secret)]),
            .object(["kind": "password", "username": 5, "password": .string(secret)]), .array([.string(secret)]), .string(secret),
        ]
        for answer in answers {
            let rig = Rig()
            rig.credentials["c"] = answer
            rig.catalog = (1, [smb("a"), smb("b")])
            rig.connect()
            for code in [CauseCode.credentialRejected, .serverUnreachable, .internalError] {
                rig.attachFails("a", code)
                rig.attachFails("b", code)
                rig.pass(90)
            }
            if let worker = rig.take("attach", "a") { rig.deliver(.workerEnded(worker.id, nil)) }
            rig.pass(90)
            let document = StrictJSON.bytes(of: rig.core.statusDocument(rig.now))
            let told =
                [document, StrictJSON.bytes(of: rig.keptCatalog ?? .null), StrictJSON.bytes(of: rig.keptMounts ?? .null)]
                .map { String(decoding: $0, as: UTF8.self) } + rig.logs + rig.events.map { "\($0)" } + rig.reports.map { "\($0)" }
                + rig.running.map { "\($0)" }
            let leaks = told.filter { $0.contains("S3cr3t-canary") }
            #expect(leaks.isEmpty)
        }
    }
}
