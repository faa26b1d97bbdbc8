import ArgumentParser
import Glibc
import ShareModel
import Testing

@testable import HostPeer

@Suite("The manual pages")
struct ManualTests {
    private static func page(_ name: String) throws -> String {
        let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
        let descriptor = open("\(root)/man/\(name)", O_RDONLY | O_CLOEXEC)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = read(descriptor, &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }

    @Test("each command and each option stands in sharehost(1)", arguments: [nil, "serve", "status", "check", "attach", "detach"])
    func options(command: String?) throws {
        let page = try Self.page("sharehost.1")
        let help =
            switch command {
            case "serve": SharehostCommand.helpMessage(for: Serve.self)
            case "status": SharehostCommand.helpMessage(for: Status.self)
            case "check": SharehostCommand.helpMessage(for: Check.self)
            case "attach": SharehostCommand.helpMessage(for: Attach.self)
            case "detach": SharehostCommand.helpMessage(for: Detach.self)
            default: SharehostCommand.helpMessage()
            }
        if let command { #expect(page.contains("\n.It Cm \(command)\n")) }
        let options = help.split(whereSeparator: { " \n,[]<>()|".contains($0) }).filter { $0.hasPrefix("--") }
        #expect(!options.isEmpty)
        for option in options { #expect(page.contains("Fl Fl \(option.dropFirst(2))"), "\(option)") }
    }

    @Test("each request of the control socket stands in sharehost(1)", arguments: HostControlMethod.allCases)
    func requests(method: HostControlMethod) throws {
        #expect(try Self.page("sharehost.1").contains(method.rawValue))
    }

    @Test("each metric stands in sharehost(1)")
    func metrics() throws {
        let page = try Self.page("sharehost.1")
        let names = MetricsPageTests.page.split(separator: "\n").filter { $0.hasPrefix("# TYPE ") }.compactMap {
            $0.split(separator: " ").dropFirst(2).first
        }
        #expect(names.count >= 24)
        for name in names { #expect(page.contains(name), "\(name)") }
    }

    @Test(
        "each key stands in sharehost.yaml(5)",
        arguments: [
            "host", "name", "id", "reportInterval", "metrics", "listen", "credentials", "username", "domain", "passwordFile", "keyFile",
            "shares", "vms",
            "channel", "pattern",
        ])
    func keys(key: String) throws {
        let page = try Self.page("sharehost.yaml.5")
        let items = page.split(separator: "\n").filter { $0.hasPrefix(".It Ic ") }.flatMap { $0.split(separator: " ") }
        #expect(items.contains(Substring(key)))
    }

    @Test("the example of sharehost.yaml(5) has no mistakes but for the files it names")
    func example() throws {
        let page = try Self.page("sharehost.yaml.5")
        let lines = page.split(separator: "\n", omittingEmptySubsequences: false)
        let begin = try #require(lines.firstIndex(of: ".Bd -literal"))
        let end = try #require(lines[begin...].firstIndex(of: ".Ed"))
        let text = lines[(begin + 1)..<end].joined(separator: "\n") + "\n"
        let error = #expect(throws: ConfigurationMistakes.self) { try ConfigurationFile.parse(Array(text.utf8), credentialOwner: 0) }
        #expect(error?.mistakes.map(\.key) == ["credentials.projects-user.passwordFile"])
    }
}
