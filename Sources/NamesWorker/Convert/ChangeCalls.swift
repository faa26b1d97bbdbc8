import Glibc
import LinuxSystem

/// The calls that change something: names in a directory, and the journal. All go through here, so that a test can end a run before any of them.
final class ChangeCalls {
    /// Called before each; what it throws is the call's answer.
    var before: (String) throws(SystemCallError) -> Void = { _ in }
    /// Whether the file system can rename without replacing; found out at the first rename.
    var canKeepOthers = true

    func write(_ body: () throws(SystemCallError) -> Void) throws(SystemCallError) { try run("write", body) }
    func sync(_ body: () throws(SystemCallError) -> Void) throws(SystemCallError) { try run("fsync", body) }

    /// Returns when what was changed in a tree is on the disk.
    func syncTree(_ root: CInt) throws(SystemCallError) {
        try run("syncfs") { () throws(SystemCallError) in try syncFilesystem(of: root) }
    }

    /// - Throws: EINVAL where the file system cannot do it.
    func rename(_ directory: CInt, _ from: [UInt8], to: [UInt8]) throws(SystemCallError) {
        guard canKeepOthers else { throw SystemCallError(call: "renameat2", errno: EINVAL) }
        do throws(SystemCallError) {
            try run("renameat2") { () throws(SystemCallError) in try renameWithoutReplacing(in: directory, from, to: to) }
        } catch {
            guard [EINVAL, ENOSYS, EOPNOTSUPP].contains(error.errno) else { throw error }
            canKeepOthers = false
            throw SystemCallError(call: "renameat2", errno: EINVAL)
        }
    }

    func renameOver(_ directory: CInt, _ from: [UInt8], to: [UInt8]) throws(SystemCallError) {
        try run("renameat") { () throws(SystemCallError) in try renameReplacing(in: directory, from, to: to) }
    }

    func link(_ directory: CInt, _ from: [UInt8], as to: [UInt8]) throws(SystemCallError) {
        try run("linkat") { () throws(SystemCallError) in try linkOnceMore(in: directory, from, as: to) }
    }

    func remove(_ directory: CInt, _ name: [UInt8], isDirectory: Bool = false) throws(SystemCallError) {
        try run("unlinkat") { () throws(SystemCallError) in try LinuxSystem.remove(in: directory, name, isDirectory: isDirectory) }
    }

    func makeDirectory(_ directory: CInt, _ name: [UInt8], mode: UInt32) throws(SystemCallError) {
        try run("mkdirat") { () throws(SystemCallError) in try LinuxSystem.makeDirectory(in: directory, name, mode: mode) }
    }

    func makeLink(_ directory: CInt, _ name: [UInt8], to target: [UInt8]) throws(SystemCallError) {
        try run("symlinkat") { () throws(SystemCallError) in try LinuxSystem.makeLink(in: directory, name, to: target) }
    }

    func setOwner(_ directory: CInt, _ name: [UInt8], user: UInt32, group: UInt32) throws(SystemCallError) {
        try run("fchownat") { () throws(SystemCallError) in try LinuxSystem.setOwner(in: directory, name, user: user, group: group) }
    }

    func setModified(_ directory: CInt, _ name: [UInt8], _ moment: EntryMark.Moment) throws(SystemCallError) {
        try run("utimensat") { () throws(SystemCallError) in try LinuxSystem.setModified(in: directory, name, moment) }
    }

    private func run(_ name: String, _ body: () throws(SystemCallError) -> Void) throws(SystemCallError) {
        try before(name)
        try body()
    }
}
