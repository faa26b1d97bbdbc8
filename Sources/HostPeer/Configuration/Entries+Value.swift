import ShareModel

extension MachineEntry {
    /// Reads an entry of `vms`.
    /// - Throws: `FieldProblem` that names the key.
    init(_ value: Value, at path: String) throws(FieldProblem) {
        var fields = try Fields(value, at: path)
        let name = try fields.name("name")
        let channel = try fields.text("channel")
        let listen = try fields.text("listen")
        let pattern = try fields.text("pattern")
        let selection = try fields.selection("shares")
        try fields.end()
        guard [channel, listen, pattern].count(where: { $0 != nil }) == 1 else {
            throw FieldProblem(path: path, message: "needs exactly one of the keys channel, listen and pattern")
        }
        if let pattern {
            guard name == nil else {
                throw FieldProblem(path: "\(path).name", message: "is told by the pattern's '*', and must not be written")
            }
            do {
                self.init(name: "", place: .pattern(try SocketPattern(validating: pattern)), selection: selection)
            } catch {
                throw FieldProblem(path: "\(path).pattern", message: error.message)
            }
            return
        }
        guard let name else { throw FieldProblem(path: "\(path).name", message: "is missing") }
        if let listen {
            self.init(name: name, place: .listen(path: try Self.socket(listen, at: "\(path).listen")), selection: selection)
        } else {
            let text = channel ?? ""
            guard text.hasPrefix("unix:") else {
                throw FieldProblem(
                    path: "\(path).channel", message: "'\(text.printable)' is no channel: write unix: and the socket's absolute path")
            }
            self.init(
                name: name, place: .connect(path: try Self.socket(String(text.dropFirst(5)), at: "\(path).channel")), selection: selection)
        }
    }

    private static func socket(_ path: String, at key: String) throws(FieldProblem) -> String {
        guard path.isAbsoluteFilePath else { throw FieldProblem(path: key, message: "'\(path.printable)' is no absolute path") }
        guard path.utf8.count <= HostConfiguration.Limits.socketPathBytes else {
            throw FieldProblem(
                path: key, message: "a socket's path has at most \(HostConfiguration.Limits.socketPathBytes) bytes, not \(path.utf8.count)")
        }
        return path
    }
}

extension CredentialEntry {
    /// Reads an entry of `credentials`.
    /// - Throws: `FieldProblem` that names the key.
    init(_ value: Value, name: String, at path: String) throws(FieldProblem) {
        var fields = try Fields(value, at: path)
        guard !name.isEmpty, name.utf8.count <= HostConfiguration.Limits.nameBytes, name.hasSameBytes(as: name.printable) else {
            throw FieldProblem(path: path, message: "a credential's name has 1 to \(HostConfiguration.Limits.nameBytes) visible characters")
        }
        for inline in ["password", "key"] where fields.take(inline) != nil {
            throw FieldProblem(
                path: "\(path).\(inline)", message: "no secret may stand here: put it into a file and name that with \(inline)File")
        }
        let username = try fields.name("username")
        let domain = try fields.name("domain")
        let passwordFile = try fields.text("passwordFile")
        let keyFile = try fields.text("keyFile")
        try fields.end()
        switch (passwordFile, keyFile) {
        case (let file?, nil):
            guard let username else { throw FieldProblem(path: "\(path).username", message: "is missing") }
            self.init(
                name: name, kind: .password(username: username, domain: domain), file: try Self.file(file, at: "\(path).passwordFile"))
        case (nil, let file?):
            guard domain == nil else { throw FieldProblem(path: "\(path).domain", message: "belongs to a password, not to a key") }
            self.init(name: name, kind: .key(username: username), file: try Self.file(file, at: "\(path).keyFile"))
        default:
            throw FieldProblem(path: path, message: "needs exactly one of the keys passwordFile and keyFile")
        }
    }

    private static func file(_ path: String, at key: String) throws(FieldProblem) -> String {
        guard path.isAbsoluteFilePath, path.utf8.count <= HostConfiguration.Limits.pathBytes else {
            throw FieldProblem(path: key, message: "'\(path.printable)' is no absolute path")
        }
        return path
    }
}

extension String {
    /// Whether this names something from the root on, is no directory by its spelling, and holds no NUL.
    fileprivate var isAbsoluteFilePath: Bool {
        hasPrefix("/") && !hasSuffix("/") && !utf8.contains(0)
    }
}

extension Fields {
    /// Takes a name for people: 1 to 128 bytes, nothing in it that a terminal would act on.
    mutating func name(_ key: String) throws(FieldProblem) -> String? {
        guard let text = try scalarText(key) else { return nil }
        guard !text.isEmpty, text.utf8.count <= HostConfiguration.Limits.nameBytes else {
            throw FieldProblem(
                path: path(of: key), message: "must have 1 to \(HostConfiguration.Limits.nameBytes) bytes, not \(text.utf8.count)")
        }
        guard text.hasSameBytes(as: text.printable) else {
            throw FieldProblem(path: path(of: key), message: "'\(text.printable)' has a character that cannot be seen")
        }
        return text
    }

    /// Takes `all` or a list of share names, each once.
    fileprivate mutating func selection(_ key: String) throws(FieldProblem) -> MachineEntry.Selection {
        guard let value = take(key) else {
            throw FieldProblem(path: path(of: key), message: "is missing: write all, or a list of share names")
        }
        if value.text == "all" { return .all }
        guard let elements = value.elements else {
            throw FieldProblem(
                path: path(of: key),
                message: "must be all, or a list of share names, not \(value.text.map { "'\($0.printable)'" } ?? value.kind)")
        }
        var names: [ShareName] = []
        for (index, element) in elements.enumerated() {
            let place = "\(path(of: key))[\(index)]"
            guard let text = element.scalarText else {
                throw FieldProblem(path: place, message: "must be a share's name, not \(element.kind)")
            }
            let name: ShareName
            do {
                name = try ShareName(validating: text)
            } catch {
                throw FieldProblem(path: place, message: error.message)
            }
            guard !names.contains(name) else { throw FieldProblem(path: place, message: "'\(name)' stands in this list twice") }
            names.append(name)
        }
        return .named(names)
    }
}
