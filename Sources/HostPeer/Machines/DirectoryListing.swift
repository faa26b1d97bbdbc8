import Glibc
import ShareModel

/// What stands in a directory of the host.
enum DirectoryListing {
    /// The most entries looked at.
    static let limit = 16_384

    /// The names, without `.` and `..`; those that are no UTF-8 or hold something that a terminal would act on are left out. A
    /// directory that is not there, as long as libvirt has made none, is empty.
    static func entries(of path: String) -> [String] {
        guard let directory = unsafe opendir(path) else { return [] }
        defer { unsafe closedir(directory) }
        var entries: [String] = []
        while entries.count < limit, let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { unsafe Array($0.prefix { $0 != 0 }) }
            guard name != [0x2E], name != [0x2E, 0x2E], let text = String(validating: name, as: UTF8.self) else { continue }
            guard text.hasSameBytes(as: text.printable) else { continue }
            entries.append(text)
        }
        return entries
    }

    /// Whether there is a Unix socket at a path.
    static func isSocket(_ path: String) -> Bool {
        var found = stat()
        let answer = unsafe stat(path, &found)
        return answer == 0 && found.st_mode & S_IFMT == S_IFSOCK
    }
}
