import Settings
import ShareModel

/// A catalog file that `--from` names, read and found to be one. Its entries are judged by the agent, each by itself.
struct LocalCatalog: Equatable {
    /// `{shares: […]}`.
    let document: Value
    /// The same as it was written.
    let bytes: [UInt8]

    /// Reads the file, or standard input where the path is `-`.
    init(path: String) throws(CommandEnd) {
        do {
            let file = try CatalogFile.read(path)
            (document, bytes) = (file.document, file.bytes)
        } catch {
            throw .complaint(
                Complaint(
                    "cannot take the catalog '\(path)'", why: error.sentence, remedy: "correct the file; shareagent.yaml(5) has every key",
                    exit: .usage, code: .shareInvalid))
        }
    }
}
