import Foundation
import Testing

@Suite("sources keep the house rules")
struct StyleTests {
    @Test(
        "no source takes a short cut that ends the program or leaves work undone",
        arguments: [
            #"\btry!"#, #"\bas!"#, #"\bfatalError\("#, #"\bpreconditionFailure\("#, #"\bunowned\(unsafe\)"#,
            #"\b(usleep|nanosleep|sleep)\("#,
        ])
    func shortCuts(pattern: String) throws {
        let found = try Repository.swiftSources().flatMap { $0.places(of: pattern) }
        #expect(found.isEmpty, "\(found)")
    }

    @Test("nothing is left for later in a comment")
    func leftForLater() throws {
        let paths =
            try Repository.files(below: "Sources", endingIn: [".swift", ".c", ".h"])
            + Repository.files(below: "packaging", endingIn: ["service", "yaml", "rules", "postrm"])
        for path in paths {
            let text = try Repository.text(path)
            #expect(text.range(of: #"\b(TODO|FIXME|XXX|HACK)\b"#, options: .regularExpression) == nil, "\(path)")
        }
    }

    @Test("what the compiler cannot check for threads says on the line before why it is safe")
    func uncheckedConcurrency() throws {
        for file in try Repository.swiftSources() {
            for (number, text) in file.code where text.contains("@unchecked Sendable") || text.contains("nonisolated(unsafe)") {
                let before = file.lines[..<(number - 1)].reversed().prefix(while: {
                    $0.trimmingCharacters(in: .whitespaces).hasPrefix("//")
                })
                let explained = before.contains { $0.contains("Safety:") } || file.lines[number - 1].contains("Safety:")
                #expect(explained, "\(file.path):\(number) has no `// Safety:` line")
            }
        }
    }

    @Test("no file is longer than 500 lines")
    func fileLength() throws {
        for file in try Repository.swiftSources() {
            #expect(file.lines.count <= 500, "\(file.path) has \(file.lines.count) lines and wants a split")
        }
    }

    @Test("no file is named after a thing that holds anything")
    func fileNames() throws {
        let empty = try Repository.swiftSources().filter {
            $0.name.range(of: "(Util|Utils|Helper|Helpers|Manager|Info|Data|Misc|Common)$", options: .regularExpression) != nil
        }
        #expect(empty.isEmpty, "\(empty.map(\.path))")
    }

    @Test("no two files of a room have one name, which SwiftPM would refuse late")
    func distinctNames() throws {
        let names = Dictionary(grouping: try Repository.swiftSources(), by: { "\($0.target)/\($0.name)" })
        let twice = names.filter { $0.value.count > 1 && $0.key != "main" }.keys.sorted()
        #expect(twice.isEmpty, "\(twice)")
    }

    @Test("a path of a machine that built this is in no file")
    func machinePaths() throws {
        let paths =
            try ["Sources", "packaging", "docs", ".ci"].flatMap { try Repository.files(below: $0, endingIn: [""]) } + [
                "Package.swift", "Makefile",
            ]
        for path in paths {
            guard let text = try? Repository.text(path) else { continue }
            #expect(text.range(of: #"(?<![\w./-])/(work|home/\w+)/\w"#, options: .regularExpression) == nil, "\(path)")
        }
    }

    @Test("a comment is no code, an address in a text is no comment")
    func comments() {
        let file = SourceFile(path: "Sources/X/Y.swift", lines: ["// try! this", "let a = \"unix://b\"  // as! c", "let d = try! e()"])
        #expect(file.places(of: #"\btry!"#) == ["Sources/X/Y.swift:3"])
        #expect(file.places(of: #"\bas!"#).isEmpty)
        #expect(file.code[1].text == "let a = \"unix://b\"")
    }
}
