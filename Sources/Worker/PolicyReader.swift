import Settings
import ShareModel

extension WorkerProgram {
    /// The policy of root's files, read by the worker itself.
    static func readPolicy(_ directory: String) throws(Cause) -> Policy {
        .standard
    }
}
