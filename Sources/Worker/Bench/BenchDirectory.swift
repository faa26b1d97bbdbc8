import Glibc
import LinuxSystem

/// The directory a bench works in: directly in the share's root, its own, with files of known names only.
struct BenchDirectory: ~Copyable {
    static let prefix = Array(".shareagent-bench-".utf8)
    static let dataFile = Array("data".utf8)
    /// Files of a bench that was killed are somebody's who may still be at it until this many seconds have passed: longer than any bench
    /// lasts. Measured by the clock of whoever keeps the files.
    static let leftoverSeconds: Int64 = 3600
    /// Names looked at for leftovers.
    private static let looked = 5000
    private static let digits = 16

    let descriptor: OwnedDescriptor
    private let root: CInt
    private let name: [UInt8]

    /// Makes it, for root alone.
    init(in root: CInt, mark: String) throws(SystemCallError) {
        self.root = root
        name = Self.prefix + Array(mark.utf8)
        try makeDirectory(in: root, name, mode: 0o700)
        do throws(SystemCallError) {
            descriptor = try openDirectoryBeneath(root, name)
        } catch {
            try? LinuxSystem.remove(in: root, name, isDirectory: true)
            throw error
        }
    }

    static func smallFile(_ number: Int) -> [UInt8] { Array("file-\(number)".utf8) }

    /// Removes it with all that a bench makes in it; what else there may be stays.
    /// - Returns: why something is left, nil where nothing is.
    consuming func remove() -> SystemCallError? {
        Self.remove(in: root, name)
    }

    /// Removes the directory of a bench that was killed.
    /// - Returns: why it is still there.
    static func sweep(in root: CInt, mark: String) -> SystemCallError? {
        remove(in: root, prefix + Array(mark.utf8))
    }

    /// Removes directories that a bench of any guest has left behind long ago; one that is in use is younger.
    /// - Returns: how many.
    borrowing func removeLeftovers() -> Int {
        guard let now = try? FileFacts.read(in: root, name).modifiedSeconds, let all = try? names(in: root, limit: Self.looked) else {
            return 0
        }
        var count = 0
        for other in all where other != name && Self.isBenchName(other) {
            guard let facts = try? FileFacts.read(in: root, other), facts.isDirectory else { continue }
            if Self.isLeftover(facts.modifiedSeconds, now: now), Self.remove(in: root, other) == nil { count += 1 }
        }
        return count
    }

    /// Whether a directory of this time is a killed bench's. Both times are the server's word, which can be any number.
    static func isLeftover(_ modified: Int64, now: Int64) -> Bool {
        let (age, isAbsurd) = now.subtractingReportingOverflow(modified)
        return !isAbsurd && age > leftoverSeconds
    }

    static func isBenchName(_ name: [UInt8]) -> Bool {
        name.starts(with: prefix) && name.count == prefix.count + digits
            && name.dropFirst(prefix.count).allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }

    private static func remove(in root: CInt, _ name: [UInt8]) -> SystemCallError? {
        do throws(SystemCallError) {
            let directory = try openDirectoryBeneath(root, name)
            for file in try names(in: directory.rawValue, limit: .max) where file == dataFile || file.starts(with: Array("file-".utf8)) {
                try LinuxSystem.remove(in: directory.rawValue, file)
            }
        } catch {
            return error.errno == ENOENT ? nil : error
        }
        do throws(SystemCallError) {
            try LinuxSystem.remove(in: root, name, isDirectory: true)
            return nil
        } catch {
            return error.errno == ENOENT ? nil : error
        }
    }
}
