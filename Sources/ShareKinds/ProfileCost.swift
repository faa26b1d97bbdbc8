public import ShareModel

extension Share.Profile {
    /// What a profile takes in return for what it gives, in a clause for people.
    public func cost(on type: SourceType, access: Share.Access) -> String {
        switch self {
        case .balanced: "nothing beyond the defaults"
        case .throughput: "more memory for each file that is read, and larger reads than a program may need"
        case .metadata: believed(type, access)
        case .coherent: "every look asks the server, which is slow over a long way"
        case .constrained: "small requests, which are slow over a long way"
        }
    }

    private func believed(_ type: SourceType, _ access: Share.Access) -> String {
        switch (type, access) {
        case (.nfs, _): "attributes up to 60 s old: what others change is seen late"
        case (.smb, .ro): "attributes up to 30 s old, and files stay open on the server for 30 s"
        case (.smb, .rw): "attributes up to 5 s old: what others change is seen late"
        case (.ninep, .ro): "names and attributes are never asked for again: what others change is not seen"
        default: "attributes that may be old: what others change is seen late"
        }
    }
}
