import Foundation

/// The working copy that these tests look at.
enum Repository {
    static let root: URL = {
        var folder = URL(fileURLWithPath: #filePath)
        for _ in ["file", "ArchitectureTests", "Tests"] { folder.deleteLastPathComponent() }
        return folder
    }()

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root.appendingPathComponent(path).path)
    }

    /// Paths of all files below a folder, as they would be written from the root.
    static func files(below folder: String, endingIn suffixes: [String]) throws -> [String] {
        let names = try FileManager.default.subpathsOfDirectory(atPath: root.appendingPathComponent(folder).path)
        return names.filter { name in suffixes.contains(where: name.hasSuffix) }.sorted().map { "\(folder)/\($0)" }
    }

    static func swiftSources() throws -> [SourceFile] {
        try files(below: "Sources", endingIn: [".swift"]).map(SourceFile.init)
    }
}

/// One Swift file below Sources.
struct SourceFile {
    let path: String
    let lines: [String]

    init(path: String, lines: [String]) {
        self.path = path
        self.lines = lines
    }

    init(path: String) throws {
        self.init(path: path, lines: try Repository.text(path).components(separatedBy: "\n"))
    }

    var target: String { path.components(separatedBy: "/")[1] }
    var name: String { String((path as NSString).lastPathComponent.dropLast(".swift".count)) }

    /// Modules that this file imports.
    var imports: [String] {
        lines.compactMap { line in
            let words = line.split(separator: " ").map(String.init)
            guard let at = words.firstIndex(of: "import"), words[..<at].allSatisfy({ Self.beforeImport.contains($0) || $0.hasPrefix("@") })
            else { return nil }
            return words.dropFirst(at + 1).last?.components(separatedBy: ".").first
        }
    }

    private static let beforeImport: Set = ["public", "package", "internal", "fileprivate", "private", "unsafe"]

    /// Lines of code with their numbers: without what stands after `//`.
    var code: [(number: Int, text: String)] {
        lines.enumerated().map { index, line in
            var text = line
            if let comment = line.range(of: #"(^|\s+)//.*$"#, options: .regularExpression) { text.removeSubrange(comment) }
            return (index + 1, text)
        }
    }

    /// `path:line` of each line of code that matches.
    func places(of pattern: String) -> [String] {
        code.filter { $0.text.range(of: pattern, options: .regularExpression) != nil }.map { "\(path):\($0.number)" }
    }
}
