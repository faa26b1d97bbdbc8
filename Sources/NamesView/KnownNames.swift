import FileNames
import FuseKernel
import Glibc
import LinuxSystem

/// The names of one directory that are shown otherwise than they are on the source. All others stand for themselves and are not kept.
struct KnownNames {
    /// From the source's name to the one shown.
    private(set) var shown: [[UInt8]: [UInt8]] = [:]
    /// From what is looked for to the source's name.
    private var sources: [[UInt8]: [UInt8]] = [:]
    /// Whether any stands under a suffix: then the going of one name can change another.
    private var hasSuffixed = false
    /// Of the directory when its names were read.
    var stamp: Stamp
    let readAt: MonotonicTime
    /// The directory changed so shortly before it was read that the same stamp may stand for more than one state.
    var isRacy: Bool

    /// What of a directory's attributes changes when its names do.
    struct Stamp: Equatable {
        let mtime: Moment
        let ctime: Moment
        let size: Int64
        let links: UInt64

        init(_ status: stat) {
            mtime = Moment(status.st_mtim)
            ctime = Moment(status.st_ctim)
            size = Int64(status.st_size)
            links = UInt64(status.st_nlink)
        }

        /// As git does for its index.
        var isFresh: Bool {
            max(mtime.seconds, ctime.seconds) >= WallTime.now().milliseconds / 1000 - KnownNames.racySeconds
        }

        /// A file's time as the source has it: in one number it would end in 2262.
        struct Moment: Equatable {
            let seconds: Int64
            let nanoseconds: Int

            init(_ time: timespec) { (seconds, nanoseconds) = (Int64(time.tv_sec), time.tv_nsec) }
        }
    }

    /// How long names may be used that were read while the directory changed, and at most how old anything is that is told: 1 s.
    static let longestUse = Duration.seconds(1)
    private static let racySeconds: Int64 = 2

    /// The names, read by `scan`.
    init(_ scan: NameScan, _ translation: inout NameTranslation, stamp: Stamp, isRacy: Bool) {
        self.stamp = stamp
        self.isRacy = isRacy
        readAt = .now()
        let names = DirectoryNames(scan.names, by: &translation)
        shown = names.shown
        for (source, name) in shown {
            sources[translation.key(ofShown: name)] = source
            if !hasSuffixed, translation.shown(source) != name { hasSuffixed = true }
        }
        guard !translation.policy.isCaseSensitive else { return }
        for source in scan.names where shown[source] == nil {
            let key = translation.key(ofShown: source)
            if key != source { sources[key] = source }
        }
    }

    /// Whether they still hold for a directory with this stamp.
    func holds(for now: Stamp) -> Bool {
        stamp == now && (!isRacy || MonotonicTime.now() - readAt < Self.longestUse)
    }

    /// The source's name behind one that is looked for, where they differ.
    func source(of key: [UInt8]) -> [UInt8]? { sources[key] }

    /// A new name, whose key no other has.
    mutating func add(_ source: [UInt8], shown name: [UInt8], key: [UInt8]) {
        if source != name { shown[source] = name }
        if source != key { sources[key] = source }
    }

    /// A name has gone.
    /// - Returns: whether the others are still what they were.
    mutating func remove(_ source: [UInt8], key: [UInt8]) -> Bool {
        guard !hasSuffixed else { return false }
        shown[source] = nil
        if sources[key] == source { sources[key] = nil }
        return true
    }
}

/// What is known of a directory's names at the moment. Read outside its lock, as that may take as long as the source likes.
// Safety: what changes does so under its lock.
final class NamesCache: @unchecked Sendable {
    private let lock = Lock()
    private var known: KnownNames? {
        didSet { ViewTally.shared.add((known?.shown.count ?? 0) - (oldValue?.shown.count ?? 0)) }
    }
    /// Grows with each change made through the view, so that names read meanwhile are not kept.
    private var changes: UInt64 = 0

    deinit { ViewTally.shared.add(-(known?.shown.count ?? 0)) }

    /// Names that hold for this stamp, or a number to keep newly read ones by.
    func current(_ stamp: KnownNames.Stamp) -> (known: KnownNames?, changes: UInt64) {
        lock.withLock {
            guard let known, known.holds(for: stamp) else { return (nil, changes) }
            return (known, changes)
        }
    }

    /// Keeps newly read names, unless something was changed since.
    func keep(_ names: KnownNames, readAt number: UInt64) {
        lock.withLock { if changes == number { known = names } }
    }

    /// Whether changes should say the directory's stamp before and after.
    var isKept: Bool { lock.withLock { known != nil } }

    /// Something was changed through the view.
    /// - Parameters:
    ///   - before: the directory's stamp before; nil where nobody looked.
    ///   - change: applied to the names where they held before; says whether they hold still.
    func change(from before: KnownNames.Stamp?, to after: KnownNames.Stamp?, _ change: (inout KnownNames) -> Bool) {
        lock.withLock {
            changes += 1
            guard var names = known, let before, let after, names.stamp == before, change(&names) else {
                known = nil
                return
            }
            // Whatever others change in the same moment is seen when these are read again, in a second.
            names.stamp = after
            names.isRacy = true
            known = names
        }
    }

    /// What is known was seen to be wrong.
    func drop() {
        lock.withLock {
            changes += 1
            known = nil
        }
    }
}
