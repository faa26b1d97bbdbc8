import Foundation

/// Package.swift as SwiftPM reads it.
struct Manifest {
    /// Names of what each target depends on, targets and products alike.
    let dependencies: [String: Set<String>]

    /// Asks `swift package dump-package`, in a scratch folder of its own: the one of this package is locked while tests run.
    static func load() throws -> Manifest {
        let scratch = FileManager.default.temporaryDirectory.appendingPathComponent("architecture-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: scratch) }
        let output = Pipe()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "swift", "package", "--disable-sandbox", "--package-path", Repository.root.path, "--scratch-path", scratch.path, "dump-package",
        ]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Unreadable(status: process.terminationStatus) }
        return try Manifest(json: bytes)
    }

    init(json: Data) throws {
        struct Dump: Decodable { let targets: [Target] }
        struct Target: Decodable {
            let name: String
            let type: String
            let dependencies: [[String: [Part]]]
        }
        // ["name", null], or ["name", "package", null, null]
        struct Part: Decodable {
            let text: String?
            init(from decoder: any Decoder) throws { text = try? decoder.singleValueContainer().decode(String.self) }
        }
        let dump = try JSONDecoder().decode(Dump.self, from: json)
        var dependencies: [String: Set<String>] = [:]
        for target in dump.targets where target.type != "test" && target.type != "plugin" {
            dependencies[target.name] = Set(target.dependencies.flatMap(\.values).compactMap { $0.first?.text })
        }
        self.dependencies = dependencies
    }

    struct Unreadable: Error { let status: Int32 }
}
