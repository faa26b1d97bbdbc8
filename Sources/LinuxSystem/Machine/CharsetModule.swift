/// A charset of the kernel's (fs/nls), as far as the file systems' programs can tell without loading it.
public enum CharsetModule {
    /// Whether the kernel has a charset or can load it; nil where nothing says what modules there are.
    /// - Parameters:
    ///   - charset: as mount options name it, such as `utf8` or `iso8859-1`.
    ///   - folder: where modules are; for tests.
    public static func isThere(_ charset: String, modules folder: String = "/lib/modules/\(Machine.kernelRelease)") -> Bool? {
        // The kernel and modprobe take `-` and `_` for the same.
        let wanted = plain(Array("nls_\(charset)".utf8)[...])
        if let loaded = try? directoryNames(Array("/sys/module".utf8)), loaded.contains(where: { plain($0[...]) == wanted }) { return true }
        let lists = ["modules.builtin", "modules.dep", "modules.alias"].compactMap {
            try? readFile(Array("\(folder)/\($0)".utf8), limit: 16 << 20)
        }
        guard !lists.isEmpty else { return nil }
        return lists.contains { list in
            list.split(separator: UInt8(ascii: "\n")).contains { names(in: $0).contains(wanted) }
        }
    }

    /// The module that a line is about: `kernel/fs/nls/nls_utf8.ko.xz: …`, `alias nls_gb2312 nls_cp936`.
    private static func names(in line: ArraySlice<UInt8>) -> [[UInt8]] {
        if line.starts(with: "alias nls_".utf8) {
            return [plain(line.dropFirst(6).prefix { $0 != UInt8(ascii: " ") })]
        }
        guard let file = line.prefix(while: { $0 != UInt8(ascii: ":") }).split(separator: UInt8(ascii: "/")).last,
            file.starts(with: "nls_".utf8)
        else { return [] }
        return [plain(file.prefix { $0 != UInt8(ascii: ".") })]
    }

    private static func plain(_ name: ArraySlice<UInt8>) -> [UInt8] {
        name.map { $0 == UInt8(ascii: "-") ? UInt8(ascii: "_") : $0 }
    }
}
