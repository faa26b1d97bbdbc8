import Glibc
import LinuxSystem
import ShareModel

/// What stands in a directory of the host.
enum DirectoryListing {
    /// The names that can be told to people: those that are no UTF-8 or hold something that a terminal would act on are left
    /// out. A directory that is not there, as long as libvirt has made none, is empty.
    static func entries(of path: String) -> [String] {
        let names = (try? directoryNames(Array(path.utf8))) ?? []
        return names.compactMap { name in
            guard let text = String(validating: name, as: UTF8.self), text.hasSameBytes(as: text.printable) else { return nil }
            return text
        }
    }

    /// Whether there is a Unix socket at a path.
    static func isSocket(_ path: String) -> Bool {
        var found = stat()
        let answer = unsafe stat(path, &found)
        return answer == 0 && found.st_mode & S_IFMT == S_IFSOCK
    }
}
