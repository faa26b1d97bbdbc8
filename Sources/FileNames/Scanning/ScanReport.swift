/// What a scan has found so far: counts, and a few examples of each finding. Its size does not grow with the tree.
public struct ScanReport: Sendable {
    /// Names that were looked at.
    public var names = 0
    /// Directories that were listed.
    public var directories = 0
    /// Names of each class.
    public var classes: [NameClass: Int] = [:]
    /// Names with each finding.
    public var counts: [NameFinding: Int] = [:]
    /// Paths with each finding, below the scanned directory.
    public var examples: [NameFinding: [[UInt8]]] = [:]
    /// What directories with names that are not UTF-8 were guessed to be.
    public var charsets: [Charset: Share] = [:]
    /// Directories whose names leave it open.
    public var open = Share()
    /// The directories with the most such names.
    public var listed: [GuessedDirectory] = []
    /// Directories that could not be listed, and why, with the first of them.
    public var unread: [UnreadDirectory] = []
    /// How many they are.
    public var unreadCount = 0
    /// Directories on which something else is mounted; they are not entered.
    public var otherFilesystems = 0
    /// Private characters of each dialect.
    public var sfm = 0
    /// And of the other one.
    public var sfu = 0

    /// How many directories and names.
    public struct Share: Sendable, Equatable {
        /// Directories.
        public var directories: Int
        /// Their names that are not UTF-8.
        public var names: Int

        /// None, or that many.
        public init(directories: Int = 0, names: Int = 0) {
            self.directories = directories
            self.names = names
        }
    }

    /// A directory with names that are not UTF-8.
    public struct GuessedDirectory: Sendable, Equatable {
        /// Below the scanned directory.
        public var path: [UInt8]
        /// Its names that are not UTF-8.
        public var names: Int
        /// What they most likely are.
        public var guess: CharsetGuess

        /// From its parts.
        public init(path: [UInt8], names: Int, guess: CharsetGuess) {
            (self.path, self.names, self.guess) = (path, names, guess)
        }
    }

    /// A directory that could not be listed.
    public struct UnreadDirectory: Sendable, Equatable {
        /// Below the scanned directory.
        public var path: [UInt8]
        /// The error's name.
        public var reason: String

        /// From its parts.
        public init(path: [UInt8], reason: String) {
            (self.path, self.reason) = (path, reason)
        }
    }

    /// Examples that are kept of a finding, and directories of each list.
    public static let mostExamples = 5
    /// Directories that are listed.
    public static let mostListed = 20

    /// Of nothing yet.
    public init() {}

    /// Notes a finding.
    public mutating func note(_ finding: NameFinding, _ path: @autoclosure () -> [UInt8]) {
        counts[finding, default: 0] += 1
        if examples[finding, default: []].count < Self.mostExamples { examples[finding, default: []].append(path()) }
    }

    /// Notes what a directory's names are.
    public mutating func note(_ directory: GuessedDirectory) {
        if directory.guess.isSure {
            charsets[directory.guess.charset, default: Share()].directories += 1
            charsets[directory.guess.charset, default: Share()].names += directory.names
        } else {
            open.directories += 1
            open.names += directory.names
        }
        guard listed.count < Self.mostListed || directory.names > (listed.last?.names ?? 0) else { return }
        let place = listed.firstIndex { $0.names < directory.names } ?? listed.count
        listed.insert(directory, at: place)
        if listed.count > Self.mostListed { listed.removeLast() }
    }

    /// Notes a directory that could not be listed.
    public mutating func note(_ directory: UnreadDirectory) {
        unreadCount += 1
        if unread.count < Self.mostExamples { unread.append(directory) }
    }
}
