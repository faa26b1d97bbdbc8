internal import LinuxSystem
internal import Settings
internal import ShareModel

/// A catalog that the guest's service manager hands over as a credential named `shareagent.catalog` (systemd.exec(5), CREDENTIALS):
/// put into the VM's firmware tables by whoever starts it, or into a file of root's.
enum CredentialCatalog {
    private static let name = "shareagent.catalog"
    private static let variable = "CREDENTIALS_DIRECTORY"
    /// What the machine was started with, where no unit hands it on: for the command that runs without a daemon.
    private static let ofTheMachine = "/run/credentials/@system"

    /// The catalog; nil where there is none. One with a mistake is told and otherwise passed over.
    static func read(log: (String) -> Void) -> Value? {
        let ofTheUnit = environmentValue(variable).map { String(decoding: $0, as: UTF8.self) }
        for directory in [ofTheUnit, ofTheMachine].compactMap(\.self) {
            do throws(SettingsProblem) {
                if let file = try CatalogFile.readIfThere("\(directory)/\(name)") { return file.document }
            } catch {
                log("the catalog in the credential \(name) is passed over: \(error.sentence)")
                return nil
            }
        }
        return nil
    }
}
