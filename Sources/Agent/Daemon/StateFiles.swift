internal import LinuxSystem
internal import ShareModel
internal import ShareWire

/// The two files one agent leaves to the next, both without secrets. Losing them loses nothing that cannot be asked again, so a
/// write that fails is told and otherwise passed over.
struct StateFiles {
    /// Outlives a reboot: the catalog.
    let stateDirectory: String
    /// Does not: mount ids mean nothing after a reboot.
    let runtimeDirectory: String
    private static let limit = 8 << 20

    var catalog: Value? { read(catalogPath) }
    var mounts: Value? { read(mountsPath) }

    private var catalogPath: String { stateDirectory + "/catalog.json" }
    private var mountsPath: String { runtimeDirectory + "/mounts.json" }

    func keepCatalog(_ value: Value) throws(SystemCallError) {
        try write(value, to: catalogPath, below: stateDirectory)
    }

    func keepMounts(_ value: Value) throws(SystemCallError) {
        try write(value, to: mountsPath, below: runtimeDirectory)
    }

    private func read(_ path: String) -> Value? {
        guard let bytes = try? readFile(Array(path.utf8), limit: Self.limit) else { return nil }
        return try? StrictJSON.parse(bytes)
    }

    private func write(_ value: Value, to path: String, below directory: String) throws(SystemCallError) {
        try makeDirectory(Array(directory.utf8), mode: 0o755)
        try writeFileAtomically(Array(path.utf8), StrictJSON.bytes(of: value) + [UInt8(ascii: "\n")], mode: 0o600)
    }
}
