import ShareModel

/// Builds the value out of libyaml's events, within the limits.
struct DocumentBuilder: ~Copyable {
    private var events: EventReader
    private var lines: [String: Int] = [:]
    private var values = 0

    init(_ bytes: [UInt8]) {
        events = EventReader(bytes)
    }

    mutating func build() throws(YamlError) -> YamlDocument {
        var root: Value?
        while true {
            let event = try events.next()
            switch event.kind {
            case .end: return YamlDocument(value: root ?? .null, lines: lines)
            case .documentStart:
                if root != nil { throw event.mark.error("a second document begins here; only one is taken") }
                let first = try events.next()
                lines[""] = first.mark.line
                root = try value(first, path: "", depth: 0)
            default: continue
            }
        }
    }

    private mutating func value(_ event: Event, path: String, depth: Int) throws(YamlError) -> Value {
        try check(event)
        values += 1
        if values > YamlDocument.Limits.values { throw event.mark.error("there are more than \(YamlDocument.Limits.values) values") }
        switch event.kind {
        case .scalar(let bytes, let isPlain):
            let text = try text(bytes, event.mark)
            return isPlain ? PlainScalar.value(of: text) : .string(text)
        case .sequenceStart:
            try checkDepth(depth, event.mark)
            var elements: [Value] = []
            while true {
                let next = try events.next()
                if case .sequenceEnd = next.kind { return .array(elements) }
                let place = "\(path)[\(elements.count)]"
                note(place, next.mark)
                elements.append(try value(next, path: place, depth: depth + 1))
            }
        case .mappingStart:
            try checkDepth(depth, event.mark)
            return .object(try members(path: path, depth: depth))
        default:
            // libyaml's grammar has nothing else where a value is due.
            throw event.mark.error("a value is missing")
        }
    }

    private mutating func members(path: String, depth: Int) throws(YamlError) -> [Value.Member] {
        var members: [Value.Member] = []
        // By bytes: two spellings that differ only in normalization are two keys.
        var seen: Set<[UInt8]> = []
        while true {
            let event = try events.next()
            if case .mappingEnd = event.kind { return members }
            try check(event)
            guard case .scalar(let bytes, _) = event.kind else { throw event.mark.error("a key must be a text, not a list or a mapping") }
            let key = try text(bytes, event.mark)
            let place = path.isEmpty ? key : "\(path).\(key)"
            guard seen.insert(bytes).inserted else {
                let first = lines[place].map { ", it stands in line \($0) already" } ?? ""
                throw event.mark.error("the key '\(key.printable)' is given twice\(first)")
            }
            note(place, event.mark)
            members.append(Value.Member(key, try value(try events.next(), path: place, depth: depth + 1)))
        }
    }

    private mutating func note(_ path: String, _ mark: Mark) {
        if path.utf8.count <= YamlDocument.Limits.pathBytes { lines[path] = mark.line }
    }

    private func check(_ event: Event) throws(YamlError) {
        if case .alias = event.kind { throw event.mark.error("aliases (*name) are not taken: write the value out") }
        if event.hasAnchor { throw event.mark.error("anchors (&name) are not taken") }
        if event.hasTag { throw event.mark.error("tags (!name) are not taken: quote what is meant as text") }
    }

    private func checkDepth(_ depth: Int, _ mark: Mark) throws(YamlError) {
        if depth >= YamlDocument.Limits.depth {
            throw mark.error("more than \(YamlDocument.Limits.depth) lists and mappings stand inside each other")
        }
    }

    private func text(_ bytes: [UInt8], _ mark: Mark) throws(YamlError) -> String {
        if bytes.count > YamlDocument.Limits.scalarBytes {
            throw mark.error("the text is longer than \(YamlDocument.Limits.scalarBytes) bytes")
        }
        if bytes.contains(0) { throw mark.error("a text cannot hold a NUL") }
        return String(decoding: bytes, as: UTF8.self)
    }
}
