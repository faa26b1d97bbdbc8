internal import CLibYaml

/// One event of libyaml's parser.
enum YamlEvent {
    case documentStart
    case scalar([UInt8], isPlain: Bool)
    case sequenceStart
    case sequenceEnd
    case mappingStart
    case mappingEnd
}

/// libyaml's event parser, turned on one text; nothing of it outlives the call.
enum YamlEvents {
    /// Hands every event to `take`, with its place counted from 1.
    static func read(_ bytes: [UInt8], _ take: (YamlEvent, Int, Int) throws(YamlError) -> Void) throws(YamlError) {
        var parser = unsafe yaml_parser_t()
        guard unsafe yaml_parser_initialize(&parser) == 1 else { throw YamlError(line: 1, column: 1, message: "out of memory") }
        defer { unsafe yaml_parser_delete(&parser) }
        // A byte-order mark may only be that of UTF-8; the others mean UTF-16, which nobody writes by hand.
        unsafe yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING)
        try unsafe bytes.withUnsafeBufferPointer { text throws(YamlError) in
            unsafe yaml_parser_set_input_string(&parser, text.baseAddress, text.count)
            while let more = try unsafe next(&parser, take), more {}
        }
    }

    /// One event; false at the end.
    private static func next(
        _ parser: UnsafeMutablePointer<yaml_parser_t>, _ take: (YamlEvent, Int, Int) throws(YamlError) -> Void
    ) throws(YamlError) -> Bool? {
        var event = unsafe yaml_event_t()
        guard unsafe yaml_parser_parse(parser, &event) == 1 else { throw unsafe problem(parser.pointee) }
        defer { unsafe yaml_event_delete(&event) }
        let line = unsafe event.start_mark.line + 1
        let column = unsafe event.start_mark.column + 1
        switch unsafe event.type {
        case YAML_STREAM_END_EVENT: return false
        case YAML_DOCUMENT_START_EVENT: try take(.documentStart, line, column)
        case YAML_SCALAR_EVENT:
            let scalar = unsafe event.data.scalar
            try unsafe refuse(anchor: scalar.anchor, tag: scalar.tag, line, column)
            let text = unsafe Array(UnsafeBufferPointer(start: scalar.value, count: scalar.length))
            try take(.scalar(text, isPlain: unsafe scalar.style == YAML_PLAIN_SCALAR_STYLE), line, column)
        case YAML_SEQUENCE_START_EVENT:
            try unsafe refuse(anchor: event.data.sequence_start.anchor, tag: event.data.sequence_start.tag, line, column)
            try take(.sequenceStart, line, column)
        case YAML_SEQUENCE_END_EVENT: try take(.sequenceEnd, line, column)
        case YAML_MAPPING_START_EVENT:
            try unsafe refuse(anchor: event.data.mapping_start.anchor, tag: event.data.mapping_start.tag, line, column)
            try take(.mappingStart, line, column)
        case YAML_MAPPING_END_EVENT: try take(.mappingEnd, line, column)
        case YAML_ALIAS_EVENT: throw YamlError(line: line, column: column, message: "aliases (*name) are not read here")
        default: break
        }
        return true
    }

    private static func refuse(
        anchor: UnsafeMutablePointer<yaml_char_t>?, tag: UnsafeMutablePointer<yaml_char_t>?, _ line: Int, _ column: Int
    ) throws(YamlError) {
        if unsafe anchor != nil { throw YamlError(line: line, column: column, message: "anchors (&name) are not read here") }
        if unsafe tag != nil { throw YamlError(line: line, column: column, message: "tags (!name) are not read here") }
    }

    private static func problem(_ parser: yaml_parser_t) -> YamlError {
        let text = unsafe parser.problem.map { unsafe String(cString: $0) } ?? "this is no YAML"
        // What the reader itself dislikes (encoding, control characters) is told with an offset instead of a mark.
        if unsafe parser.error == YAML_READER_ERROR {
            let line = unsafe parser.mark.line + 1
            return YamlError(line: line, column: unsafe parser.mark.column + 1, message: "\(text) (byte \(unsafe parser.problem_offset))")
        }
        return unsafe YamlError(line: parser.problem_mark.line + 1, column: parser.problem_mark.column + 1, message: text)
    }
}
