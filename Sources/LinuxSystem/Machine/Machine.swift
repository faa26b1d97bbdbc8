import Glibc

/// What this guest is: the facts that the host is told in `agent.hello`.
public enum Machine {
    /// The host name.
    public static var hostname: String { uname { text(of: $0.nodename) } }

    /// The kernel's release, such as `6.1.0-37-amd64`.
    public static var kernelRelease: String { uname { text(of: $0.release) } }

    /// The machine's architecture, such as `x86_64`.
    public static var architecture: String { uname { text(of: $0.machine) } }

    /// The installation's id from /etc/machine-id, 32 hexadecimal digits; nil where it is missing or not settled yet (first boot).
    public static func machineID() -> String? {
        let line = firstLine("/etc/machine-id")
        return line.utf8.count == 32 && line.utf8.allSatisfy(isHexadecimal) ? line : nil
    }

    /// The id of this boot, as a UUID; nil where /proc is not mounted.
    public static func bootID() -> String? {
        let line = firstLine("/proc/sys/kernel/random/boot_id")
        return line.isEmpty ? nil : line
    }

    /// The operating system's name for people, such as `Debian GNU/Linux 12 (bookworm)`; `Linux` where os-release does not say.
    public static func operatingSystem() -> String {
        for path in ["/etc/os-release", "/usr/lib/os-release"] {
            guard let bytes = try? readFile(Array(path.utf8), limit: 64 << 10) else { continue }
            if let name = prettyName(inRelease: String(decoding: bytes, as: UTF8.self)) { return name }
        }
        return "Linux"
    }

    /// The file systems that the running kernel knows now, as /proc/filesystems lists them. A module that is not loaded is missing.
    public static func fileSystems() -> [String] {
        let bytes = (try? readFile(Array("/proc/filesystems".utf8), limit: 64 << 10)) ?? []
        return fileSystems(inList: String(decoding: bytes, as: UTF8.self))
    }

    /// How much memory of this process is resident, in bytes; 0 where /proc is not mounted.
    public static func residentBytes() -> UInt64 {
        let statm = firstLine("/proc/self/statm").split(separator: Character(" "))
        guard statm.count > 1, let pages = UInt64(statm[1]) else { return 0 }
        return pages * UInt64(max(sysconf(CInt(_SC_PAGESIZE)), 0))
    }

    /// PRETTY_NAME of os-release(5), whose values are quoted as in a shell.
    static func prettyName(inRelease text: String) -> String? {
        let key = "PRETTY_NAME="
        guard let line = text.split(separator: Character("\n")).last(where: { $0.hasPrefix(key) }) else { return nil }
        var value = line.dropFirst(key.count)
        if let quote = value.first, quote == "\"" || quote == "'", value.count > 1, value.last == quote {
            value = value.dropFirst().dropLast()
        }
        var name = ""
        var isEscaped = false
        for character in value {
            if character == "\\", !isEscaped {
                isEscaped = true
                continue
            }
            name.append(character)
            isEscaped = false
        }
        return name.isEmpty ? nil : name
    }

    /// The names of /proc/filesystems, with or without `nodev` before them.
    static func fileSystems(inList text: String) -> [String] {
        text.split(separator: Character("\n")).compactMap { $0.split(separator: Character("\t")).last.map(String.init) }.filter {
            $0 != "nodev"
        }
    }

    private static func firstLine(_ path: String) -> String {
        let bytes = (try? readFile(Array(path.utf8), limit: 4 << 10)) ?? []
        return String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }

    private static func uname(_ field: (utsname) -> String) -> String {
        var names = utsname()
        return unsafe Glibc.uname(&names) == 0 ? field(names) : ""
    }

    /// A fixed array of C characters up to its NUL.
    private static func text<Characters>(of characters: Characters) -> String {
        unsafe withUnsafeBytes(of: characters) { bytes in
            unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}
