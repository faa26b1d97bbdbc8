import Glibc
import ShareModel
import Testing

@testable import Commands

/// A directory of the test's own, removed with all that is in it, and the command line run inside it.
final class Scratch {
    let path: String

    init() throws {
        var template = Array("/tmp/shareagent-commands.XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { $0.baseAddress.flatMap { mkdtemp($0) } }
        path = String(cString: try #require(made))
    }

    deinit {
        remove(path)
    }

    var socket: String { path + "/control.sock" }

    /// Writes a file, executable where asked.
    func write(_ name: String, _ text: String, executable: Bool = false) throws {
        let descriptor = open(path + "/" + name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, executable ? 0o755 : 0o644)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        try #require(Glibc.write(descriptor, bytes, bytes.count) == bytes.count)
    }

    /// What a file holds; nil where there is none.
    func read(_ name: String) -> String? { Self.readFile(path + "/" + name) }

    /// What any file holds; nil where there is none.
    static func readFile(_ path: String) -> String? {
        guard let file = fopen(path, "re") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        while case let byte = getc(file), byte != EOF { bytes.append(UInt8(truncatingIfNeeded: byte)) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Makes a `shareagentd` that is a shell script, for runs without a daemon.
    func writeAgent(_ script: String) throws {
        try write("shareagentd", "#!/bin/sh\n\(script)\n", executable: true)
    }

    /// Runs the command line with this directory's socket and programs.
    func run(_ arguments: [String], out: Screen = .plain, errors: Screen = .plain) -> Ran {
        let ran = Ran()
        let console = Console(out: out, errors: errors, writeOut: { ran.out += $0 }, writeError: { ran.errors += $0 })
        let program = Program(console: console, environment: ["SHAREAGENT_LIBEXEC": path]) { Samples.now }
        ran.status = program.run(arguments + ["--control-socket", socket])
        return ran
    }

    private func remove(_ path: String) {
        guard let directory = opendir(path) else {
            unlink(path)
            return
        }
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            if name != ".", name != ".." { remove(path + "/" + name) }
        }
        closedir(directory)
        rmdir(path)
    }
}

/// What a run said and how it ended.
final class Ran {
    var out = ""
    var errors = ""
    var status: Int32 = -1
}
