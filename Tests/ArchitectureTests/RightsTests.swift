import Foundation
import Testing

@Suite("each room uses what the table in docs/architecture.md allows")
struct RightsTests {
    /// The table: room to what it may use.
    static func rights() throws -> [String: Set<String>] {
        let lines = try Repository.text("docs/architecture.md").components(separatedBy: "\n")
        var rights: [String: Set<String>] = [:]
        for line in lines.drop(while: { !$0.hasPrefix("<!-- rights") }).dropFirst(3).prefix(while: { $0.hasPrefix("|") }) {
            let cells = line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast()
            guard let room = cells.first.map(quoted)?.first, let uses = cells.last.map(quoted) else { continue }
            rights[room] = Set(uses)
        }
        return rights
    }

    private static func quoted(_ cell: Substring) -> [String] {
        cell.split(separator: "`", omittingEmptySubsequences: false).enumerated().filter { $0.offset % 2 == 1 }.map { String($0.element) }
    }

    @Test("the manifest gives each target exactly the rights of the table")
    func manifest() throws {
        let rights = try Self.rights()
        let manifest = try Manifest.load()
        #expect(rights.count > 15, "the table was not found")
        #expect(Set(manifest.dependencies.keys) == Set(rights.keys), "a target without a row, or a row without a target")
        for (target, uses) in manifest.dependencies.sorted(by: { $0.key < $1.key }) {
            #expect(uses == rights[target], "\(target)")
        }
    }

    @Test("a file imports only what its room may use, and C libraries only in their wrapper")
    func imports() throws {
        let rights = try Self.rights()
        let sources = try Repository.swiftSources()
        #expect(sources.count > 50)
        for file in sources {
            var allowed = try #require(rights[file.target], "\(file.path) is in no room of the table")
            if !Self.pure.contains(file.target) { allowed.insert("Glibc") }
            if allowed.contains("ArgumentParser") { allowed.insert("FoundationEssentials") }
            for module in file.imports {
                #expect(allowed.contains(module), "\(file.path) imports \(module)")
            }
        }
    }

    /// Rooms that can open, wait for and write nothing.
    static let pure: Set = ["ShareModel", "ShareWire", "ShareKinds", "Reconciler", "FileNames"]

    @Test("the rooms of daemon and worker do without Swift's concurrency and regular expressions")
    func leanRooms() throws {
        let rights = try Self.rights()
        for file in try Repository.swiftSources()
        where rights[file.target]?.contains("ArgumentParser") == false && file.target != "shareagent" && file.target != "sharehost" {
            let found = file.places(of: #"\b(async|await|actor|Task|DispatchQueue|Regex|NSRegularExpression)\b[^:]"#)
            #expect(found.isEmpty, "\(found)")
        }
    }

    @Test("an executable is wiring: a main file of at most 60 lines")
    func executables() throws {
        for target in ["shareagent", "shareagentd", "share-worker", "share-names", "share-names-view", "sharehost"] {
            let files = try Repository.files(below: "Sources/\(target)", endingIn: [".swift"])
            let lines = try files.map { try Repository.text($0).components(separatedBy: "\n").count }.reduce(0, +)
            #expect(lines <= 60, "\(target) has \(lines) lines")
        }
    }

    @Test("an import is recognised in each of its forms, and a word in a text is not")
    func importForms() throws {
        let forms = [
            ("import A", "A"), ("public import B", "B"), ("internal import C", "C"), ("@testable import D", "D"),
            ("private import struct E.Thing", "E"), ("@preconcurrency package import F", "F"),
        ]
        for (line, module) in forms {
            #expect(SourceFile(path: "Sources/X/Y.swift", lines: [line]).imports == [module])
        }
        #expect(SourceFile(path: "Sources/X/Y.swift", lines: ["// import A", "let x = \"import A\""]).imports.isEmpty)
    }
}
