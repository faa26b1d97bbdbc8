extension Source {
    /// Reads a source: `{type: …, fields of that type}`.
    /// - Throws: `FieldProblem` that names the key.
    public init(_ value: Value, at path: String) throws(FieldProblem) {
        var fields = try Fields(value, at: path)
        guard let type = try fields.word("type", of: SourceType.self) else {
            throw FieldProblem(path: fields.path(of: "type"), message: "is missing")
        }
        switch type {
        case .virtiofs: self = .virtiofs(try VirtiofsSource(&fields))
        case .nfs: self = .nfs(try NFSSource(&fields))
        case .smb: self = .smb(try SMBSource(&fields))
        case .tmpfs: self = .tmpfs(try TmpfsSource(&fields))
        case .image: self = .image(try ImageSource(&fields))
        case .ninep: self = .ninep(try NinePSource(&fields))
        case .cephfs: self = .cephfs(try CephFSSource(&fields))
        case .glusterfs: self = .glusterfs(try GlusterFSSource(&fields))
        }
        try fields.end()
    }

    /// As the contract's JSON.
    public var value: Value {
        switch self {
        case .virtiofs(let virtiofs):
            .object(["type": "virtiofs", "tag": .string(virtiofs.tag), "dax": .text(virtiofs.dax?.rawValue)])
        case .nfs(let nfs):
            .object([
                "type": "nfs", "server": .string(nfs.server), "export": .string(nfs.export), "version": .string(nfs.version.rawValue),
                "security": .string(nfs.security.rawValue), "transport": .string(nfs.transport.rawValue), "port": .number(nfs.port),
                "connections": .number(nfs.connections),
            ])
        case .smb(let smb):
            .object([
                "type": "smb", "server": .string(smb.server), "share": .string(smb.share), "path": .text(smb.path),
                "version": .string(smb.version.rawValue), "encryption": .string(smb.encryption.rawValue), "port": .number(smb.port),
                "domain": .text(smb.domain), "channels": .number(smb.channels),
            ])
        case .tmpfs(let tmpfs):
            .object(["type": "tmpfs", "sizeBytes": .integer(tmpfs.sizeBytes), "mode": .text(tmpfs.mode.map(octal))])
        case .image(let image):
            image.value
        case .ninep(let ninep): ninep.value
        case .cephfs(let cephfs): cephfs.value
        case .glusterfs(let glusterfs): glusterfs.value
        }
    }
}

/// Permission bits as YAML writes them: `0755`.
func octal(_ mode: Int) -> String {
    "0" + String(mode, radix: 8)
}

extension Fields {
    /// Takes permission bits written in octal as a text (`"0755"`).
    mutating func mode(_ key: String) throws(FieldProblem) -> Int? {
        guard let text = try scalarText(key) else { return nil }
        guard let mode = Int(text, radix: 8), (0...0o7777).contains(mode) else {
            throw FieldProblem(path: path(of: key), message: "'\(text.printable)' is no octal mode such as \"0755\"")
        }
        return mode
    }

    /// Takes a text that goes into a mount source or option: no NUL, no control characters, at most `limit` bytes.
    mutating func plainText(_ key: String, limit: Int, refusing refused: String = "") throws(FieldProblem) -> String? {
        guard let text = try scalarText(key) else { return nil }
        guard !text.isEmpty else { throw FieldProblem(path: path(of: key), message: "must not be empty") }
        guard text.utf8.count <= limit else { throw FieldProblem(path: path(of: key), message: "has at most \(limit) bytes") }
        guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            throw FieldProblem(path: path(of: key), message: "has a control character")
        }
        if let bad = text.unicodeScalars.first(where: { refused.unicodeScalars.contains($0) }) {
            throw FieldProblem(path: path(of: key), message: "must not contain '\(bad)'")
        }
        return text
    }

    /// `plainText` that must be there.
    mutating func requiredPlainText(_ key: String, limit: Int, refusing refused: String = "") throws(FieldProblem) -> String {
        guard let text = try plainText(key, limit: limit, refusing: refused) else {
            throw FieldProblem(path: path(of: key), message: "is missing")
        }
        return text
    }

    /// Takes a server: a host name (letters, digits, '.', '-', '_') or a numeric address, v6 without brackets.
    mutating func server(_ key: String) throws(FieldProblem) -> String {
        let text = try requiredPlainText(key, limit: hostNameLimit)
        guard isServer(text) else {
            throw FieldProblem(path: path(of: key), message: "'\(text.printable)' is neither a host name nor an address")
        }
        return text
    }

    /// Takes a list of one to `limit` servers; a single text is a list of one.
    mutating func servers(_ key: String, atMost limit: Int) throws(FieldProblem) -> [String] {
        let place = path(of: key)
        guard let value = take(key) else { throw FieldProblem(path: place, message: "is missing") }
        let texts = (value.elements ?? [value]).map(\.scalarText)
        guard (1...limit).contains(texts.count) else { throw FieldProblem(path: place, message: "has 1 to \(limit) entries") }
        var servers: [String] = []
        for (index, text) in texts.enumerated() {
            guard let text else { throw FieldProblem(path: "\(place)[\(index)]", message: "must be a text") }
            servers.append(text)
        }
        return servers
    }

    mutating func port(_ key: String) throws(FieldProblem) -> Int? {
        try number(key, in: 1...65_535).map(Int.init)
    }
}

/// The longest host name (RFC 1035, 2.3.4).
let hostNameLimit = 253

/// Whether a text can be a host name or a numeric address, v6 without brackets.
func isServer(_ text: String) -> Bool {
    guard let first = text.utf8.first, first != UInt8(ascii: "-"), text.utf8.count <= hostNameLimit else { return false }
    return text.utf8.allSatisfy { $0.isASCIILetterOrDigit || ".-_:%".utf8.contains($0) }
}

extension VirtiofsSource {
    fileprivate init(_ fields: inout Fields) throws(FieldProblem) {
        self.init(tag: try fields.requiredPlainText("tag", limit: 36, refusing: ","), dax: try fields.word("dax"))
    }
}

extension NFSSource {
    fileprivate init(_ fields: inout Fields) throws(FieldProblem) {
        let server = try fields.server("server")
        // NFS4_MAXPATHLEN and the kernel's own limit are 1024.
        let export = try fields.requiredPlainText("export", limit: 1024)
        guard export.utf8.first == UInt8(ascii: "/") else {
            throw FieldProblem(path: fields.path(of: "export"), message: "'\(export.printable)' is not an absolute path")
        }
        self.init(
            server: server, export: export, version: try fields.word("version") ?? .auto, security: try fields.word("security") ?? .sys,
            transport: try fields.word("transport") ?? .tcp, port: try fields.port("port"),
            connections: try fields.number("connections", in: 1...16).map(Int.init))
    }
}

extension SMBSource {
    fileprivate init(_ fields: inout Fields) throws(FieldProblem) {
        let server = try fields.server("server")
        let share = try fields.requiredPlainText("share", limit: 80, refusing: "/\\,")
        var path = try fields.plainText("path", limit: 1024, refusing: "\\,")
        while let text = path, text.hasPrefix("/") { path = String(text.dropFirst()) }
        if let parts = path?.split(separator: "/"), parts.contains("..") {
            throw FieldProblem(path: fields.path(of: "path"), message: "must not contain '..'")
        }
        self.init(
            server: server, share: share, path: path?.isEmpty == true ? nil : path, version: try fields.word("version") ?? .auto,
            encryption: try fields.word("encryption") ?? .ifOffered, port: try fields.port("port"),
            domain: try fields.plainText("domain", limit: 255, refusing: ","),
            channels: try fields.number("channels", in: 1...16).map(Int.init))
    }
}

extension TmpfsSource {
    fileprivate init(_ fields: inout Fields) throws(FieldProblem) {
        self.init(sizeBytes: try fields.number("sizeBytes", in: 4096...(1 << 50)) ?? Self.defaultSizeBytes, mode: try fields.mode("mode"))
    }
}

extension ImageSource {
    fileprivate init(_ fields: inout Fields) throws(FieldProblem) {
        var locations: [Location] = []
        let share = try fields.text("share")
        if let path = try fields.plainText("path", limit: 4095) {
            guard let share else { throw FieldProblem(path: fields.path(of: "share"), message: "is missing: which share the file is in") }
            let parts = path.split(separator: "/", omittingEmptySubsequences: false)
            guard !path.hasPrefix("/"), !parts.contains(".."), !parts.contains("") else {
                throw FieldProblem(path: fields.path(of: "path"), message: "must be relative to the share's root, without '..'")
            }
            let name: ShareName
            do {
                name = try ShareName(validating: share)
            } catch {
                throw FieldProblem(path: fields.path(of: "share"), message: error.message)
            }
            locations.append(.file(share: name, path: path))
        } else if share != nil {
            throw FieldProblem(path: fields.path(of: "path"), message: "is missing: which file of the share")
        }
        // Serial: virtio-blk carries 20 bytes; labels: 256 is btrfs's, the longest.
        if let serial = try fields.plainText("serial", limit: 36, refusing: "/") { locations.append(.serial(serial)) }
        if let label = try fields.plainText("label", limit: 256) { locations.append(.label(label)) }
        if let uuid = try fields.plainText("uuid", limit: 36, refusing: "/") { locations.append(.uuid(uuid)) }
        guard let location = locations.first, locations.count == 1 else {
            throw FieldProblem(path: fields.path, message: "an image wants exactly one of share + path, serial, label, uuid")
        }
        let filesystem = try fields.plainText("filesystem", limit: 32, refusing: "/,")
        self.init(location: location, filesystem: filesystem == "auto" ? nil : filesystem)
    }

    fileprivate var value: Value {
        var members = [Value.Member("type", "image")]
        switch location {
        case .file(let share, let path): members += [Value.Member("share", .string(share.text)), Value.Member("path", .string(path))]
        case .serial(let serial): members.append(Value.Member("serial", .string(serial)))
        case .label(let label): members.append(Value.Member("label", .string(label)))
        case .uuid(let uuid): members.append(Value.Member("uuid", .string(uuid)))
        }
        if let filesystem { members.append(Value.Member("filesystem", .string(filesystem))) }
        return .object(members)
    }
}
