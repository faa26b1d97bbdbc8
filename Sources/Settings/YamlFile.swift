internal import LibYaml
internal import LinuxSystem
internal import ShareModel

/// A YAML file with what is in it.
struct YamlFile {
    let path: String
    let bytes: [UInt8]
    let document: YamlDocument

    /// Reads a file of root's, which decides what root does; nil where there is none. One that others may write to is not taken.
    static func read(_ path: String) throws(SettingsProblem) -> YamlFile? {
        try read(path) { () throws(TrustedFileFailure) in try readTrustedFile(Array(path.utf8), limit: YamlDocument.Limits.bytes) }
    }

    /// Reads a file that somebody names, whoever may write to it; nil where there is none. `-` is standard input.
    static func readAnybodys(_ path: String) throws(SettingsProblem) -> YamlFile? {
        try read(path == "-" ? "standard input" : path) { () throws(TrustedFileFailure) in
            guard path == "-" else { return try readTrustedFile(Array(path.utf8), limit: YamlDocument.Limits.bytes, anyOwner: true) }
            do throws(SystemCallError) {
                return try readStandardInput(limit: YamlDocument.Limits.bytes)
            } catch {
                throw .failed(error)
            }
        }
    }

    private static func read(_ path: String, _ read: () throws(TrustedFileFailure) -> [UInt8]) throws(SettingsProblem) -> YamlFile? {
        let bytes: [UInt8]
        do throws(TrustedFileFailure) {
            bytes = try read()
        } catch {
            if case .failed(let call) = error, call.name == "ENOENT" { return nil }
            throw SettingsProblem(file: path, line: nil, key: "", message: "is not taken: \(error.text)")
        }
        do throws(YamlError) {
            return YamlFile(path: path, bytes: bytes, document: try YamlDocument.parse(bytes))
        } catch {
            throw SettingsProblem(file: path, line: error.line, key: "", message: "column \(error.column): \(error.message)")
        }
    }

    /// A problem with one of the file's values.
    func problem(_ problem: FieldProblem) -> SettingsProblem {
        SettingsProblem(file: path, line: document.line(of: problem.path), key: problem.path, message: problem.message)
    }
}
