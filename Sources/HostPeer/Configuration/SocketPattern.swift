import ShareModel

/// A path with one `*` that stands for the VM's name: each socket that matches is one VM's channel.
///
/// libvirt names the directory of a running domain `domain-<id>-<name>` (below /var/lib/libvirt) or `<id>-<name>` (below
/// /run/libvirt, since libvirt 9.7); the number changes with every start, so it is no part of the VM's name.
struct SocketPattern: Equatable, Sendable {
    /// As written.
    let text: String
    /// The directory whose entries are compared: everything up to the component with the `*`.
    let directory: String
    /// What stands before and after the `*` in its component.
    let prefix: String
    let suffix: String
    /// What follows the component, with its slash; empty where the socket itself carries the name.
    let rest: String

    /// - Throws: `FieldProblem` (with an empty path) when there is not exactly one `*` in an absolute path.
    init(validating text: String) throws(FieldProblem) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard text.hasPrefix("/"), parts.dropFirst().allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." }) else {
            throw FieldProblem(path: "", message: "must be an absolute path with one '*'")
        }
        let stars = text.utf8.count { $0 == UInt8(ascii: "*") }
        guard stars == 1, let index = parts.firstIndex(where: { $0.contains("*") }), let star = parts[index].firstIndex(of: "*") else {
            throw FieldProblem(path: "", message: "must have exactly one '*', which stands for the VM's name; it has \(stars)")
        }
        guard !text.utf8.contains(where: { "?[{".utf8.contains($0) }) else {
            throw FieldProblem(path: "", message: "knows no other wildcard than one '*'")
        }
        self.text = text
        directory = index == 1 ? "/" : parts[..<index].joined(separator: "/")
        prefix = String(parts[index][..<star])
        suffix = String(parts[index][parts[index].index(after: star)...])
        rest = parts[(index + 1)...].map { "/" + $0 }.joined()
    }

    /// One VM found by a pattern.
    struct Match: Equatable, Sendable {
        /// The VM's name.
        let name: String
        /// libvirt's number of the run, 0 where there is none.
        let run: Int
        /// The socket.
        let path: String
    }

    /// What an entry of `directory` means; nil when it does not match, or when the path would be too long for a socket.
    func match(entry: String) -> Match? {
        guard entry.hasPrefix(prefix), entry.hasSuffix(suffix), !entry.hasPrefix(".") || !prefix.isEmpty,
            entry.utf8.count > prefix.utf8.count + suffix.utf8.count
        else { return nil }
        let path = (directory == "/" ? "" : directory) + "/" + entry + rest
        guard path.utf8.count <= HostConfiguration.Limits.socketPathBytes else { return nil }
        var name = entry.dropFirst(prefix.count).dropLast(suffix.count)
        var run = 0
        let libvirtRun = directory == "/run/libvirt" || directory.hasPrefix("/run/libvirt/")
        if name.hasPrefix("domain-"), let (number, bare) = Self.numbered(name.dropFirst("domain-".count)) {
            (run, name) = (number, bare)
        } else if libvirtRun, let (number, bare) = Self.numbered(name) {
            (run, name) = (number, bare)
        }
        return Match(name: String(name), run: run, path: path)
    }

    /// Every VM among a directory's entries, in the order of names. Of two runs of one VM only the newer is one: libvirt may
    /// leave the directory of an older run behind.
    func matches(entries: [String]) -> [Match] {
        var newest: [String: Match] = [:]
        for match in entries.compactMap(match(entry:)) where newest[match.name].map({ $0.run < match.run }) ?? true {
            newest[match.name] = match
        }
        return newest.values.sorted { $0.name < $1.name }
    }

    /// The VM that a whole path would be; nil when it does not match.
    func match(path: String) -> Match? {
        let head = directory == "/" ? "/" : directory + "/"
        guard path.hasPrefix(head), path.hasSuffix(rest) else { return nil }
        let entry = path.dropFirst(head.count).dropLast(rest.count)
        return entry.contains("/") || entry.isEmpty ? nil : match(entry: String(entry))
    }

    /// `7-name` as number and name.
    private static func numbered(_ text: Substring) -> (Int, Substring)? {
        guard let dash = text.firstIndex(of: "-"), dash != text.startIndex, text[..<dash].utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }),
            let number = Int(text[..<dash]), text.index(after: dash) != text.endIndex
        else { return nil }
        return (number, text[text.index(after: dash)...])
    }
}
