import ArgumentParser
import ShareModel
import Testing

@testable import Commands

/// The manual pages name what there is, and nothing else.
@Suite("manual pages") struct ManualTests {
    private static func page(_ name: String) throws -> [Substring] {
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let text = try #require(Scratch.readFile("/\(root)/man/\(name)"), "man/\(name) is missing")
        return text.split(separator: "\n")
    }

    /// The words of a macro's lines, as written: `.It Fl Fl json` is `["It", "Fl", "Fl", "json"]`.
    private static func words(_ line: Substring) -> [Substring] {
        line.hasPrefix(".") ? line.dropFirst().split(separator: " ") : []
    }

    /// Long options in mdoc words: each `Fl Fl NAME`.
    private static func options(_ words: [Substring]) -> [String] {
        words.indices.dropFirst(2).filter { words[$0 - 1] == "Fl" && words[$0 - 2] == "Fl" }.map { "--" + words[$0] }
    }

    /// A command, or those of its group.
    private static func leaves(_ command: any ParsableCommand.Type) -> [any ParsableCommand.Type] {
        command.configuration.subcommands.isEmpty ? [command] : command.configuration.subcommands
    }

    @Test("shareagent(1) has every command with every one of its options, and no other") func commands() throws {
        let page = try Self.page("shareagent.1")
        let listed = page.map(Self.words).filter { $0.starts(with: ["It", "Cm"]) }.compactMap { $0.last.map(String.init) }
        let there = ShareAgent.configuration.subcommands.map { $0._commandName }
        #expect(listed == there)

        let described = Set(page.map(Self.words).filter { $0.first == "It" }.flatMap(Self.options))
        let help =
            ShareAgent.configuration.subcommands.flatMap(Self.leaves).map { ShareAgent.helpMessage(for: $0, columns: 200) } + [
                ShareAgent.helpMessage(columns: 200)
            ]
        let real = Set(help.joined().split { " \n,[]".contains($0) }.filter { $0.hasPrefix("--") }.map(String.init))
        #expect(described == real)
    }

    @Test("its synopsis gives each command the options that its help gives") func synopsis() throws {
        let page = try Self.page("shareagent.1")
        for command in ShareAgent.configuration.subcommands {
            let name = command._commandName
            let start = try #require(page.firstIndex { Self.words($0) == ["Cm", Substring(name)] })
            let rest = page[(start + 1)...].prefix { line in !line.hasPrefix(".Nm") && !line.hasPrefix(".Sh") }
            // Of a command with more than a dozen the usage names none.
            let lines = Self.leaves(command).flatMap { ShareAgent.helpMessage(for: $0, columns: 200).split(separator: "\n") }
            let described = lines.filter { $0.hasPrefix("  -") }.flatMap {
                $0.split { " ,".contains($0) }.prefix(while: { $0.hasPrefix("-") })
            }
            let real = Set(described.filter { $0.hasPrefix("--") }.map(String.init)).subtracting(["--help", "--version"])
            #expect(Set(rest.flatMap { Self.options(Self.words($0)) }) == real, "\(name)")
        }
    }

    @Test("its exit statuses, states and healths are the program's") func words() throws {
        let page = try Self.page("shareagent.1").map(Self.words)
        let numbers = page.filter { $0.count == 2 && $0[0] == "It" }.compactMap { Int32($0[1]) }
        #expect(numbers == ExitStatus.allCases.map(\.rawValue))
        let literals = page.filter { $0.count == 3 && $0.starts(with: ["It", "Li"]) }.map { String($0[2]) }
        #expect(literals == ShareState.allCases.map(\.rawValue) + Health.allCases.map(\.rawValue))
    }

    @Test("shareagent.yaml(5) names every key that the readers take: a key it names is never unknown") func keys() throws {
        var section = ""
        var keys: [String: [String]] = [:]
        for line in try Self.page("shareagent.yaml.5").map(Self.words) {
            if line.first == "Sh" { section = line.dropFirst().joined(separator: " ") }
            if line.starts(with: ["It", "Ic"]) { keys[section, default: []] += line.dropFirst(2).filter { $0 != "," }.map(String.init) }
        }
        // A key that is taken is complained about for its value; one that is not, for being unknown.
        for key in keys["CONFIGURATION"] ?? [] where !["interval", "slowLimit", "deadline"].contains(key) {
            #expect(Self.problem(ofConfiguration: .object([.init(key, .integer(-1))]))?.contains("is not a known key") != true, "\(key)")
        }
        for key in keys["POLICY"] ?? [] {
            let problem = Self.problem(ofConfiguration: .object([.init("policy", .object([.init(key, .array([.array([])]))]))]))
            #expect(problem?.hasPrefix("policy.\(key)") == true && problem?.contains("known key") == false, "\(key): \(problem ?? "taken")")
        }
        #expect(
            Set(keys["CONFIGURATION"] ?? []) == ["channel", "probe", "interval", "slowLimit", "deadline", "policy"])
        #expect(Set(keys["POLICY"] ?? []) == Self.policyProperties)

        let shareKeys = keys["CATALOG"] ?? []
        let nested = ["exec", "suid", "dev", "atime", "uid", "gid", "fileMode", "directoryMode"] + NamesWish.Key.allCases.map(\.rawValue)
        #expect(Set(shareKeys) == Set(Self.everyWish.members + nested))
        #expect((try? Share(Self.everyWish.value, at: "")) != nil)
    }

    private static func problem(ofConfiguration value: Value) -> String? {
        do {
            _ = try AgentConfiguration(value)
            return nil
        } catch {
            return error.sentence
        }
    }

    /// The policy's own properties; `selinuxContext` is written as `selinux: {context: …}`.
    private static var policyProperties: Set<String> {
        Set(Mirror(reflecting: Policy.standard).children.compactMap(\.label).map { $0 == "selinuxContext" ? "selinux" : $0 })
    }

    /// A share that wishes everything there is to wish: as many keys as Share has properties.
    private static var everyWish: (value: Value, members: [String]) {
        let value = Value.object([
            "name": "a", "source": .object(["type": "tmpfs", "sizeBytes": 4096]), "target": "/mnt/a", "access": "ro", "profile": "coherent",
            "failure": "soft", "giveUpSeconds": 5, "keepaliveSeconds": 5, "recover": "force", "attach": "manual", "required": true,
            "mount": .object(["exec": false]), "ownership": .object(["uid": 1]), "names": .object(["form": "nfc"]), "credential": "c",
            "selinux": .object(["context": "x"]), "options": .object(["size": "1"]), "labels": .object(["a": "b"]),
        ])
        let members = if case .object(let members) = value { members.map(\.key) } else { [String]() }
        return (value, members)
    }

    @Test("the share that wishes everything really does: no property of Share is left at its default") func everyWishIsComplete() throws {
        let wished = try Share(Self.everyWish.value, at: "")
        let plain = try Share(.object(["name": "b", "source": .object(["type": "virtiofs", "tag": "t"])]), at: "")
        let pairs = zip(Mirror(reflecting: wished).children, Mirror(reflecting: plain).children)
        for (mine, other) in pairs {
            #expect(String(describing: mine.value) != String(describing: other.value), "\(mine.label ?? "")")
        }
        #expect(Mirror(reflecting: wished).children.count == Self.everyWish.members.count)
    }

    @Test("every source's type and keys are in shareagent.yaml(5)") func sources() throws {
        let page = try Self.page("shareagent.yaml.5")
        let start = try #require(page.firstIndex { $0 == ".Sh SOURCES" })
        let text = page[start...].prefix { $0 != ".Sh FILES" }.joined(separator: " ").split { " ,".contains($0) }
        for type in SourceType.allCases { #expect(text.contains(Substring(type.rawValue)), "\(type)") }
        let samples: [Source] = [
            .virtiofs(VirtiofsSource(tag: "t", dax: .never)),
            .nfs(NFSSource(server: "s", export: "/e", port: 1, connections: 1)),
            .smb(SMBSource(server: "s", share: "x", path: "p", port: 1, domain: "d", channels: 1)),
            .tmpfs(TmpfsSource(sizeBytes: 4096, mode: 0o700)), .image(ImageSource(location: .serial("s"), filesystem: "ext4")),
            .image(ImageSource(location: .label("s"))), .image(ImageSource(location: .uuid("s"))),
        ]
        for source in samples {
            guard case .object(let members) = source.value else { continue }
            for member in members { #expect(text.contains(Substring(member.key)), "\(source.type): \(member.key)") }
        }
    }
}
