import ShareKinds
import Testing

@testable import ShareModel

@Suite("The policy wins over the share, and the share over what is tuned")
struct PolicyOptionTests {
    @Test("device nodes and set-user-id bits need the share's wish and the policy's word")
    func dangerousRights() throws {
        let wish = Value.Member("mount", .object(["suid": true, "dev": true] as KeyValuePairs<String, Value?>))
        var policy = Policy.standard
        #expect(try MountPlan.make(try tmpfs([wish]), policy: policy).flagNames == ["noatime", "nodev", "nosuid"])
        policy.allowSuid = true
        policy.allowDev = true
        #expect(try MountPlan.make(try tmpfs([wish]), policy: policy).flagNames == ["noatime"])
        #expect(try MountPlan.make(try tmpfs(), policy: policy).flagNames == ["noatime", "nodev", "nosuid"])
    }

    @Test("exec is the share's wish and the policy's right to refuse")
    func execution() throws {
        var policy = Policy.standard
        #expect(!(try MountPlan.make(try tmpfs(), policy: policy).flags.contains(.noExecution)))
        let wish = Value.Member("mount", .object(["exec": false] as KeyValuePairs<String, Value?>))
        #expect(try MountPlan.make(try tmpfs([wish]), policy: policy).flags.contains(.noExecution))
        policy.allowExec = false
        let refused = try MountPlan.make(try tmpfs(), policy: policy)
        #expect(refused.flags.contains(.noExecution))
        #expect(refused.flagOptions.first { $0.name == "noexec" }?.origin == .policy)
    }

    @Test("a forced option replaces the share's, and one that means another type is passed over")
    func forced() throws {
        var policy = Policy.standard
        policy.forcedOptions = ["actimeo": "9", "seal": "", "noexec": "", "hard": ""]
        let share = try nfs([.init("version", "4.2")], [.init("options", .object(["actimeo": "5"] as KeyValuePairs<String, Value?>))])
        let plan = try MountPlan.make(share, policy: policy)
        let options = plan.attempts[0].options
        #expect(options.first { $0.name == "actimeo" }?.value == "9")
        #expect(options.first { $0.name == "actimeo" }?.origin == .policy)
        #expect(options.contains { $0.name == "hard" } && !options.contains { $0.name == "softerr" })
        #expect(!options.contains { $0.name == "seal" })
        #expect(plan.flags.contains(.noExecution))
    }

    @Test(
        "a share cannot let its server refer this guest to servers that nobody allowed; the policy can", arguments: ["false", "no", "off"])
    func referrals(_ off: String) throws {
        func options(_ said: [String: String], _ policy: Policy = .standard) throws -> [String] {
            try MountPlan.make(try smb().with(options: said), policy: policy).attempts[0].options.map(\.name)
        }
        let cause = #expect(throws: Cause.self) { try options(["nodfs": off]) }
        #expect(cause?.code == .optionRefused && cause?.remedy.first?.contains("policy.forcedOptions") == true)
        #expect(try options([:]).contains("nodfs") && options(["nodfs": "true"]).contains("nodfs"))
        var policy = Policy.standard
        policy.forcedOptions = ["nodfs": off]
        #expect(try !options([:], policy).contains("nodfs"))
    }

    @Test("access times keep one flag, the last one said")
    func accessTimes() throws {
        let wish = Value.Member("mount", .object(["atime": "relatime"] as KeyValuePairs<String, Value?>))
        let plan = try MountPlan.make(try tmpfs([wish]), policy: .standard)
        #expect(plan.flagNames == ["nodev", "nosuid", "relatime"])
        #expect(plan.flags.contains(.relativeAccessTime) && !plan.flags.contains(.noAccessTime))
    }

    @Test("a SELinux context is quoted for its commas, and left out with a warning where SELinux is not there")
    func context() throws {
        let wish = Value.Member("selinux", .object(["context": "system_u:object_r:nfs_t:s0:c1,c2"] as KeyValuePairs<String, Value?>))
        var facts = MountPlan.Facts()
        #expect(try MountPlan.make(try tmpfs([wish]), policy: .standard, facts: facts).warnings.count == 1)
        facts.hasSELinux = true
        let text = try MountPlan.make(try tmpfs([wish]), policy: .standard, facts: facts).text()
        #expect(text.hasSuffix(",context=\"system_u:object_r:nfs_t:s0:c1,c2\""))
        let quote = Value.Member("selinux", .object(["context": "a\",suid,\""] as KeyValuePairs<String, Value?>))
        let plan = try MountPlan.make(try tmpfs([quote]), policy: .standard, facts: facts)
        #expect(throws: Cause.self) { try plan.text() }
    }

    @Test(
        "what would smuggle a second option, or belongs elsewhere, is refused by name",
        arguments: [
            ("rsize,suid", "1"), ("rsize=1", "1"), ("rsize", "4096,suid"), ("rsize", "4096\u{2C}dev"), ("lookupcache", "all,exec"),
            ("actimeo", "+5"),
            ("actimeo", "1e3"), ("actimeo", ""), ("hard", "hard,suid"), ("ro", "false"), ("suid", ""), ("dev", ""), ("exec", ""),
            ("rw", ""), ("bind", ""),
            ("remount", ""), ("loop", ""), ("helper", "x"), ("uhelper", "x"), ("X-mount.mkdir", ""), ("x-systemd.automount", ""),
            ("_netdev", ""),
            ("context", "u:r:t:s0"), ("addr", "10.0.0.1"), ("vers", "3"), ("sec", "none"), ("port", "1"), ("source", "x"), ("retry", "1"),
            ("user", "root"),
            ("", "1"), (" rsize", "4096"), ("rsize ", "4096"), ("-o", "suid"), ("rsize\u{0}", "1"), ("rsize", "4096\u{0}"),
            ("ünïcode", "1"),
        ])
    func smuggled(_ name: String, _ text: String) throws {
        // Built by hand: most of these do not get past the reading of a share, and the worker must not rely on that.
        let share = try nfs().with(options: [name: text])
        let cause = #expect(throws: Cause.self) { try MountPlan.make(share, policy: .standard) }
        #expect(cause?.code == .optionRefused)
    }

    @Test("an option that nobody knows names those that are known")
    func unknown() throws {
        let share = try nfs().with(options: ["rsizes": "4096"])
        let cause = #expect(throws: Cause.self) { try MountPlan.make(share, policy: .standard) }
        #expect(cause?.code == .optionUnknown)
        #expect(cause?.remedy.first?.contains("rsize") == true)
    }
}

extension Share {
    /// The same share with other native options, unchecked.
    func with(options: [String: String]) -> Share {
        Share(self, target: target, options: options)
    }
}
