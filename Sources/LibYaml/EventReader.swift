import CLibYaml

/// A place in the text, counted from 1.
struct Mark {
    let line: Int
    let column: Int

    init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    /// libyaml counts from 0.
    fileprivate init(_ mark: yaml_mark_t) {
        self.init(line: Int(mark.line) + 1, column: Int(mark.column) + 1)
    }

    func error(_ message: String) -> YamlError {
        YamlError(line: line, column: column, message: message)
    }
}

/// What libyaml found next, copied out of its memory.
struct Event {
    enum Kind {
        case documentStart
        /// `isPlain` says that it stands there without quotes and is no block of text.
        case scalar(bytes: [UInt8], isPlain: Bool)
        case sequenceStart
        case sequenceEnd
        case mappingStart
        case mappingEnd
        case alias
        /// Start of the stream, or end of a document.
        case boundary
        case end
    }

    let kind: Kind
    let mark: Mark
    let hasAnchor: Bool
    let hasTag: Bool
}

/// libyaml's event parser over a copy of the text.
@safe struct EventReader: ~Copyable {
    /// On the heap: the parser keeps a pointer to itself.
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let text: UnsafeMutableBufferPointer<UInt8>
    private let isReady: Bool

    init(_ bytes: [UInt8]) {
        unsafe parser = .allocate(capacity: 1)
        // Never empty, so that there is an address to hand over.
        unsafe text = .allocate(capacity: bytes.count + 1)
        _ = unsafe text.initialize(from: bytes + [0])
        isReady = unsafe yaml_parser_initialize(parser) == 1
        guard isReady else {
            // All zeroes is a parser that libyaml can delete.
            unsafe parser.initialize(to: yaml_parser_t())
            return
        }
        // Said, not guessed: a byte-order mark must not turn the text into UTF-16.
        unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        unsafe yaml_parser_set_input_string(parser, text.baseAddress, bytes.count)
    }

    deinit {
        unsafe yaml_parser_delete(parser)
        unsafe parser.deallocate()
        unsafe text.deallocate()
    }

    /// The next event.
    /// - Throws: the mistake that libyaml found.
    mutating func next() throws(YamlError) -> Event {
        guard isReady else { throw outOfMemory }
        var event = unsafe yaml_event_t()
        guard unsafe yaml_parser_parse(parser, &event) == 1 else { throw mistake() }
        defer { unsafe yaml_event_delete(&event) }
        let mark = unsafe Mark(event.start_mark)
        func found(_ kind: Event.Kind, anchor: Bool = false, tag: Bool = false) -> Event {
            Event(kind: kind, mark: mark, hasAnchor: anchor, hasTag: tag)
        }
        switch unsafe event.type {
        case YAML_DOCUMENT_START_EVENT: return found(.documentStart)
        case YAML_SCALAR_EVENT:
            let scalar = unsafe event.data.scalar
            let bytes = unsafe Array(UnsafeBufferPointer(start: scalar.value, count: scalar.length))
            let isPlain = unsafe scalar.style == YAML_PLAIN_SCALAR_STYLE
            return unsafe found(.scalar(bytes: bytes, isPlain: isPlain), anchor: scalar.anchor != nil, tag: scalar.tag != nil)
        case YAML_SEQUENCE_START_EVENT:
            return unsafe found(.sequenceStart, anchor: event.data.sequence_start.anchor != nil, tag: event.data.sequence_start.tag != nil)
        case YAML_SEQUENCE_END_EVENT: return found(.sequenceEnd)
        case YAML_MAPPING_START_EVENT:
            return unsafe found(.mappingStart, anchor: event.data.mapping_start.anchor != nil, tag: event.data.mapping_start.tag != nil)
        case YAML_MAPPING_END_EVENT: return found(.mappingEnd)
        case YAML_ALIAS_EVENT: return found(.alias)
        case YAML_STREAM_END_EVENT, YAML_NO_EVENT: return found(.end)
        default: return found(.boundary)
        }
    }

    private var outOfMemory: YamlError { Mark(line: 1, column: 1).error("there is not enough memory") }

    private func mistake() -> YamlError {
        guard let problem = unsafe parser.pointee.problem else { return outOfMemory }
        let words = unsafe String(cString: problem)
        if unsafe parser.pointee.error == YAML_READER_ERROR {
            // The reader works ahead of the parser and knows only how many bytes it has passed.
            let offset = unsafe min(parser.pointee.problem_offset, text.count - 1)
            let before = unsafe text[..<offset]
            let line = unsafe before.count { $0 == UInt8(ascii: "\n") } + 1
            let start = unsafe (before.lastIndex(of: UInt8(ascii: "\n")) ?? -1) + 1
            return Mark(line: line, column: offset - start + 1).error(words)
        }
        var mark = unsafe Mark(parser.pointee.problem_mark)
        // libyaml puts the end of a text without a last newline on a line of its own.
        let last = unsafe text.dropLast().count { $0 == UInt8(ascii: "\n") } + 1
        if mark.line > last { mark = Mark(line: last, column: 1) }
        if isIndentedByTab(mark.line) { return mark.error("a tab cannot indent a line; use spaces") }
        let context = unsafe parser.pointee.context.map { unsafe " " + String(cString: $0) } ?? ""
        return mark.error(words + context)
    }

    /// The mistake most often made, for which libyaml only says that a character cannot start a token.
    private func isIndentedByTab(_ line: Int) -> Bool {
        var current = 1
        for index in 0..<(unsafe text.count) {
            let byte = unsafe text[index]
            if current == line {
                if byte == UInt8(ascii: "\t") { return true }
                if byte != UInt8(ascii: " ") { return false }
            } else if byte == UInt8(ascii: "\n") {
                current += 1
            }
        }
        return false
    }
}
