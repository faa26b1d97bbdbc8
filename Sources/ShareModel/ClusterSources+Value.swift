// Reading and writing the fields of 9p, CephFS and GlusterFS sources (contract section 4).

extension NinePSource {
    init(_ fields: inout Fields) throws(FieldProblem) {
        let tag = try fields.plainText("tag", limit: 255, refusing: ",")
        let hasServer = fields.has("server")
        guard (tag != nil) != hasServer else {
            throw FieldProblem(path: fields.path, message: "a 9p source wants exactly one of tag and server")
        }
        let transport: Transport
        if let tag {
            transport = .virtio(tag: tag)
            guard !fields.has("port") else {
                throw FieldProblem(path: fields.path(of: "port"), message: "goes with server; a device has a tag and no port")
            }
        } else {
            transport = .tcp(server: try fields.server("server"), port: try fields.port("port") ?? Self.standardPort)
        }
        // From the kernel's least (net/9p/client.c) to trans=tcp's most (net/9p/trans_fd.c).
        let msize = try fields.number("msize", in: 4096...(1 << 20)).map(Int.init)
        self.init(transport: transport, cache: try fields.word("cache"), msize: msize)
    }

    var value: Value {
        var members = [Value.Member("type", "9p")]
        switch transport {
        case .virtio(let tag): members.append(.init("tag", .string(tag)))
        case .tcp(let server, let port): members += [.init("server", .string(server)), .init("port", .integer(Int64(port)))]
        }
        if let cache { members.append(.init("cache", .string(cache.rawValue))) }
        if let msize { members.append(.init("msize", .integer(Int64(msize)))) }
        return .object(members)
    }
}

extension CephFSSource {
    /// Monitors at most: CEPH_MAX_MON of the kernel.
    static let maximumMonitors = 31

    init(_ fields: inout Fields) throws(FieldProblem) {
        var monitors: [Monitor] = []
        for (index, text) in try fields.servers("monitors", atMost: Self.maximumMonitors).enumerated() {
            guard let monitor = Monitor(text) else {
                throw FieldProblem(
                    path: "\(fields.path(of: "monitors"))[\(index)]",
                    message: "'\(text.printable)' is no monitor such as 10.77.0.1, mon1:6789 or [fd00::1]:6789")
            }
            monitors.append(monitor)
        }
        let path = try fields.plainText("path", limit: 1024) ?? "/"
        guard path.utf8.first == UInt8(ascii: "/"), !path.split(separator: "/").contains("..") else {
            throw FieldProblem(path: fields.path(of: "path"), message: "must be absolute, without '..'")
        }
        let fsid = try fields.plainText("fsid", limit: 36)
        if let fsid, !isUUID(fsid) {
            throw FieldProblem(
                path: fields.path(of: "fsid"), message: "'\(fsid.printable)' is no cluster id such as the one 'ceph fsid' prints")
        }
        self.init(
            monitors: monitors, path: path, user: try fields.word(named: "user"), filesystem: try fields.word(named: "filesystem"),
            fsid: fsid)
    }

    var value: Value {
        .object([
            "type": "cephfs", "monitors": .array(monitors.map { .string($0.spelling) }), "path": path == "/" ? nil : .string(path),
            "user": .text(user), "filesystem": .text(filesystem), "fsid": .text(fsid),
        ])
    }
}

extension CephFSSource.Monitor {
    /// Reads `10.77.0.1`, `mon1:6789`, `fd00::1` or `[fd00::1]:6789`; nil when it is none of them.
    init?(_ text: String) {
        var server = text
        var port: Int?
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            server = String(text[text.index(after: text.startIndex)..<end])
            let rest = text[text.index(after: end)...]
            if !rest.isEmpty {
                guard rest.hasPrefix(":"), let number = Self.port(rest.dropFirst()) else { return nil }
                port = number
            }
            guard Address(server)?.bytes.count == 16 else { return nil }
        } else if Address(text) == nil, let colon = text.firstIndex(of: ":") {
            server = String(text[..<colon])
            guard let number = Self.port(text[text.index(after: colon)...]) else { return nil }
            port = number
        }
        guard isServer(server) else { return nil }
        self.init(server: server, port: port)
    }

    private static func port(_ text: Substring) -> Int? {
        guard let number = Int(text), (1...65_535).contains(number), text.utf8.first != UInt8(ascii: "+") else { return nil }
        return number
    }
}

extension GlusterFSSource {
    /// Servers at most: more backups than replicas help nobody.
    static let maximumServers = 16

    init(_ fields: inout Fields) throws(FieldProblem) {
        let servers = try fields.servers("servers", atMost: Self.maximumServers)
        if let index = servers.firstIndex(where: { !isServer($0) }) {
            throw FieldProblem(
                path: "\(fields.path(of: "servers"))[\(index)]",
                message: "'\(servers[index].printable)' is neither a host name nor an address")
        }
        guard let volume = try fields.word(named: "volume") else {
            throw FieldProblem(path: fields.path(of: "volume"), message: "is missing")
        }
        var path = try fields.plainText("path", limit: 1024, refusing: ",")
        while let text = path, text.hasPrefix("/") { path = String(text.dropFirst()) }
        if let parts = path?.split(separator: "/"), parts.contains("..") {
            throw FieldProblem(path: fields.path(of: "path"), message: "must not contain '..'")
        }
        self.init(servers: servers, volume: volume, path: path?.isEmpty == true ? nil : path)
    }

    var value: Value {
        .object([
            "type": "glusterfs", "servers": .array(servers.map(Value.string)), "volume": .string(volume), "path": .text(path),
        ])
    }
}

extension Fields {
    /// Takes a name that goes into a mount source or option: letters, digits and `._-`, not a dash first.
    fileprivate mutating func word(named key: String) throws(FieldProblem) -> String? {
        guard let text = try plainText(key, limit: 128) else { return nil }
        guard text.utf8.first != UInt8(ascii: "-"), text.utf8.allSatisfy({ $0.isASCIILetterOrDigit || "._-".utf8.contains($0) }) else {
            throw FieldProblem(path: path(of: key), message: "'\(text.printable)' has more than letters, digits and . _ -")
        }
        return text
    }
}

/// Whether a text is a UUID in its usual spelling.
private func isUUID(_ text: String) -> Bool {
    let groups = text.split(separator: "-", omittingEmptySubsequences: false)
    return groups.map(\.utf8.count) == [8, 4, 4, 4, 12]
        && groups.allSatisfy { $0.utf8.allSatisfy { byte in "0123456789abcdefABCDEF".utf8.contains(byte) } }
}
