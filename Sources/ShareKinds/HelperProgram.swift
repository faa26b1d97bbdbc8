extension MountPlan {
    /// A mount helper: the program that mounts a file system which is a program itself.
    public struct HelperProgram: Sendable, Equatable {
        /// Its absolute path.
        public let path: String
        /// The Debian package that has it.
        public let package: String
        /// The option by which it is told where to log; nil where it cannot be.
        public let logOption: String?
        /// Where its programs log, for people and as evidence: a directory.
        public let logDirectory: String
    }
}
