import LinuxSystem
import ShareModel

/// A note that a share is being mounted, for the moment between mount(2) and the mark in libmount's table. Whoever is ended just then leaves
/// a mount without a mark, and only by the note is it known from one that another program made of the same source, which is never touched.
struct MountNote {
    private let path: String

    init(_ share: ShareName) {
        path = "/run/shareagent/.mounting-\(share)"
    }

    /// Whether somebody was ended while mounting the share, or could not mark it.
    var isThere: Bool { fileExists(path) }

    /// Where it cannot be written nothing is lost but what it is for.
    func write() {
        try? makeDirectory(Array("/run/shareagent".utf8), mode: 0o755)
        try? writeFileAtomically(Array(path.utf8), [], mode: 0o600)
    }

    func remove() {
        removeFile(Array(path.utf8))
    }
}
