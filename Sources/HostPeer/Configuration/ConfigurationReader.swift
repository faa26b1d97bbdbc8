import ShareModel

/// Reads the value of a configuration document, with every problem in it.
struct ConfigurationReader {
    private var collector = ProblemCollector()

    /// - Parameter hostName: stands in where the document names no host.
    /// - Returns: the configuration as far as it could be read, and all problems. Only one without problems is to be used.
    static func read(_ document: Value, hostName: String) -> (configuration: HostConfiguration, problems: [FieldProblem]) {
        var reader = ConfigurationReader()
        let configuration = reader.configuration(document, hostName)
        return (configuration, reader.collector.problems)
    }

    private mutating func configuration(_ document: Value, _ hostName: String) -> HostConfiguration {
        var configuration = HostConfiguration(name: hostName)
        // A file of comments only: a host that offers nothing yet.
        if document == .null { return configuration }
        guard case .object(let members) = document else {
            collector.add("", "must be a mapping with the keys host, shares and vms, not \(document.kind)")
            return configuration
        }
        for member in members where !Self.keys.contains(where: { $0.hasSameBytes(as: member.key) }) {
            collector.add(member.key.printable, "is not a known key; there are: \(Self.keys.joined(separator: ", "))")
        }
        host(document, &configuration)
        configuration.credentials = credentials(document["credentials"])
        let shares = self.shares(document["shares"])
        configuration.shares = shares.map(\.share)
        let machines = self.machines(document["vms"])
        configuration.machines = machines.map(\.entry)
        for (share, path) in shares {
            guard let credential = share.credential, document["credentials"]?[credential] == nil else { continue }
            collector.add("\(path).credential", "there is no credential '\(credential.printable)' below 'credentials'")
        }
        let offered = document["shares"]?.elements?.compactMap { $0["name"]?.text } ?? []
        for (machine, path) in machines {
            guard case .named(let names) = machine.selection else { continue }
            for (index, name) in names.enumerated() where !offered.contains(name.text) {
                collector.add("\(path).shares[\(index)]", "there is no share '\(name)' below 'shares'")
            }
        }
        return configuration
    }

    private static let keys = ["host", "reportInterval", "metrics", "credentials", "shares", "vms"]

    private mutating func host(_ document: Value, _ configuration: inout HostConfiguration) {
        let single = document.keeping(["host", "reportInterval", "metrics"])
        let read = collector.read(single, at: "") { (value, path) throws(FieldProblem) in
            var fields = try Fields(value, at: path)
            var part = configuration
            if var host = try fields.fields("host") {
                part.name = try host.name("name") ?? part.name
                part.id = try host.name("id")
                try host.end()
            }
            part.reportIntervalMs =
                try fields.duration("reportInterval", in: HostConfiguration.Limits.reportIntervalMs) ?? part.reportIntervalMs
            if var metrics = try fields.fields("metrics") {
                let text = try metrics.text("listen") ?? HostConfiguration.standardMetrics
                guard let address = ListenAddress(text) else {
                    throw FieldProblem(
                        path: metrics.path(of: "listen"), message: "'\(text.printable)' is no address such as 127.0.0.1:9477 or [::1]:9477")
                }
                part.metrics = address
                try metrics.end()
            }
            return part
        }
        configuration = read ?? configuration
    }

    private mutating func credentials(_ value: Value?) -> [CredentialEntry] {
        guard let value, value != .null else { return [] }
        guard case .object(let members) = value else {
            collector.add("credentials", "must be a mapping of names to credentials, not \(value.kind)")
            return []
        }
        if members.count > HostConfiguration.Limits.credentials {
            collector.add("credentials", "has at most \(HostConfiguration.Limits.credentials) entries, not \(members.count)")
        }
        return members.prefix(HostConfiguration.Limits.credentials).compactMap { member in
            collector.read(member.value, at: "credentials.\(member.key.printable)") { (value, path) throws(FieldProblem) in
                try CredentialEntry(value, name: member.key, at: path)
            }
        }
    }

    private static let soundShare: KeyValuePairs<String, Value> = [
        "name": "sound", "source": .object(["type": "tmpfs", "sizeBytes": 4096]),
    ]

    private static let soundMachine: KeyValuePairs<String, Value> = [
        "name": "sound", "shares": "all", "channel": "unix:/sound", "listen": "/sound", "pattern": "/*",
    ]

    private mutating func shares(_ value: Value?) -> [(share: Share, path: String)] {
        var shares: [(share: Share, path: String)] = []
        var first: [String: String] = [:]
        for (element, path) in list(value, at: "shares", limit: Catalog.maximumShares) {
            if let name = element["name"]?.text, let other = first.updateValue(first[name] ?? path, forKey: name) {
                collector.add("\(path).name", "'\(name.printable)' is the name of \(other) already")
            }
            let share = collector.read(element, at: path, sound: Self.soundShare) { (value, path) throws(FieldProblem) in
                try Share(value, at: path)
            }
            if let share { shares.append((share, path)) }
        }
        return shares
    }

    private mutating func machines(_ value: Value?) -> [(entry: MachineEntry, path: String)] {
        var machines: [(entry: MachineEntry, path: String)] = []
        for (element, path) in list(value, at: "vms", limit: HostConfiguration.Limits.machines) {
            let entry = collector.read(element, at: path, sound: Self.soundMachine) { (value, path) throws(FieldProblem) in
                try MachineEntry(value, at: path)
            }
            guard let entry else { continue }
            for (other, otherPath) in machines {
                guard let (key, message) = entry.quarrel(with: other, at: otherPath) else { continue }
                collector.add("\(path).\(key)", message)
                break
            }
            machines.append((entry, path))
        }
        return machines
    }

    private mutating func list(_ value: Value?, at path: String, limit: Int) -> [(Value, String)] {
        guard let value, value != .null else { return [] }
        guard let elements = value.elements else {
            collector.add(path, "must be a list, not \(value.kind)")
            return []
        }
        if elements.count > limit { collector.add(path, "has at most \(limit) entries, not \(elements.count)") }
        return elements.prefix(limit).enumerated().map { ($1, "\(path)[\($0)]") }
    }
}

extension Value {
    fileprivate func keeping(_ keys: [String]) -> Value {
        guard case .object(let members) = self else { return self }
        return .object(members.filter { member in keys.contains { $0.hasSameBytes(as: member.key) } })
    }
}

extension MachineEntry {
    /// What two entries must not share: a name or a socket.
    fileprivate func quarrel(with other: MachineEntry, at path: String) -> (key: String, message: String)? {
        // Names that only differ in their normalization look the same to people: == calls them equal, and so they are refused.
        if !name.isEmpty, name == other.name { return ("name", "'\(name.printable)' is the name of \(path) already") }
        switch (place, other.place) {
        case (.connect(let one), .connect(let two)) where one == two: return ("channel", "is the socket of \(path) already")
        case (.connect(let one), .listen(let two)) where one == two: return ("channel", "is the socket of \(path) already")
        case (.listen(let one), .connect(let two)) where one == two: return ("listen", "is the socket of \(path) already")
        case (.listen(let one), .listen(let two)) where one == two: return ("listen", "is the socket of \(path) already")
        case (.pattern(let one), .pattern(let two)) where one == two: return ("pattern", "is the pattern of \(path) already")
        case (.pattern(let pattern), .listen(let socket)), (.pattern(let pattern), .connect(let socket)):
            guard pattern.match(path: socket) != nil else { return nil }
            return ("pattern", "matches the socket of \(path) as well")
        case (.listen(let socket), .pattern(let pattern)):
            guard pattern.match(path: socket) != nil else { return nil }
            return ("listen", "is matched by the pattern of \(path) as well")
        case (.connect(let socket), .pattern(let pattern)):
            guard pattern.match(path: socket) != nil else { return nil }
            return ("channel", "is matched by the pattern of \(path) as well")
        default: return nil
        }
    }
}
