import Glibc
import LinuxSystem
import ShareModel

/// A process that keeps a mount busy.
struct Holder: Equatable {
    let process: Int32
    let name: String
    /// What it holds: `cwd`, `root`, `exe`, `fd 7`, `mapped file`.
    let what: String
    let path: String

    var who: String { "\(name) (pid \(process))" }
    var line: String { "\(who): \(what) \(path)" }
}

enum Holders {
    /// The most that are listed.
    static let limit = 20

    /// The processes of this system that hold something on a mount, as far as /proc tells. It only reads links of /proc,
    /// never what they lead to, so it does not hang on a dead share.
    /// - Parameter mapped: whether those that only have a file of it mapped are looked for where there are no others. The kernel lists
    ///   what a process has mapped under a lock (mmap_lock) that one which maps or faults in a file of any dead share holds for as long
    ///   as that hangs, so this can hang as well: never before a lazy unmount, which is the way out.
    static func of(_ target: Target, mountID: UInt64, mapped: Bool) -> [Holder] {
        let others = processes().filter { $0 != getpid() }
        let holders = first(of: others) { holder($0, target, mountID) }
        return holders.isEmpty && mapped ? first(of: others) { mapper($0, target) } : holders
    }

    private static func first(of processes: [Int32], _ look: (Int32) -> Holder?) -> [Holder] {
        var holders: [Holder] = []
        for process in processes where holders.count < limit {
            if let holder = look(process) { holders.append(holder) }
        }
        return holders
    }

    /// The loop devices that show a file of a mount, such as an image attached as a share of its own: device and file.
    static func loopDevices(over target: Target) -> [(device: String, file: String)] {
        names(in: "/sys/block").compactMap { name in
            // Only a loop device in use has this file.
            guard let text = try? readFile(Array("/sys/block/\(name)/loop/backing_file".utf8), limit: 8192) else { return nil }
            let file = Array(text.prefix { $0 != UInt8(ascii: "\n") })
            return isOn(file, target) ? ("/dev/\(name)", String(printing: file)) : nil
        }
    }

    private static func processes() -> [Int32] {
        names(in: "/proc").compactMap { Int32($0) }.sorted()
    }

    private static func holder(_ process: Int32, _ target: Target, _ mountID: UInt64) -> Holder? {
        let base = "/proc/\(process)"
        for what in ["cwd", "root", "exe"] {
            if let path = link("\(base)/\(what)"), isOn(path, target) { return found(process, what, path) }
        }
        for number in names(in: "\(base)/fd") {
            guard let path = link("\(base)/fd/\(number)"), isOn(path, target) else { continue }
            // In another mount namespace the same path is another file.
            if let seen = try? LinuxSystem.mountID(of: CInt(number) ?? -1, process: "\(process)"), seen != mountID { continue }
            return found(process, "fd \(number)", path)
        }
        return nil
    }

    private static func mapper(_ process: Int32, _ target: Target) -> Holder? {
        let base = "/proc/\(process)/map_files"
        for range in names(in: base) {
            if let path = link("\(base)/\(range)"), isOn(path, target) { return found(process, "mapped file", path) }
        }
        return nil
    }

    private static func found(_ process: Int32, _ what: String, _ path: [UInt8]) -> Holder {
        let name = (try? readFile(Array("/proc/\(process)/comm".utf8), limit: 256)) ?? []
        return Holder(
            process: process, name: String(printing: name.prefix { $0 != UInt8(ascii: "\n") }), what: what, path: String(printing: path))
    }

    private static func isOn(_ path: [UInt8], _ target: Target) -> Bool {
        path == target.bytes || path.starts(with: target.bytes + [UInt8(ascii: "/")])
    }

    private static func link(_ path: String) -> [UInt8]? {
        readLink(Array(path.utf8))
    }

    private static func names(in path: String) -> [String] {
        ((try? directoryNames(Array(path.utf8))) ?? []).map { String(decoding: $0, as: UTF8.self) }
    }
}
