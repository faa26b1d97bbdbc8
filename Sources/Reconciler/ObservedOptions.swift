internal import ShareModel

/// The options of a mount as the kernel's table has them. Kept as text: the table is read whenever something is mounted anywhere,
/// and hardly ever does anybody ask.
public struct ObservedOptions: Equatable, Sendable {
    private let fileSystem: [UInt8]
    private let mount: [UInt8]

    /// - Parameters:
    ///   - fileSystem: mountinfo[11], separated by commas.
    ///   - mount: mountinfo[6], which wins.
    public init(fileSystem: [UInt8], mount: [UInt8]) {
        self.fileSystem = fileSystem
        self.mount = mount
    }

    /// Each option with its value, flags with an empty one.
    public var byName: [String: String] {
        var options: [String: String] = [:]
        for field in [fileSystem, mount] {
            for option in field.split(separator: UInt8(ascii: ",")) {
                let parts = option.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
                options[String(printing: parts[0])] = parts.count > 1 ? String(printing: parts[1]) : ""
            }
        }
        // A read-only mount of a writable file system says rw in one field and ro in the other.
        if options["ro"] != nil { options["rw"] = nil }
        return options
    }
}
