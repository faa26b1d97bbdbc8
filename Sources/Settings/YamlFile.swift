internal import LibYaml
internal import LinuxSystem
internal import ShareModel

/// A YAML file of root's with what is in it.
struct YamlFile {
    let path: String
    let document: YamlDocument

    /// Reads a file; nil where there is none. One that decides what root does (`trusted`) may not be writable by others.
    static func read(_ path: String, trusted: Bool) throws(SettingsProblem) -> YamlFile? {
        let bytes: [UInt8]
        do throws(TrustedFileFailure) {
            bytes = try readTrustedFile(Array(path.utf8), limit: YamlDocument.Limits.bytes, anyOwner: !trusted)
        } catch {
            if case .failed(let call) = error, call.name == "ENOENT" { return nil }
            throw SettingsProblem(file: path, line: nil, key: "", message: "is not taken: \(error.text)")
        }
        do throws(YamlError) {
            return YamlFile(path: path, document: try YamlDocument.parse(bytes))
        } catch {
            throw SettingsProblem(file: path, line: error.line, key: "", message: "column \(error.column): \(error.message)")
        }
    }

    /// A problem with one of the file's values.
    func problem(_ problem: FieldProblem) -> SettingsProblem {
        SettingsProblem(file: path, line: document.line(of: problem.path), key: problem.path, message: problem.message)
    }
}
