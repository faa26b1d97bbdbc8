import ShareModel

/// A catalog file that `--from` names, read and found to be one.
struct LocalCatalog: Equatable {
    /// The file.
    let path: String
    /// What it says.
    let catalog: Catalog

    /// `{shares: […]}` for the control socket.
    var value: Value { .object(["shares": .array(catalog.shares.map(\.value))]) }

    /// The entries that are no shares, as the agent would show them.
    var refused: [ShareStatus] {
        catalog.entries.compactMap { entry in
            guard case .invalid(let name, let cause) = entry else { return nil }
            var status = ShareStatus(
                name: name, type: "", source: "", target: "", state: .refused, since: Timestamp(milliseconds: 0), revision: catalog.revision
            )
            status.cause = cause
            return status
        }
    }
}
