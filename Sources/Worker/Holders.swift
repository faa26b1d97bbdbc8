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
    static func of(_ target: Target, mountID: UInt64) -> [Holder] {
        var holders: [Holder] = []
        for process in processes() where process != getpid() {
            guard holders.count < limit else { break }
            if let holder = holder(process, target, mountID) { holders.append(holder) }
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
        func found(_ what: String, _ path: [UInt8]) -> Holder {
            let name = (try? readFile(Array("\(base)/comm".utf8), limit: 256)) ?? []
            return Holder(
                process: process, name: String(printing: name.prefix { $0 != UInt8(ascii: "\n") }), what: what, path: String(printing: path)
            )
        }
        for what in ["cwd", "root", "exe"] {
            if let path = link("\(base)/\(what)"), isOn(path, target) { return found(what, path) }
        }
        for number in names(in: "\(base)/fd") {
            guard let path = link("\(base)/fd/\(number)"), isOn(path, target) else { continue }
            // In another mount namespace the same path is another file.
            if let seen = try? LinuxSystem.mountID(of: CInt(number) ?? -1, process: "\(process)"), seen != mountID { continue }
            return found("fd \(number)", path)
        }
        for range in names(in: "\(base)/map_files") {
            if let path = link("\(base)/map_files/\(range)"), isOn(path, target) { return found("mapped file", path) }
        }
        return nil
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
