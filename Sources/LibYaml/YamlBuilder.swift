internal import ShareModel

/// Puts events together to a value, and notes where each part begins.
struct YamlBuilder {
    /// A list or mapping that is being read; changed in place, for a copy a value would make reading quadratic.
    private struct Level {
        let path: String
        let isMapping: Bool
        var elements: [Value] = []
        var members: [Value.Member] = []
        var keys: Set<[UInt8]> = []
        var key: String?

        var awaitsKey: Bool { isMapping && key == nil }
    }

    private(set) var root: Value?
    private(set) var lines: [String: Int] = [:]
    private var open: [Level] = []
    private var top: Int { open.count - 1 }
    private var values = 0
    private var documents = 0

    mutating func take(_ event: YamlEvent, line: Int, column: Int) throws(YamlError) {
        func problem(_ message: String) -> YamlError { YamlError(line: line, column: column, message: message) }
        switch event {
        case .documentStart:
            documents += 1
            guard documents == 1 else { throw problem("there is more than one document") }
        case .scalar(let bytes, let isPlain):
            guard bytes.count <= YamlDocument.Limits.scalarBytes else {
                throw problem("a text has at most \(YamlDocument.Limits.scalarBytes) bytes")
            }
            guard !bytes.contains(0) else { throw problem("a text holds a NUL") }
            let text = String(decoding: bytes, as: UTF8.self)
            if !open.isEmpty, open[top].awaitsKey {
                guard open[top].keys.insert(bytes).inserted else { throw problem("the key '\(text.printable)' stands twice") }
                open[top].key = text
                note(nextPath, line)
            } else {
                try count(problem)
                note(nextPath, line)
                place(isPlain ? Self.plain(text) : .string(text))
            }
        case .sequenceStart, .mappingStart:
            guard open.last?.awaitsKey != true else { throw problem("a key must be a plain text") }
            guard open.count < YamlDocument.Limits.depth else {
                throw problem("lists and mappings stand more than \(YamlDocument.Limits.depth) deep")
            }
            try count(problem)
            let path = nextPath
            note(path, line)
            if case .mappingStart = event {
                open.append(Level(path: path, isMapping: true))
            } else {
                open.append(Level(path: path, isMapping: false))
            }
        case .sequenceEnd, .mappingEnd:
            guard let level = open.popLast() else { return }
            place(level.isMapping ? .object(level.members) : .array(level.elements))
        }
    }

    private mutating func count(_ problem: (String) -> YamlError) throws(YamlError) {
        values += 1
        guard values <= YamlDocument.Limits.values else { throw problem("there are more than \(YamlDocument.Limits.values) values") }
    }

    /// The path of the value that comes next.
    private var nextPath: String {
        guard let level = open.last else { return "" }
        guard level.isMapping else { return "\(level.path)[\(level.elements.count)]" }
        return level.path.isEmpty ? level.key ?? "" : "\(level.path).\(level.key ?? "")"
    }

    /// A key's own line stays, for that is where a person looks.
    private mutating func note(_ path: String, _ line: Int) {
        if lines[path] == nil { lines[path] = line }
    }

    private mutating func place(_ value: Value) {
        guard !open.isEmpty else { return root = value }
        if let key = open[top].key {
            open[top].members.append(Value.Member(key, value))
            open[top].key = nil
        } else {
            open[top].elements.append(value)
        }
    }

    /// A plain scalar by the core schema of YAML 1.2, floats left out.
    static func plain(_ text: String) -> Value {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        default: break
        }
        let digits = text.utf8.drop { $0 == UInt8(ascii: "-") }
        let isNumber =
            !digits.isEmpty && text.utf8.count - digits.count <= 1
            && digits.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            && (digits.count == 1 || digits.first != UInt8(ascii: "0"))
        if isNumber, let number = Int64(text) { return .integer(number) }
        return .string(text)
    }
}
