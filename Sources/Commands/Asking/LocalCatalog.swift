import Settings
import ShareModel

/// A catalog file that `--from` names, read and found to be one. Its entries are judged by the agent, each by itself.
struct LocalCatalog: Equatable {
    /// The file.
    let path: String
    /// `{shares: […]}`.
    let document: Value

    /// Reads the file.
    init(path: String) throws(CommandEnd) {
        self.path = path
        do {
            document = try CatalogFile.read(path)
        } catch {
            throw .complaint(
                Complaint(
                    "cannot take the catalog '\(path)'", why: error.sentence, remedy: "correct the file; shareagent.yaml(5) has every key",
                    exit: .usage, code: .shareInvalid))
        }
    }
}
