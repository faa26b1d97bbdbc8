import ShareModel
import Testing

@testable import HostPeer

@Suite("Patterns of channel sockets")
struct SocketPatternTests {
    @Test(
        "a libvirt directory is one VM, whose name is what libvirt's number does not belong to",
        arguments: [
            ("/var/lib/libvirt/qemu/channel/target/*/org.shareagent.0", "domain-3-web", "web", 3),
            ("/var/lib/libvirt/qemu/channel/target/*/org.shareagent.0", "domain-12-a-b", "a-b", 12),
            ("/var/lib/libvirt/qemu/channel/target/*/org.shareagent.0", "7-web", "7-web", 0),
            ("/var/lib/libvirt/qemu/channel/target/*/org.shareagent.0", "domain-x", "domain-x", 0),
            ("/var/lib/libvirt/qemu/channel/target/*/org.shareagent.0", "domain-7-", "domain-7-", 0),
            ("/run/libvirt/qemu/channel/*/org.shareagent.0", "7-web", "web", 7),
            ("/run/vms/*.sock", "db.sock", "db", 0),
            ("/run/vm-*", "vm-db", "db", 0),
            ("/*.sock", "db.sock", "db", 0),
        ])
    func names(pattern: String, entry: String, name: String, run: Int) throws {
        let match = try #require(SocketPattern(validating: pattern).match(entry: entry))
        #expect(match.name == name)
        #expect(match.run == run)
        #expect(match.path == pattern.replacingStar(with: entry, of: pattern))
    }

    @Test("what does not match is no VM", arguments: [".sock", "db.socket", "adb", ".hidden.sock"])
    func others(entry: String) throws {
        #expect(try SocketPattern(validating: "/run/vms/*.sock").match(entry: entry) == nil)
    }

    @Test("of two runs of one VM the newer is it")
    func newestRun() throws {
        let pattern = try SocketPattern(validating: "/var/lib/libvirt/qemu/channel/target/*/org.shareagent.0")
        let matches = pattern.matches(entries: ["domain-2-web", "domain-10-web", "domain-9-web", "domain-4-db"])
        #expect(matches.map(\.name) == ["db", "web"])
        #expect(matches.last?.path == "/var/lib/libvirt/qemu/channel/target/domain-10-web/org.shareagent.0")
    }

    @Test("a path too long for a socket is passed over")
    func longPaths() throws {
        let pattern = try SocketPattern(validating: "/r/*/s")
        let room = HostConfiguration.Limits.socketPathBytes - "/r//s".utf8.count
        #expect(pattern.match(entry: String(repeating: "a", count: room)) != nil)
        #expect(pattern.match(entry: String(repeating: "a", count: room + 1)) == nil)
    }

    @Test(
        "a pattern is an absolute path with one star and nothing else that is wild",
        arguments: ["", "run/*", "/run/x", "/run/*/*", "/run/**", "/run/../*", "/run//*", "/run/?*", "/run/[ab]*", "/run/{a}*", "/run/*/"])
    func invalid(pattern: String) {
        #expect(throws: FieldProblem.self) { try SocketPattern(validating: pattern) }
    }

    @Test("a whole path is recognized as a match, and only at its own depth")
    func wholePaths() throws {
        let pattern = try SocketPattern(validating: "/run/*/s")
        #expect(pattern.match(path: "/run/web/s")?.name == "web")
        #expect(pattern.match(path: "/run/a/b/s") == nil)
        #expect(pattern.match(path: "/run//s") == nil)
        #expect(pattern.match(path: "/srv/web/s") == nil)
    }
}

extension String {
    /// The path that a pattern becomes when its component with the star is `entry`.
    fileprivate func replacingStar(with entry: String, of pattern: String) -> String {
        pattern.split(separator: "/").map { $0.contains("*") ? "/" + entry : "/" + $0 }.joined()
    }
}
