/// What root has written in /etc/shareagent: how the agent runs, and the policy.
public struct AgentConfiguration: Equatable, Sendable {
    /// The virtio-serial port's usual place.
    public static let standardChannel = "/dev/virtio-ports/org.shareagent.0"
    /// The control socket's usual place.
    public static let standardControlSocket = "/run/shareagent/control.sock"

    /// The port's path, or `unix:PATH`.
    public var channel = AgentConfiguration.standardChannel
    /// Milliseconds between two probes of a share.
    public var probeIntervalMs: Int64 = 15_000
    /// Milliseconds after which a probe that did not come back means `stalled`.
    public var probeDeadlineMs: Int64 = 5_000
    /// Milliseconds from which a probe's answer means `slow`.
    public var slowLimitMs: Int64 = 1_000
    /// The guest's rules.
    public var policy = Policy.standard

    /// The defaults.
    public init() {}

    /// Reads a merged configuration document.
    /// - Throws: `FieldProblem` that names the key.
    public init(_ value: Value) throws(FieldProblem) {
        self.init()
        var fields = try Fields(value, at: "")
        channel = try fields.plainText("channel", limit: 4096) ?? channel
        if var probe = try fields.fields("probe") {
            probeIntervalMs = try probe.duration("interval", in: 1000...3_600_000) ?? probeIntervalMs
            probeDeadlineMs = try probe.duration("deadline", in: 100...60_000) ?? probeDeadlineMs
            slowLimitMs = try probe.duration("slowLimit", in: 1...60_000) ?? slowLimitMs
            try probe.end()
        }
        if var policy = try fields.fields("policy") {
            try self.policy.read(&policy)
            try policy.end()
        }
        try fields.end()
    }
}

extension Fields {
    /// Takes a duration such as `500ms`, `5s`, `2m`, in milliseconds.
    public mutating func duration(_ key: String, in range: ClosedRange<Int64>) throws(FieldProblem) -> Int64? {
        guard let text = try scalarText(key) else { return nil }
        guard let milliseconds = milliseconds(ofDuration: text) else {
            throw FieldProblem(path: path(of: key), message: "'\(text.printable)' is no duration such as 500ms, 5s or 2m")
        }
        guard range.contains(milliseconds) else {
            throw FieldProblem(path: path(of: key), message: "must be from \(range.lowerBound)ms to \(range.upperBound)ms")
        }
        return milliseconds
    }

    /// Takes a list of words of an enumeration.
    mutating func words<Word>(_ key: String, of type: Word.Type) throws(FieldProblem) -> [Word]?
    where Word: RawRepresentable & CaseIterable, Word.RawValue == String {
        guard let texts = try texts(key) else { return nil }
        var words: [Word] = []
        for (index, text) in texts.enumerated() {
            guard let word = Word(rawValue: text) else {
                let known = Word.allCases.map(\.rawValue).joined(separator: ", ")
                throw FieldProblem(path: "\(path(of: key))[\(index)]", message: "'\(text.printable)' is none of: \(known)")
            }
            words.append(word)
        }
        return words
    }

    fileprivate mutating func target(_ key: String) throws(FieldProblem) -> Target? {
        guard let text = try text(key) else { return nil }
        do {
            return try Target(validating: text)
        } catch {
            throw FieldProblem(path: path(of: key), message: error.message)
        }
    }
}

/// `500ms`, `5s`, `2m`, `1h` in milliseconds; nil when it is no duration. A bare `0` is none, everything else has a unit.
public func milliseconds(ofDuration text: String) -> Int64? {
    let units: [(suffix: String, milliseconds: Int64)] = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000)]
    if text == "0" { return 0 }
    for unit in units where text.hasSuffix(unit.suffix) {
        let digits = text.dropLast(unit.suffix.count)
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let count = Int64(digits)
        else {
            continue
        }
        let (product, overflow) = count.multipliedReportingOverflow(by: unit.milliseconds)
        return overflow ? nil : product
    }
    return nil
}

extension Policy {
    fileprivate mutating func read(_ fields: inout Fields) throws(FieldProblem) {
        if let texts = try fields.texts("roots") {
            var roots: [Target] = []
            for (index, text) in texts.enumerated() {
                do {
                    roots.append(try Target(validating: text))
                } catch {
                    throw FieldProblem(path: "\(fields.path(of: "roots"))[\(index)]", message: error.message)
                }
            }
            guard !roots.isEmpty else { throw FieldProblem(path: fields.path(of: "roots"), message: "must not be empty") }
            self.roots = roots
        }
        if let root = try fields.target("defaultRoot") { defaultRoot = root }
        types = try fields.words("types", of: SourceType.self) ?? types
        servers = try fields.texts("servers") ?? servers
        allowNonEmptyTarget = try fields.truth("allowNonEmptyTarget") ?? allowNonEmptyTarget
        allowExec = try fields.truth("allowExec") ?? allowExec
        allowSuid = try fields.truth("allowSuid") ?? allowSuid
        allowDev = try fields.truth("allowDev") ?? allowDev
        forbiddenOptions = try fields.texts("forbiddenOptions") ?? forbiddenOptions
        if let map = try fields.map("forcedOptions") {
            forcedOptions = Dictionary(map.map { ($0.key, $0.value) }, uniquingKeysWith: { _, last in last })
        }
        if var selinux = try fields.fields("selinux") {
            selinuxContext = try selinux.plainText("context", limit: Share.Limits.textBytes)
            try selinux.end()
        }
        massRemoval = try fields.word("massRemoval") ?? massRemoval
        maximumShares = try fields.number("maximumShares", in: 0...Int64(Catalog.maximumShares)).map(Int.init) ?? maximumShares
    }
}
