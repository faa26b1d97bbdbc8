import ShareModel
import Testing

@Suite("The guest's policy")
struct PolicyTests {
    private func share(_ target: String? = nil, _ more: KeyValuePairs<String, Value> = [:], source: Value? = nil) throws -> Share {
        var members: [Value.Member] = [
            .init("name", "a"), .init("source", source ?? .object([.init("type", "virtiofs"), .init("tag", "t")])),
        ]
        if let target { members.append(.init("target", .string(target))) }
        members += more.map { Value.Member($0.key, $0.value) }
        return try Share(.object(members), at: "")
    }

    @Test("a share without a target goes below the default root")
    func defaultTarget() throws {
        #expect(Policy.standard.target(of: try share()).text == "/mnt/a")
        #expect(Policy.standard.refusal(of: try share()) == nil)
    }

    @Test(
        "targets outside the roots are refused, also those that only look like being below one",
        arguments: ["/etc", "/usr/share", "/mnt", "/mntx/a", "/var/lib/dpkg", "/root/.ssh", "/media", "/run/x", "/home/u"])
    func outside(_ target: String) throws {
        let cause = Policy.standard.refusal(of: try share(target))
        #expect(cause?.code == .targetOutsideRoots)
        #expect(cause?.remedy.isEmpty == false)
    }

    @Test("targets below a root are allowed", arguments: ["/mnt/x", "/mnt/a/b/c", "/media/disk", "/srv/data"])
    func inside(_ target: String) throws {
        #expect(Policy.standard.refusal(of: try share(target)) == nil)
    }

    @Test("suid and dev are refused unless the policy allows them; a forbidden option is refused")
    func options() throws {
        let suid = try share(nil, ["mount": .object([.init("suid", true)])])
        #expect(Policy.standard.refusal(of: suid)?.code == .optionRefused)
        var policy = Policy.standard
        policy.allowSuid = true
        #expect(policy.refusal(of: suid) == nil)
        policy.forbiddenOptions = ["actimeo"]
        #expect(policy.refusal(of: try share(nil, ["options": .object([.init("actimeo", "5")])]))?.code == .optionRefused)
    }

    @Test("types and servers that are not allowed are refused")
    func sources() throws {
        var policy = Policy.standard
        policy.types = [.nfs]
        #expect(policy.refusal(of: try share())?.code == .sourceRefused)
        policy.servers = ["10.77.0.0/24"]
        func nfs(_ server: String) throws -> Share {
            try share(nil, source: .object([.init("type", "nfs"), .init("server", .string(server)), .init("export", "/x")]))
        }
        #expect(policy.refusal(of: try nfs("10.77.0.9")) == nil)
        #expect(policy.refusal(of: try nfs("10.78.0.9"))?.code == .sourceRefused)
    }

    @Test(
        "server rules: names without regard to case, addresses by value, networks by prefix",
        arguments: [
            ("nas", "NAS", true), ("nas", "nas2", false), ("10.0.0.0/8", "10.255.1.2", true), ("10.0.0.0/8", "11.0.0.1", false),
            ("10.0.0.128/25", "10.0.0.127", false), ("10.0.0.128/25", "10.0.0.128", true), ("fd00::1", "fd00:0:0:0:0:0:0:1", true),
            ("fd00::/8", "fdff::1", true), ("fd00::/8", "fe80::1", false), ("0.0.0.0/0", "fd00::1", false),
            ("10.0.0.0/33", "10.0.0.0", false),
            ("10.0.0.1", "010.0.0.1", false), ("::ffff:10.0.0.1", "::ffff:a00:1", true), ("10.0.0.0/8", "nas", false),
            ("fe80::/10", "fe80::1%eth0", true), ("fe80::1", "fe80::1%2", true), ("fe80::1", "fe80::2%2", false),
        ])
    func serverRules(_ rule: String, _ server: String, _ admitted: Bool) {
        #expect(ServerRule(rule).admits(server) == admitted)
    }

    @Test(
        "what is no target is told",
        arguments: [
            "", "mnt/a", "/", "/mnt/", "/mnt//a", "/mnt/./a", "/mnt/../etc", "/mnt/a\nb", "/mnt/a\u{7f}",
            "/mnt/" + String(repeating: "x", count: 256),
            "/" + String(repeating: "x/", count: 2048),
        ])
    func noTargets(_ text: String) {
        #expect(throws: FieldProblem.self) { try Target(validating: text) }
    }

    @Test("targets are bytes: two normalizations of one name are two targets")
    func targetBytes() throws {
        #expect(try Target(validating: "/mnt/caf\u{e9}") != Target(validating: "/mnt/cafe\u{301}"))
        #expect(try Target(validating: "/mnt/" + String(repeating: "x", count: 255)).components.count == 2)
    }

    @Test(
        "names of shares: the alphabet, the first character, the length",
        arguments: [
            ("a", true), ("A1._-", true), ("-a", false), (".a", false), ("", false), ("a b", false), ("ä", false),
            (String(repeating: "x", count: 64), true), (String(repeating: "x", count: 65), false),
        ])
    func names(_ text: String, _ isName: Bool) {
        #expect(((try? ShareName(validating: text)) != nil) == isName)
    }
}
