import Glibc
import ShareModel
import ShareWire
import Testing

@testable import HostPeer

@Suite("The configuration file")
struct ConfigurationTests {
    @Test("everything that can be written is read")
    func whole() throws {
        let folder = try Folder()
        let password = try folder.write("secret\n", to: "password", mode: 0o600)
        let configuration = try Self.parse(
            """
            host: {name: node7, id: rack-3}
            reportInterval: 15s
            metrics: {listen: "[::1]:9477"}
            credentials:
              projects-user: {username: alice, domain: CORP, passwordFile: \(password)}
              ceph: {keyFile: \(password)}
            shares:
              - name: projects
                source: {type: smb, server: nas, share: projects}
                credential: projects-user
              - {name: build, source: {type: virtiofs, tag: build}, access: ro}
            vms:
              - {name: vm1, channel: "unix:/run/vm1.sock", shares: [build]}
              - {name: vm2, listen: /run/sharehost/vm2.sock, shares: all}
              - {pattern: "/var/lib/libvirt/qemu/channel/target/*/org.shareagent.0", shares: []}

            """)
        #expect(configuration.name == "node7")
        #expect(configuration.id == "rack-3")
        #expect(configuration.reportIntervalMs == 15_000)
        #expect(configuration.metrics?.description == "[::1]:9477")
        #expect(configuration.credential("projects-user")?.kind == .password(username: "alice", domain: "CORP"))
        #expect(configuration.credential("ceph") == CredentialEntry(name: "ceph", kind: .key(username: nil), file: password))
        #expect(configuration.shares.map(\.name.text) == ["projects", "build"])
        #expect(configuration.machines.map(\.name) == ["vm1", "vm2", ""])
        #expect(configuration.machines.map { configuration.shares(for: $0.selection).count } == [1, 2, 0])
        #expect(configuration.machines.first?.place == .connect(path: "/run/vm1.sock"))
        #expect(Check.praise(configuration) == "2 VMs, 1 patterns of VMs, 2 shares: no mistakes\n")
    }

    @Test("an empty file offers nothing to nobody", arguments: ["", "# only a comment\n", "shares: []\nvms: []\n", "host:\n"])
    func empty(text: String) throws {
        let configuration = try Self.parse(text)
        #expect(configuration.machines.isEmpty)
        #expect(configuration.metrics == nil)
        #expect(!configuration.name.isEmpty)
        #expect(Check.praise(configuration) == "0 VMs, 0 shares: no mistakes\n")
    }

    /// Each text with the lines that `sharehost check` prints for it.
    private static let mistakes: [(text: String, lines: [String])] = [
        ("hots: {name: x}", ["f:1: hots: is not a known key; there are: host, reportInterval, metrics, credentials, shares, vms"]),
        ("- a", ["f:1: must be a mapping with the keys host, shares and vms, not a list"]),
        ("host: {name: x, color: red}", ["f:1: host.color: is not a known key"]),
        ("host:\n  name: ''", ["f:2: host.name: must have 1 to 128 bytes, not 0"]),
        ("\nreportInterval: 10", ["f:2: reportInterval: '10' is no duration such as 500ms, 5s or 2m"]),
        ("reportInterval: 999ms", ["f:1: reportInterval: must be from 1000ms to 3600000ms"]),
        (
            "metrics:\n  listen: localhost:9477",
            ["f:2: metrics.listen: 'localhost:9477' is no address such as 127.0.0.1:9477 or [::1]:9477"]
        ),
        ("credentials: [a]", ["f:1: credentials: must be a mapping of names to credentials, not a list"]),
        (
            "credentials:\n  a: {username: u, password: geheim}",
            ["f:2: credentials.a.password: no secret may stand here: put it into a file and name that with passwordFile"]
        ),
        ("credentials:\n  a: {username: u}", ["f:2: credentials.a: needs exactly one of the keys passwordFile and keyFile"]),
        ("credentials:\n  a: {passwordFile: /x}", ["f:2: credentials.a.username: is missing"]),
        ("credentials:\n  a: {username: u, passwordFile: x}", ["f:2: credentials.a.passwordFile: 'x' is no absolute path"]),
        ("credentials:\n  a: {domain: D, keyFile: /x}", ["f:2: credentials.a.domain: belongs to a password, not to a key"]),
        (
            "credentials:\n  a: {username: u, passwordFile: /nowhere/at/all}",
            ["f:2: credentials.a.passwordFile: /nowhere/at/all cannot be opened: no such file or directory (ENOENT)"]
        ),
        ("shares: {}", ["f:1: shares: must be a list, not a mapping"]),
        ("shares:\n  - 5", ["f:2: shares[0]: must be a mapping, not a number"]),
        ("shares:\n  - {name: a, source: {type: nfs, server: s}}", ["f:2: shares[0].source.export: is missing"]),
        (
            "shares:\n  - name: a b\n    source: {type: tmpfs, sizeBytes: 1}\n    colour: red\n    access: wr",
            [
                "f:2: shares[0].name: 'a b' is no share name: letters, digits, '.', '_' and '-', the first a letter or digit",
                "f:3: shares[0].source.sizeBytes: must be from 4096 to 1125899906842624, not 1",
                "f:4: shares[0].colour: is not a known key",
                "f:5: shares[0].access: 'wr' is none of: rw, ro",
            ]
        ),
        (
            "shares:\n  - {name: a, source: {type: virtiofs, tag: a}}\n  - {name: a, source: {type: virtiofs, tag: b}}",
            ["f:3: shares[1].name: 'a' is the name of shares[0] already"]
        ),
        (
            "shares:\n  - name: a\n    source: {type: virtiofs, tag: a}\n    credential: c",
            ["f:4: shares[0].credential: there is no credential 'c' below 'credentials'"]
        ),
        ("vms:\n  - {name: v, channel: \"unix:/v\", shares: [a]}", ["f:2: vms[0].shares[0]: there is no share 'a' below 'shares'"]),
        ("vms:\n  - {name: v, channel: \"unix:/v\"}", ["f:2: vms[0].shares: is missing: write all, or a list of share names"]),
        (
            "vms:\n  - {name: v, channel: \"unix:/v\", shares: ALL}",
            ["f:2: vms[0].shares: must be all, or a list of share names, not 'ALL'"]
        ),
        ("vms:\n  - {name: v, shares: all}", ["f:2: vms[0]: needs exactly one of the keys channel, listen and pattern"]),
        (
            "vms:\n  - {name: v, channel: \"unix:/v\", listen: /w, shares: all}",
            ["f:2: vms[0]: needs exactly one of the keys channel, listen and pattern"]
        ),
        ("vms:\n  - {listen: /v, shares: all}", ["f:2: vms[0].name: is missing"]),
        (
            "vms:\n  - {name: v, channel: /v, shares: all, nick: x}",
            [
                "f:2: vms[0].nick: is not a known key",
                "f:2: vms[0].channel: '/v' is no channel: write unix: and the socket's absolute path",
            ]
        ),
        ("vms:\n  - {name: v, listen: v.sock, shares: all}", ["f:2: vms[0].listen: 'v.sock' is no absolute path"]),
        (
            "vms:\n  - {name: v, pattern: \"/run/*/s\", shares: all}",
            ["f:2: vms[0].name: is told by the pattern's '*', and must not be written"]
        ),
        (
            "vms:\n  - {pattern: \"/run/s\", shares: all}",
            ["f:2: vms[0].pattern: must have exactly one '*', which stands for the VM's name; it has 0"]
        ),
        (
            "vms:\n  - {name: v, listen: /a, shares: all}\n  - {name: v, listen: /b, shares: all}",
            ["f:3: vms[1].name: 'v' is the name of vms[0] already"]
        ),
        (
            "vms:\n  - {name: \u{E9}, listen: /a, shares: all}\n  - {name: e\u{301}, listen: /b, shares: all}",
            ["f:3: vms[1].name: 'e\u{301}' is the name of vms[0] already"]
        ),
        (
            "vms:\n  - {name: v, listen: /a, shares: all}\n  - {name: w, channel: \"unix:/a\", shares: all}",
            ["f:3: vms[1].channel: is the socket of vms[0] already"]
        ),
        (
            "vms:\n  - {pattern: \"/run/*/s\", shares: all}\n  - {name: w, channel: \"unix:/run/w/s\", shares: all}",
            ["f:3: vms[1].channel: is matched by the pattern of vms[0] as well"]
        ),
        ("a: 1\na: 2", ["f:2: "]),
    ]

    @Test("each mistake is told with its line, its key and a sentence", arguments: mistakes.indices)
    func mistake(index: Int) throws {
        let (text, lines) = Self.mistakes[index]
        let error = #expect(throws: ConfigurationMistakes.self) { try Self.parse(text + "\n") }
        let told = try #require(error).mistakes.map { $0.line(in: "f") }
        if lines.first?.hasSuffix(": ") == true {
            // The sentence is LibYaml's own.
            #expect(told.count == 1 && told.allSatisfy { $0.hasPrefix(lines.joined()) }, "\(told)")
        } else {
            #expect(told == lines)
        }
    }

    @Test("a file that is not there, and one that is too large, are told without a line")
    func unreadable() throws {
        let folder = try Folder()
        let missing = #expect(throws: ConfigurationMistakes.self) {
            try ConfigurationFile.load(folder.path + "/nothing", credentialOwner: 0)
        }
        #expect(missing?.summary(of: "f") == "f: cannot be read: no such file or directory (ENOENT)")
        let large = try folder.write([UInt8](repeating: 0x23, count: ConfigurationFile.limit + 1), to: "large")
        #expect(throws: ConfigurationMistakes.self) { try ConfigurationFile.load(large, credentialOwner: 0) }
        let fitting = try folder.write([UInt8](repeating: 0x23, count: ConfigurationFile.limit), to: "fitting")
        #expect(try ConfigurationFile.load(fitting, credentialOwner: 0).shares.isEmpty)
    }

    @Test("a socket's path is as long as the kernel takes, and no longer")
    func socketPath() throws {
        let longest = "/" + String(repeating: "a", count: HostConfiguration.Limits.socketPathBytes - 1)
        #expect(try Self.parse("vms: [{name: v, listen: \(longest), shares: all}]\n").machines.count == 1)
        #expect(throws: ConfigurationMistakes.self) { try Self.parse("vms: [{name: v, listen: \(longest)a, shares: all}]\n") }
    }

    @Test("a VM is offered no more than fits into one frame, in bytes and in values")
    func frame() throws {
        func offer(_ count: Int, options: Int, bytes: Int) throws -> Offer {
            let option = String(repeating: "x", count: bytes)
            let options = Value.object((0..<options).map { Value.Member("o\($0)", .string(option)) })
            let shares = try (0..<count).map { index in
                try Share(
                    .object([
                        "name": .string("s\(index)"), "source": .object(["type": "virtiofs", "tag": .string("s\(index)")]),
                        "options": options,
                    ]), at: "shares[\(index)]")
            }
            return Offer(revision: Limits.number, shares: shares)
        }
        let (fits, tooLong) = (try offer(60, options: 64, bytes: 255), try offer(64, options: 64, bytes: 255))
        #expect(fits.fitsFrame)
        #expect(!tooLong.fitsFrame)
        let (few, tooMany) = (try offer(900, options: 64, bytes: 1), try offer(1024, options: 64, bytes: 1))
        #expect(few.fitsFrame)
        #expect(!tooMany.fitsFrame)
    }

    private static func parse(_ text: String) throws -> HostConfiguration {
        try ConfigurationFile.parse(Array(text.utf8), credentialOwner: geteuid())
    }
}
