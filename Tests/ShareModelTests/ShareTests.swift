import ShareModel
import Testing

private func object(_ members: KeyValuePairs<String, Value>) -> Value {
    .object(members.map { Value.Member($0.key, $0.value) })
}

private func withSource(_ source: Value) -> Value {
    object(["name": "a", "source": source])
}

@Suite("Shares read from values")
struct ShareTests {
    @Test("a share says what the contract's example says, and comes back from its own value unchanged")
    func roundTrip() throws {
        let value = object([
            "name": "projects",
            "source": object(["type": "nfs", "server": "10.77.0.1", "export": "/projects", "version": "4.2"]),
            "target": "/mnt/projects", "access": "ro", "profile": "throughput", "failure": "soft", "giveUpSeconds": 60,
            "keepaliveSeconds": 60,
            "recover": "remount", "attach": "manual", "required": true,
            "mount": object(["exec": false, "suid": false, "dev": false, "atime": "relatime"]),
            "ownership": object(["uid": 1000, "gid": 1000, "fileMode": "0644", "directoryMode": "0755"]),
            "names": object(["encoding": "gb18030"]), "credential": "projects-user",
            "selinux": object(["context": "system_u:object_r:nfs_t:s0"]), "options": object(["actimeo": "5"]),
            "labels": object(["team": "build"]),
        ])
        let share = try Share(value, at: "shares[0]")
        #expect(share.ownership.fileMode == 0o644)
        #expect(share.mount.atime == .relatime)
        #expect(share.options == ["actimeo": "5"])
        #expect(try Share(share.value, at: "") == share)
    }

    @Test("a tmpfs that names no size gets 64 MiB, not half the memory")
    func tmpfsSize() throws {
        #expect(try Source(object(["type": "tmpfs"]), at: "") == .tmpfs(TmpfsSource(sizeBytes: 64 << 20)))
    }

    @Test("what is left out has the contract's defaults")
    func defaults() throws {
        let share = try Share(withSource(object(["type": "tmpfs", "sizeBytes": 65536])), at: "")
        #expect(
            share.access == .rw && share.profile == .balanced && share.failure == .auto && share.recover == .wait && share.attach == .auto)
        #expect(!share.required && share.mount.exec && !share.mount.suid && !share.mount.dev && share.mount.atime == .noatime)
        #expect(share.target == nil)
    }

    @Test(
        "the promise to programs: 45 seconds read-only, 180 read-write, as wished, for ever when hard",
        arguments: [("rw", "auto", nil, 180), ("ro", "auto", nil, 45), ("rw", "soft", 7, 7), ("ro", "hard", 7, nil)]
            as [(String, String, Int64?, Int?)])
    func patience(_ access: String, _ failure: String, _ seconds: Int64?, _ patience: Int?) throws {
        var members: [Value.Member] = [
            .init("name", "a"), .init("source", object(["type": "virtiofs", "tag": "t"])), .init("access", .string(access)),
            .init("failure", .string(failure)),
        ]
        if let seconds { members.append(.init("giveUpSeconds", .integer(seconds))) }
        #expect(try Share(.object(members), at: "").patience == patience)
    }

    @Test(
        "every source type of the contract comes back from its own value unchanged",
        arguments: [
            object(["type": "virtiofs", "tag": "t", "dax": "inode"]),
            object(["type": "9p", "server": "h", "port": 564, "cache": "mmap"]),
            object([
                "type": "nfs", "server": "fd00::1", "export": "/", "security": "krb5p", "transport": "tls", "port": 2050, "connections": 4,
            ]),
            object([
                "type": "smb", "server": "nas", "share": "team", "path": "a/b", "version": "3.1.1", "encryption": "required", "domain": "D",
            ]),
            object(["type": "cephfs", "monitors": .array(["10.0.0.1", "10.0.0.2"]), "path": "/", "user": "u"]),
            object(["type": "glusterfs", "servers": .array(["a", "b"]), "volume": "v"]),
            object(["type": "tmpfs", "sizeBytes": 1_048_576, "mode": "0755"]),
            object(["type": "image", "share": "base", "path": "disk.img"]),
            object(["type": "image", "label": "DATA", "filesystem": "ext4"]),
        ])
    func sources(_ value: Value) throws {
        let source = try Source(value, at: "source")
        #expect(try Source(source.value, at: "source") == source)
    }

    @Test(
        "what is no share is told with the key",
        arguments: [
            (object(["source": object(["type": "virtiofs", "tag": "t"])]), "s.name", "is missing"),
            (object(["name": "a"]), "s.source", "is missing"),
            (object(["name": "a", "sorce": "x", "source": object(["type": "virtiofs", "tag": "t"])]), "s.sorce", "is not a known key"),
            (withSource(object(["type": "virtiofs", "tug": "t"])), "s.source.tag", "is missing"),
            (withSource(object(["type": "virtiofs", "tag": "t", "tug": "t"])), "s.source.tug", "is not a known key"),
            (withSource(object(["type": "virtiofs", "tag": "a,b"])), "s.source.tag", "must not contain ','"),
            (
                withSource(object(["type": "virtiofs", "tag": "0123456789012345678901234567890123456"])), "s.source.tag",
                "has at most 36 bytes"
            ),
            (withSource(object(["type": "zfs"])), "s.source.type", "'zfs' is none of"),
            (withSource(object(["type": "nfs", "server": "h", "export": "relative"])), "s.source.export", "is not an absolute path"),
            (
                withSource(object(["type": "nfs", "server": "h o", "export": "/"])), "s.source.server",
                "is neither a host name nor an address"
            ),
            (
                withSource(object(["type": "nfs", "server": "-o", "export": "/"])), "s.source.server",
                "is neither a host name nor an address"
            ),
            (withSource(object(["type": "nfs", "server": "h", "export": "/a\nb"])), "s.source.export", "has a control character"),
            (withSource(object(["type": "smb", "server": "h", "share": "a,b"])), "s.source.share", "must not contain ','"),
            (withSource(object(["type": "smb", "server": "h", "share": "a", "path": "x/../y"])), "s.source.path", "must not contain '..'"),
            (withSource(object(["type": "smb", "server": "h", "share": "a", "version": "1.0"])), "s.source.version", "'1.0' is none of"),
            (withSource(object(["type": "tmpfs", "sizeBytes": 1])), "s.source.sizeBytes", "must be from 4096"),
            (withSource(object(["type": "image"])), "s.source", "exactly one of"),
            (withSource(object(["type": "image", "label": "a", "uuid": "b"])), "s.source", "exactly one of"),
            (withSource(object(["type": "image", "share": "b", "path": "../x"])), "s.source.path", "must be relative"),
        ])
    func mistakes(_ value: Value, _ path: String, _ message: String) {
        let problem = #expect(throws: FieldProblem.self) { try Share(value, at: "s") }
        #expect(problem?.path == path)
        #expect(problem?.message.contains(message) == true, "\(problem?.message ?? "")")
    }

    @Test("one bad entry and a name offered twice do not spoil a catalog")
    func catalog() throws {
        let good = withSource(object(["type": "virtiofs", "tag": "t"]))
        let catalog = try Catalog(revision: 3, shares: [good, object(["name": "bad\u{1b}[2J"]), good], at: "shares")
        #expect(catalog.shares.map(\.name.text) == ["a"])
        let causes = catalog.entries.compactMap { if case .invalid(_, let cause) = $0 { cause } else { nil } }
        #expect(causes.count == 2)
        #expect(causes.allSatisfy { $0.code == .shareInvalid && !$0.message.contains("\u{1b}") })
    }

    @Test("a catalog holds 1024 shares and not one more")
    func catalogLimit() throws {
        let good = withSource(object(["type": "virtiofs", "tag": "t"]))
        #expect(throws: Never.self) { try Catalog(revision: 1, shares: Array(repeating: good, count: 1024), at: "shares") }
        #expect(throws: FieldProblem.self) { try Catalog(revision: 1, shares: Array(repeating: good, count: 1025), at: "shares") }
    }

    @Test("a secret prints nothing of itself, however it is asked")
    func secret() {
        let secret = Secret(copying: "pa,ss \"word".utf8)
        #expect("\(secret)" == "<redacted>")
        #expect(String(reflecting: secret) == "<redacted>")
        var dumped = ""
        dump(Credential.password(username: "u", domain: nil, password: secret), to: &dumped)
        #expect(!dumped.contains("pa,ss"))
        #expect(secret.count == 11)
    }

    @Test("what a worker is asked and answers survives the way over its descriptor")
    func workerMessages() throws {
        let share = try Share(withSource(object(["type": "virtiofs", "tag": "t"])), at: "")
        let name = try ShareName(validating: "base")
        let credential = Credential.password(username: "u", domain: "D", password: Secret(copying: "p".utf8))
        let request = WorkerRequest.attach(share, credential, attachedTargets: [name: try Target(validating: "/mnt/base")])
        #expect(try WorkerRequest(request.value).value == request.value)
        for request in [
            WorkerRequest.detach(name, try Target(validating: "/mnt/x"), mountID: 4, lazy: true),
            .probe(name, try Target(validating: "/mnt/x"), mountID: 4),
            .change(StandingMount(share, at: try Target(validating: "/mnt/x"), mountID: 4), .remount(as: share)),
            .change(StandingMount(share, at: try Target(validating: "/mnt/x"), mountID: 4), .replace(as: share)),
            .change(StandingMount(share, at: try Target(validating: "/mnt/x"), mountID: 4), .retire),
            .change(StandingMount(share, at: try Target(validating: "/mnt/x"), mountID: 4), .endWaiting),
        ] {
            #expect(try WorkerRequest(request.value).value == request.value)
        }
        let capacity = ShareStatus.Capacity(sizeBytes: 1, usedBytes: 2, availableBytes: 3, inodes: 4, inodesUsed: 5, fullInSeconds: 6)
        for outcome in [
            WorkerOutcome.attached(mountID: 1, requestedOptions: ["a": "b"], warnings: ["w"]), .detached(stillInUse: true),
            .remounted(requestedOptions: ["ro": ""], warnings: ["w"]), .waitingEnded(forGood: true, mountIDs: [7, 9]),
            .probed(latencyMicroseconds: 7, capacity), .failed(Cause(.targetBusy, "m", evidence: ["e"], remedy: ["r"], errno: "EBUSY")),
        ] {
            #expect(try WorkerOutcome(outcome.value) == outcome)
        }
    }
}
