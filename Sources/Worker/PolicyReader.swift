import Settings
import ShareModel

extension WorkerProgram {
    /// The policy of root's files, read by the worker itself.
    /// - Throws: a cause where they cannot be understood: then nothing is allowed.
    static func readPolicy(_ directory: String) throws(Cause) -> Policy {
        do throws(SettingsProblem) {
            return try GuestSettings.read(directory: directory).policy
        } catch {
            throw Cause(
                .internalError, "the guest's policy cannot be read: \(error.sentence)", remedy: ["mend the file, then: shareagent attach"])
        }
    }
}
