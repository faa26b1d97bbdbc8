import Foundation
import Testing

/// What is written in two places and must be the same.
@Suite("documents, packages and code agree")
struct AgreementTests {
    private static func matches(_ pattern: String, in text: String) throws -> [String] {
        let expression = try NSRegularExpression(pattern: pattern, options: [.anchorsMatchLines])
        let whole = NSRange(text.startIndex..., in: text)
        return expression.matches(in: text, range: whole).compactMap { match in
            Range(match.range(at: 1), in: text).map { String(text[$0]) }
        }
    }

    static func programVersion() throws -> String {
        let text = try Repository.text("Sources/ShareModel/Version.swift")
        return try #require(try matches(#"program = "([^"]+)""#, in: text).first)
    }

    @Test("docs/causes.md lists each cause code once")
    func causeCodes() throws {
        let code = try Self.matches(#"^    case \w+ = "([a-z-]+)"$"#, in: Repository.text("Sources/ShareModel/CauseCode.swift"))
        let documented = try Self.matches(#"^\| `([a-z-]+)` \|"#, in: Repository.text("docs/causes.md"))
        #expect(code.count >= 56)
        #expect(documented.sorted() == code.sorted())
    }

    @Test("docs/causes.md marks as policy what the code calls a refusal")
    func refusals() throws {
        let text = try Repository.text("Sources/ShareModel/CauseCode.swift")
        let line = try #require(text.components(separatedBy: "\n").first { $0.contains(": true") })
        let cases = Dictionary(
            zip(try Self.matches(#"^    case (\w+) = "#, in: text), try Self.matches(#"^    case \w+ = "([a-z-]+)"$"#, in: text)),
            uniquingKeysWith: { first, _ in first })
        let refusals = try Self.matches(#"\.(\w+)"#, in: line).map { try #require(cases[$0]) }
        let marked = try Self.matches(#"^\| `([a-z-]+)` \| \*policy\*"#, in: Repository.text("docs/causes.md"))
        #expect(refusals.count > 3)
        #expect(marked.sorted() == refusals.sorted())
    }

    @Test("docs/names.md has each finding of names once, in the program's words")
    func findings() throws {
        let text = try Repository.text("Sources/FileNames/Scanning/NameFinding.swift")
        let sentences = try Self.matches(#"^        case \.\w+: "(.+)"$"#, in: text)
        let documented = try Self.matches(#"^\| N\d+ \| ([^|]+) \|"#, in: Repository.text("docs/names.md"))
        #expect(sentences.count == 14)
        #expect(documented == sentences)
    }

    @Test("the packages have the program's version")
    func packageVersion() throws {
        let newest = try Self.matches(#"^shareagent \(([^)]+)\)"#, in: Repository.text("packaging/debian/changelog")).first
        #expect(newest == (try Self.programVersion()))
    }

    @Test("the list of changes begins with the program's version")
    func changes() throws {
        let newest = try Self.matches(#"^## (\S+)"#, in: Repository.text("CHANGELOG.md")).first
        #expect(newest == (try Self.programVersion()))
    }

    @Test("each man page is of the program's version")
    func manualPages() throws {
        let version = try Self.programVersion()
        let pages = try Repository.files(below: "man", endingIn: [".1", ".5", ".7", ".8"])
        #expect(pages.count > 3)
        for page in pages {
            #expect(try Repository.text(page).components(separatedBy: "\n").contains(".Os shareagent \(version)"), "\(page)")
        }
    }

    @Test(
        "each program and each configuration file has a man page",
        arguments: ["shareagent.1", "sharehost.1", "shareagent.yaml.5", "sharehost.yaml.5"])
    func documented(page: String) {
        #expect(Repository.exists("man/\(page)"))
    }

    @Test("the port of the udev rule is the one the agent opens")
    func port() throws {
        let rule = try Self.matches(#"ATTR\{name\}=="([^"]+)""#, in: Repository.text("packaging/debian/shareagent.udev"))
        let model = try Repository.text("Sources/ShareModel/AgentConfiguration.swift")
        let path = try #require(try Self.matches(#"standardChannel = "/dev/virtio-ports/([^"]+)""#, in: model).first)
        #expect(rule == [path])
    }

    @Test("each key in the delivered configuration is one the code reads", arguments: ["channel", "probe", "policy"])
    func configurationKeys(section: String) throws {
        let delivered = try Repository.text("packaging/agent.yaml")
        let code = try Repository.text("Sources/ShareModel/AgentConfiguration.swift")
        #expect(try Self.matches(#"^#(\w+):"#, in: delivered).contains(section))
        for key in try Self.matches(#"^#(?:  )?(\w+):(?:\s|$)"#, in: delivered) {
            let isRead = code.contains("\"\(key)\"")
            #expect(isRead, "\(key)")
        }
    }

    @Test("no unit of the mounting side has a mount namespace, which would hide its mounts from the guest")
    func mountNamespace() throws {
        let unit = try Repository.text("packaging/debian/shareagent.service")
        let set = try Self.matches(#"^(\w+)="#, in: unit)
        let forbidden = [
            "RootDirectory", "RootImage", "BindPaths", "BindReadOnlyPaths", "TemporaryFileSystem", "MountImages", "ExtensionImages",
            "ReadOnlyPaths",
            "ReadWritePaths", "InaccessiblePaths", "ExecPaths", "NoExecPaths", "PrivateTmp", "PrivateDevices", "PrivateMounts",
            "PrivateIPC",
            "ProtectSystem", "ProtectHome", "ProtectKernelTunables", "ProtectKernelModules", "ProtectKernelLogs", "ProtectControlGroups",
            "ProtectProc", "ProcSubset", "LogNamespace", "MountAPIVFS", "MountFlags", "DynamicUser", "PrivateUsers", "PrivateNetwork",
            "ProtectHostname", "ProtectClock", "DevicePolicy", "RestrictSUIDSGID",
        ]
        #expect(set.contains("ExecStart"))
        #expect(Set(set).isDisjoint(with: forbidden), "\(Set(set).intersection(forbidden))")
    }
}
