internal import LibYaml
public import ShareModel

/// A YAML catalog that somebody gives to `attach --from`.
public enum CatalogFile {
    /// Reads `{shares: [Share…]}`. The shares themselves are judged later, each by itself.
    /// - Throws: `SettingsProblem` where the file cannot be read or is no catalog.
    public static func read(_ path: String) throws(SettingsProblem) -> Value {
        guard let document = try readIfThere(path) else {
            throw SettingsProblem(file: path, line: nil, key: "", message: "there is no such file")
        }
        return document
    }

    /// The same where the file may be missing: then nil.
    public static func readIfThere(_ path: String) throws(SettingsProblem) -> Value? {
        guard let file = try YamlFile.read(path, trusted: false) else { return nil }
        do throws(FieldProblem) {
            var fields = try Fields(file.document.value, at: "")
            guard let shares = try fields.list("shares") else { throw FieldProblem(path: "shares", message: "is missing") }
            try fields.end()
            _ = try Catalog(revision: 0, shares: shares, at: "shares")
        } catch {
            throw file.problem(error)
        }
        return file.document.value
    }
}
