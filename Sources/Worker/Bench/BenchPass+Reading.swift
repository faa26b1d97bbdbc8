import Glibc
import LinuxSystem

// Measuring a share that cannot be written to: what lies on it is read.
extension BenchPass {
    /// What a bounded walk found.
    private struct Found {
        /// From the walk's beginning: directories by their names.
        var directories: [[[UInt8]]] = [[]]
        var files: [(directory: [[UInt8]], name: [UInt8], bytes: Int64)] = []
        var entries = 0
    }

    private enum Bound {
        static let entries = 2000
        static let directories = 64
        static let smallBytes: Int64 = 64 << 10
    }

    /// Measures reading, listing and latency on the files there are.
    /// - Returns: what could not be measured, and why, in sentences.
    mutating func runReading() throws(SystemCallError) -> [String] {
        var notes: [String] = []
        tell(.list)
        let found = try walk()
        let large = found.files.max { $0.bytes < $1.bytes }
        if let large, large.bytes > 0 {
            let directory = try descend(large.directory)
            try read(in: directory.rawValue, large.name, bytes: min(large.bytes, spaceBytes))
            if large.bytes < Self.mebibyte {
                notes.append("the largest file found has \(large.bytes) bytes: too short for a fair figure of sequential reading")
            }
        } else {
            notes.append("no file was found to read, among \(found.entries) names looked at")
        }
        let small = found.files.filter { $0.bytes <= Bound.smallBytes }
        tell(.openRead)
        var room = [UInt8](repeating: 0, count: Int(Bound.smallBytes))
        put(
            try repeated(.openRead, slot(15), most: small.count) { number throws(SystemCallError) in
                let directory = try descend(small[number].directory)
                let file = try openBeneath(directory.rawValue, small[number].name, O_RDONLY | O_NONBLOCK)
                _ = try readAt(file.rawValue, 0, into: &room)
            })
        try measureLatency(of: root)
        return notes
    }

    private mutating func walk() throws(SystemCallError) -> Found {
        var found = Found()
        let began = MonotonicTime.now()
        let end = began + slot(20)
        var next = 0
        while next < found.directories.count, found.entries < Bound.entries, MonotonicTime.now() < end {
            let path = found.directories[next]
            next += 1
            try listener.goOn()
            // What root may not read, or what vanished meanwhile, is passed over; the share's root must be readable.
            do throws(SystemCallError) {
                try look(into: path, &found)
            } catch {
                if path.isEmpty || error == BenchListener.abandoned { throw error }
            }
        }
        put(Reading(.list, count: Int64(max(found.entries, 1)), nanoseconds: (MonotonicTime.now() - began).wholeNanoseconds))
        return found
    }

    private func look(into path: [[UInt8]], _ found: inout Found) throws(SystemCallError) {
        let directory = try descend(path)
        for name in try names(in: directory.rawValue, limit: Bound.entries - found.entries) {
            guard let facts = try? FileFacts.read(in: directory.rawValue, name) else { continue }
            found.entries += 1
            if facts.isRegular { found.files.append((path, name, facts.sizeBytes)) }
            if facts.isDirectory, found.directories.count < Bound.directories { found.directories.append(path + [name]) }
        }
    }

    private func descend(_ path: [[UInt8]]) throws(SystemCallError) -> OwnedDescriptor {
        var directory = try openDirectoryBeneath(root, Array(".".utf8))
        for name in path { directory = try openDirectoryBeneath(directory.rawValue, name) }
        return directory
    }
}
