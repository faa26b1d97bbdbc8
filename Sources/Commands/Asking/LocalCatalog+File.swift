import ShareModel

extension LocalCatalog {
    /// Reads a YAML catalog.
    init(path: String) throws(CommandEnd) {
        throw .complaint(
            Complaint(
                "cannot read the catalog '\(path)'", why: "this build does not read YAML", remedy: "install a later version", exit: .usage,
                code: .shareInvalid))
    }
}
