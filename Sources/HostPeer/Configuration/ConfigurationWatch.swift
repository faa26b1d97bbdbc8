import Glibc
import LinuxSystem

/// Looks at a file, the configuration's or a secret's, again and again, and tells when another file stands there. Looking is cheap and works whatever replaces the
/// file: an editor, a link swapped to another directory, a file system without inotify.
///
/// A change is told when two looks in a row see the same: a file that is being written may already be valid YAML, with fewer shares.
final class ConfigurationWatch {
    private struct Identity: Equatable {
        var device: dev_t = 0
        var inode: ino_t = 0
        var size: off_t = 0
        var modifiedSeconds = 0
        var modifiedNanoseconds = 0
    }

    private let path: String
    private let surroundings: Surroundings
    private let onChange: () -> Void
    private var known: Identity?
    private var seen: Identity?
    private var timer: TimerToken?

    init(_ path: String, in surroundings: Surroundings, onChange: @escaping () -> Void) {
        self.path = path
        self.surroundings = surroundings
        self.onChange = onChange
        known = Self.look(path)
        seen = known
        again()
    }

    func stop() {
        if let timer { surroundings.loop.cancel(timer) }
        timer = nil
    }

    private func again() {
        timer = surroundings.loop.after(surroundings.tuning.configurationPoll) { [weak self] in
            guard let self else { return }
            again()
            let now = Self.look(path)
            defer { seen = now }
            // A file that is away for a moment is being replaced.
            guard now != nil, now == seen, now != known else { return }
            known = now
            onChange()
        }
    }

    private static func look(_ path: String) -> Identity? {
        var found = stat()
        guard unsafe stat(path, &found) == 0 else { return nil }
        return Identity(
            device: found.st_dev, inode: found.st_ino, size: found.st_size, modifiedSeconds: found.st_mtim.tv_sec,
            modifiedNanoseconds: found.st_mtim.tv_nsec)
    }
}
