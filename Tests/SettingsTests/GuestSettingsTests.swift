import Glibc
import Settings
import ShareModel
import Testing

/// A configuration directory that is gone after the test.
private final class Directory {
    let path: String

    init(_ files: KeyValuePairs<String, String>) throws {
        var template = Array("/tmp/settings.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw FieldProblem(path: "", message: "no temporary directory") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        mkdir(path + "/agent.d", 0o755)
        for (name, text) in files {
            let file = fopen(path + "/" + name, "w")
            fputs(text, file)
            fclose(file)
            chmod(path + "/" + name, 0o644)
        }
    }

    deinit {
        for name in ["agent.yaml", "agent.d/10.yaml", "agent.d/20.yaml", "agent.d/30.txt", "c.yaml"] { unlink(path + "/" + name) }
        rmdir(path + "/agent.d")
        rmdir(path)
    }
}

@Suite("Root's configuration of the guest")
struct GuestSettingsTests {
    @Test("no file means the defaults")
    func defaults() throws {
        let directory = try Directory([:])
        #expect(try GuestSettings.read(directory: directory.path) == AgentConfiguration())
        #expect(try GuestSettings.read(directory: directory.path + "/nowhere") == AgentConfiguration())
    }

    @Test("drop-ins win key by key in the order of their names, lists are replaced whole, other files are passed over")
    func dropIns() throws {
        let directory = try Directory([
            "agent.yaml": "channel: unix:/run/a\npolicy:\n  roots: [/mnt, /data]\n  allowSuid: true\n",
            "agent.d/20.yaml": "policy: {roots: [/srv]}\n", "agent.d/10.yaml": "policy: {roots: [/x]}\nprobe: {interval: 5s}\n",
            "agent.d/30.txt": "channel: nonsense: [",
        ])
        let configuration = try GuestSettings.read(directory: directory.path)
        #expect(configuration.channel == "unix:/run/a")
        #expect(configuration.policy.roots.map(\.text) == ["/srv"])
        #expect(configuration.policy.allowSuid)
        #expect(configuration.probeIntervalMs == 5_000)
    }

    // A drop-in whose every line below `policy:` was commented out took root's whole policy away.
    @Test("a key with nothing behind it changes nothing")
    func emptyKeys() throws {
        let directory = try Directory([
            "agent.yaml": "channel: unix:/run/a\npolicy:\n  roots: [/data]\n  allowSuid: true\n",
            "agent.d/10.yaml": "channel:\npolicy:\n  # roots: [/srv]\n", "agent.d/20.yaml": "policy: {roots: , allowSuid: ~}\n",
        ])
        let configuration = try GuestSettings.read(directory: directory.path)
        #expect(configuration.channel == "unix:/run/a")
        #expect(configuration.policy.roots.map(\.text) == ["/data"] && configuration.policy.allowSuid)
    }

    @Test(
        "a mistake is told with file, line and key",
        arguments: [
            ("channel: /x\npolicy:\n  rootz: [/mnt]\n", 3, "policy.rootz"),
            ("policy:\n  roots:\n    - /mnt\n    - mnt\n", 4, "policy.roots[1]"),
            ("probe: {interval: 10}\n", 1, "probe.interval"), ("- a\n", 1, ""), ("a: [\n", 2, ""),
            ("policy: {massRemoval: never}\n", 1, "policy.massRemoval"),
        ])
    func mistakes(_ text: String, _ line: Int, _ key: String) throws {
        let directory = try Directory(["agent.yaml": text])
        let problem = #expect(throws: SettingsProblem.self) { try GuestSettings.read(directory: directory.path) }
        #expect(problem?.file == directory.path + "/agent.yaml")
        #expect(problem?.line == line)
        #expect(problem?.key == key)
    }

    @Test("a file that others may write to is refused")
    func untrusted() throws {
        let directory = try Directory(["agent.yaml": "channel: /x\n"])
        chmod(directory.path + "/agent.yaml", 0o664)
        let problem = #expect(throws: SettingsProblem.self) { try GuestSettings.read(directory: directory.path) }
        #expect(problem?.message.contains("may write to it") == true)
    }

    @Test("a drop-in directory that cannot be looked into, and a name that cannot be told, are mistakes and not silence")
    func unreadableDropIns() throws {
        let directory = try Directory(["agent.yaml": ""])
        rmdir(directory.path + "/agent.d")
        fclose(fopen(directory.path + "/agent.d", "w"))
        let file = #expect(throws: SettingsProblem.self) { try GuestSettings.read(directory: directory.path) }
        #expect(file?.sentence == "\(directory.path)/agent.d: cannot be read: not a directory")
        unlink(directory.path + "/agent.d")
        mkdir(directory.path + "/agent.d", 0o755)
        let name = Array((directory.path + "/agent.d/").utf8CString.dropLast()) + [-1] + Array(".yaml".utf8CString)
        fclose(fopen(name, "w"))
        let unnamed = #expect(throws: SettingsProblem.self) { try GuestSettings.read(directory: directory.path) }
        #expect(unnamed?.message == #"the name of the file '\xff.yaml' is not UTF-8"#)
        unlink(name)
    }

    @Test("a catalog file is read whoever owns it; one that is no catalog or not there is told")
    func catalog() throws {
        let directory = try Directory([
            "c.yaml": "shares:\n  - {name: a, source: {type: tmpfs, sizeBytes: 65536}}\n", "agent.yaml": "x: 1\n",
        ])
        chmod(directory.path + "/c.yaml", 0o666)
        #expect(try CatalogFile.read(directory.path + "/c.yaml").document["shares"]?.elements?.count == 1)
        #expect(throws: SettingsProblem.self) { try CatalogFile.read(directory.path + "/agent.yaml") }
        #expect(throws: SettingsProblem.self) { try CatalogFile.read(directory.path + "/none.yaml") }
    }
}
