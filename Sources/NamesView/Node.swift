import FuseKernel

/// A file of the source that the kernel knows by a number.
///
/// What is marked so is under the table's lock; a node without a descriptor is opened again by its place and told by its identity.
// Safety: what changes does so under the table's lock.
final class Node: @unchecked Sendable {
    let id: UInt64
    let identity: Identity
    /// For directories: what is known of its names.
    let names: NamesCache?

    // Under the table's lock.
    /// How many times the kernel was told of it, less what it has forgotten.
    var lookups: UInt64 = 0
    /// O_PATH; -1 while it is parked.
    var descriptor: CInt = -1
    /// How many requests use the descriptor now.
    var pins = 0
    /// What is open of it. Each of them leads to the file also when that has lost its name.
    var files: [FileHandle] = []
    /// How they are read and written; nil while nothing is open.
    var way: Way?
    /// Written past the kernel's pages of the view since it was first known.
    var wasPassed = false
    /// The kernel is told of the file by another node from now on, as not all could be served by this one.
    var isParted = false
    /// When it was opened last; nil where that says nothing.
    var stamp: KnownNames.Stamp?
    /// Used since the table last looked for one to park.
    var isFresh = false
    /// Of a link: how long its target is as it is shown. It never changes.
    var targetSize: UInt64?
    /// Where it was last seen; nil for the root, and for a file whose last known name is gone.
    var place: Place?

    /// How an open file is read and written. The kernel wants the same of all that have the file open.
    enum Way {
        /// The kernel asks this process for each piece.
        case answered
        /// The same, and no pages are kept: others have the file open by a node that was parted from this one.
        case answeredUnkept
        /// The kernel asks the source itself, by this number, as one user.
        case passed(Int32, Passer)
    }

    struct Place {
        let parent: Node
        let name: [UInt8]
    }

    init(id: UInt64, _ identity: Identity) {
        self.id = id
        self.identity = identity
        names = identity.isDirectory ? NamesCache() : nil
    }

    deinit {
        // One after the other: if each let go of the one above it, a deep tree would need more stack than a thread has.
        var above = place?.parent
        place = nil
        while isKnownUniquelyReferenced(&above), let node = above {
            above = node.place?.parent
            node.place = nil
        }
    }
}
