/// How far a journal is: what its lines add up to. Fed with line after line; anything that cannot follow is refused.
struct JournalProgress: Sendable {
    /// What became of a directory's entries.
    enum State: UInt8, Sendable {
        case planned, begun, done
    }

    /// Where the lines of a directory are in the file.
    struct Place: Sendable {
        let offset: Int64
        var entries: Int
    }

    private(set) var header: JournalHeader?
    private(set) var places: [Place] = []
    private(set) var states: [State] = []
    private(set) var entries = 0
    /// Whether the plan is whole. Nothing was renamed before.
    private(set) var isWhole = false
    /// Whether everything is to be put back, and is not yet.
    private(set) var isUndoing = false
    /// Of all lines of the plan so far (FNV-1a): tells damage, not malice.
    private(set) var mark: UInt64 = 0xCBF2_9CE4_8422_2325

    /// Whether anything may have another name than before.
    var isTouched: Bool { states.contains { $0 != .planned } }

    /// Takes a line.
    /// - Parameters:
    ///   - line: without its LF.
    ///   - offset: where it begins.
    /// - Returns: false where it cannot stand here.
    mutating func take(_ line: [UInt8], at offset: Int64) -> Bool {
        guard let record = JournalRecord(line: line) else { return false }
        if isWhole { return follow(record) }
        switch record {
        case .header(let header):
            guard self.header == nil else { return false }
            self.header = header
        case .directory:
            guard header != nil else { return false }
            places.append(Place(offset: offset, entries: 0))
            states.append(.planned)
        case .entry:
            guard let last = places.indices.last else { return false }
            places[last].entries += 1
            entries += 1
        case .end(let directories, let entries, let mark):
            guard header != nil, directories == places.count, entries == self.entries, mark == self.mark else { return false }
            isWhole = true
            return true
        case .begun, .done, .undoing, .undone: return false
        }
        for byte in line { mark = (mark ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return true
    }

    private mutating func follow(_ record: JournalRecord) -> Bool {
        switch record {
        case .begun(let number):
            guard states.indices.contains(number), !isUndoing else { return false }
            states[number] = .begun
        case .done(let number):
            guard states.indices.contains(number), states[number] == .begun, !isUndoing else { return false }
            states[number] = .done
        case .undoing: isUndoing = true
        case .undone:
            guard isUndoing else { return false }
            isUndoing = false
            for index in states.indices { states[index] = .planned }
        case .header, .directory, .entry, .end: return false
        }
        return true
    }
}
