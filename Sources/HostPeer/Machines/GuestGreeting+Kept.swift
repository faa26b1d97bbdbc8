import ShareModel
import ShareWire

extension GuestGreeting {
    /// The longest text of a greeting that is kept, in bytes: a fully qualified host name fits.
    static let keptBytes = 256
    /// The most names of file systems that are kept, and of features.
    static let keptNames = 64

    /// What is kept of a greeting, however much the guest says of itself.
    var kept: GuestGreeting {
        func short(_ text: String) -> String { text.printable.clipped(toBytes: Self.keptBytes) }
        return GuestGreeting(
            agentName: short(agentName), agentVersion: short(agentVersion), hostname: short(hostname), machineID: short(machineID),
            bootID: short(bootID), kernel: short(kernel), os: short(os), architecture: short(architecture),
            filesystems: filesystems.prefix(Self.keptNames).map(short), features: features.prefix(Self.keptNames).map(short))
    }
}
