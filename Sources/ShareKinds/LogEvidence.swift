import ShareModel

/// Which lines of the kernel's log belong to one mount. The log is everybody's: it has the lines of other mounts of the same file
/// system, and Debian's kernels do not say which process a line is from (CONFIG_PRINTK_CALLER is off). So a line counts only when
/// it cannot be another's (docs/decisions/0009-whose-log-line-it-is.md).
public struct LogEvidence: Sendable, Equatable {
    /// Words by which lines of this file system are known, in small letters.
    public let words: [String]
    /// How this mount is named in them, in small letters: `\\nas\team`. Empty: lines of this file system name nobody.
    let names: [String]
    /// The block device that is mounted, `loop0`; nil where there is none.
    let device: String?
    /// Whether the reason of a failure stands in lines that name nobody, so that mounts of this kind have to take turns.
    public let takesTurns: Bool

    init(words: [String], names: [String] = [], device: String? = nil, takesTurns: Bool = false) {
        self.words = words
        self.device = device
        self.names = names.map { $0.lowercased() }
        self.takesTurns = takesTurns
    }

    /// The lines that are this mount's.
    /// - Parameters:
    ///   - lines: what the kernel said from the beginning of the attempt to its end.
    ///   - errno: how the attempt ended.
    ///   - options: the names of the options that the kernel was given.
    ///   - isAlone: whether no other worker mounted the same file system meanwhile.
    public func own(_ lines: [String], errno: Int32, options: Set<String>, isAlone: Bool) -> [String] {
        let related = lines.filter { line in
            let line = line.lowercased()
            return words.contains { line.mentions($0) }
        }
        let isWhole = isAlone && !hasStranger(lines)
        return related.filter { line in
            if let option = Self.quotedParameter(line) { return options.contains(option) }
            if let told = Self.returnCode(line), told != errno { return false }
            if let status = Self.status(line), let meant = NTStatus.errno(of: status), meant != errno { return false }
            if let device, let told = Self.device(in: line), !told.hasSameBytes(as: device) { return false }
            let named = Self.uncs(in: line)
            guard named.allSatisfy({ isOurs($0) || isOurServer($0) }) else { return false }
            // The server alone says as little as no name: other shares of it may be mounted meanwhile.
            return named.contains(where: isOurs) || !takesTurns || isWhole
        }
    }

    /// Whether somebody else's mount of the same kind began meanwhile: by mount(8), say.
    public func hasStranger(_ lines: [String]) -> Bool {
        lines.contains { line in Self.begins(line) && Self.uncs(in: line).contains { !isOurs($0) } }
    }

    private func isOurs(_ unc: String) -> Bool { names.contains { $0.hasSameBytes(as: unc) } }

    private func isOurServer(_ unc: String) -> Bool { names.isEmpty || names.contains { $0.hasPrefix(unc + "\\") } }

    private static func begins(_ line: String) -> Bool { line.mentions("Attempting to mount") }

    /// What stands in a line as `\\server` or `\\server\share`, in small letters; the log writes each as it was given.
    static func uncs(in line: String) -> [String] {
        let bytes = Array(line.lowercased().utf8)
        let backslash = UInt8(ascii: "\\")
        var found: [String] = []
        var index = 0
        while index + 2 < bytes.count {
            guard bytes[index] == backslash, bytes[index + 1] == backslash, bytes[index + 2] != backslash else {
                index += 1
                continue
            }
            var end = index + 2
            while end < bytes.count, bytes[end] > UInt8(ascii: " "), bytes[end] != UInt8(ascii: ",") { end += 1 }
            var unc = bytes[index..<end]
            while let last = unc.last, last == backslash || last == UInt8(ascii: ":") { unc.removeLast() }
            found.append(String(decoding: unc, as: UTF8.self))
            index = end
        }
        return found
    }

    /// The block device in `EXT4-fs (loop0): …`, `BTRFS error (device vdb): …`.
    static func device(in line: String) -> String? {
        guard let open = line.firstIndex(of: Character("(")), let close = line[open...].firstIndex(of: Character(")")) else { return nil }
        let word = line[line.index(after: open)..<close].split(separator: Character(" ")).last ?? ""
        let isDevice = ["loop", "vd", "sd", "nvme", "dm-", "md"].contains { word.hasPrefix($0) }
        return isDevice ? String(word) : nil
    }

    /// The option that a line of the kernel's option parser is about: `Unknown parameter 'x'`, `Bad value for 'x'`.
    static func quotedParameter(_ line: String) -> String? {
        guard line.mentions("nknown parameter '") || line.mentions("ad value for '") else { return nil }
        let parts = line.split(separator: Character("'"), omittingEmptySubsequences: false)
        return parts.count >= 3 ? String(parts[1]) : nil
    }

    /// The errno in `cifs_mount failed w/return code = -13`.
    static func returnCode(_ line: String) -> Int32? {
        guard line.mentions("cifs_mount failed w/return code = -") else { return nil }
        let digits = line.reversed().prefix { $0 >= "0" && $0 <= "9" }
        return Int32(String(digits.reversed()))
    }

    /// The NT status in `Status code returned 0xc000006d STATUS_LOGON_FAILURE`.
    static func status(_ line: String) -> String? {
        guard line.mentions("Status code returned 0x") else { return nil }
        return line.split(separator: Character(" ")).last.map(String.init)
    }
}

/// What the kernel's client makes of the answers that matter to a mount (fs/smb/client/smb2maperror.c, the same from 6.1 to 6.12).
enum NTStatus {
    private static let denied = [
        "LOGON_FAILURE", "WRONG_PASSWORD", "NO_SUCH_USER", "ACCOUNT_RESTRICTION", "INVALID_LOGON_HOURS", "INVALID_WORKSTATION",
        "ACCOUNT_DISABLED", "ACCOUNT_LOCKED_OUT", "ACCESS_DENIED", "NETWORK_ACCESS_DENIED",
    ]

    /// The errno of an answer; nil for one that is not known here, so that nothing follows from it.
    static func errno(of status: String) -> Int32? {
        let name = status.hasPrefix("STATUS_") ? String(status.dropFirst(7)) : status
        if denied.contains(name) { return Errno.eacces.rawValue }
        if name == "BAD_NETWORK_NAME" { return Errno.enoent.rawValue }
        if name == "PASSWORD_EXPIRED" { return Errno.ekeyexpired.rawValue }
        return nil
    }
}
