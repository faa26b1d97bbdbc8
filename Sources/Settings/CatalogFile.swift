internal import LibYaml
public import ShareModel

/// A YAML catalog that somebody gives to `attach --from`. The shares themselves are judged later, each by itself.
public struct CatalogFile {
    /// `{shares: [Share…]}`.
    public let document: Value
    /// The file as it was read, for a program that is to read the same: a pipe is read only once.
    public let bytes: [UInt8]

    /// Reads a file, or standard input where the path is `-`.
    /// - Throws: `SettingsProblem` where it cannot be read or is no catalog.
    public static func read(_ path: String) throws(SettingsProblem) -> CatalogFile {
        guard let file = try readIfThere(path) else {
            throw SettingsProblem(file: path, line: nil, key: "", message: "there is no such file")
        }
        return file
    }

    /// The same where the file may be missing: then nil.
    public static func readIfThere(_ path: String) throws(SettingsProblem) -> CatalogFile? {
        guard let file = try YamlFile.readAnybodys(path) else { return nil }
        do throws(FieldProblem) {
            var fields = try Fields(file.document.value, at: "")
            guard let shares = try fields.list("shares") else { throw FieldProblem(path: "shares", message: "is missing") }
            try fields.end()
            _ = try Catalog(revision: 0, shares: shares, at: "shares")
        } catch {
            throw file.problem(error)
        }
        return CatalogFile(document: file.document.value, bytes: file.bytes)
    }
}
