internal import CNameTables

/// Brings names into a normal form. One is kept for many names, so that none needs memory of its own.
public struct Normalizer {
    /// Characters with their combining class in the upper eight bits.
    private var marked: [UInt32] = []

    /// What came of a name.
    public enum Answer: Sendable {
        /// It is in the form already; nothing was written.
        case unchanged
        /// The output has it in the form.
        case changed
        /// It has no form; nothing was written.
        case notUTF8
    }

    /// With room for the longest name that Linux lists.
    public init() {
        marked.reserveCapacity(1024)
    }

    /// Normalizes a name.
    /// - Parameter output: emptied first; keeps its memory.
    public mutating func normalize(_ name: Span<UInt8>, to form: NormalForm, into output: inout [UInt8]) -> Answer {
        output.removeAll(keepingCapacity: true)
        let look = firstLook(name, for: form)
        switch look.answer {
        case .ascii, .normal: return .unchanged
        case .notUTF8: return .notUTF8
        case .perhaps: return rewrite(name, from: look.untouched, to: form, into: &output) ? .changed : .unchanged
        }
    }

    /// Writes a name that `firstLook` called `perhaps`, and tells whether it is another one in the form; the output is empty where not.
    mutating func rewrite(_ name: Span<UInt8>, from start: Int, to form: NormalForm, into output: inout [UInt8]) -> Bool {
        output.removeAll(keepingCapacity: true)
        for index in 0..<start { output.append(name[index]) }
        decompose(name, from: start, form)
        order()
        if form.composes { compose(form) }
        for entry in marked { UTF8Bytes.append(Self.scalar(entry), to: &output) }
        if isSame(name, output) {
            output.removeAll(keepingCapacity: true)
            return false
        }
        return true
    }

    /// The name in the form; as it is where it is not UTF-8.
    public mutating func normalized(_ name: [UInt8], to form: NormalForm) -> [UInt8] {
        var output: [UInt8] = []
        return normalize(name.span, to: form, into: &output) == .changed ? output : name
    }

    private mutating func decompose(_ name: Span<UInt8>, from start: Int, _ form: NormalForm) {
        marked.removeAll(keepingCapacity: true)
        let untouched = form.untouched
        var index = start
        while index < name.count {
            let (scalar, length) = UTF8Bytes.scalar(in: name, at: index)
            index += length
            if scalar < 0xC0 {
                append(scalar, 0)
            } else if Hangul.syllables.contains(scalar) {
                let (lead, vowel, trail) = Hangul.parts(scalar)
                append(lead, 0)
                append(vowel, 0)
                if trail != 0 { append(trail, 0) }
            } else {
                let record = UnicodeTable.record(scalar)
                if record.flags & UnicodeTable.decomposes != 0, record.flags & untouched == 0 {
                    for place in 0..<Int(record.decomposition_count) {
                        let part = UnicodeTable.pooled(Int(record.decomposition) + place)
                        append(part, UnicodeTable.record(part).combining)
                    }
                } else {
                    append(scalar, record.combining)
                }
            }
        }
    }

    @inline(__always)
    private mutating func append(_ scalar: UInt32, _ combining: UInt8) {
        marked.append(UInt32(combining) << 24 | scalar)
    }

    @inline(__always)
    private static func scalar(_ entry: UInt32) -> UInt32 { entry & 0xFF_FFFF }

    @inline(__always)
    private static func combining(_ entry: UInt32) -> UInt32 { entry >> 24 }

    /// Marks behind one character are sorted by class, those of one class stay in order.
    private mutating func order() {
        for index in marked.indices.dropFirst() where Self.combining(marked[index]) != 0 {
            var at = index
            while at > 0, Self.combining(marked[at - 1]) > Self.combining(marked[at]) {
                marked.swapAt(at, at - 1)
                at -= 1
            }
        }
    }

    private mutating func compose(_ form: NormalForm) {
        var count = 0
        var starter = -1
        let untouched = form.untouched
        for index in marked.indices {
            let entry = marked[index]
            let scalar = Self.scalar(entry)
            // Below U+0300 nothing is composed with what stands before it.
            if scalar >= 0x300, starter >= 0, UnicodeTable.record(scalar).flags & UnicodeTable.quickCheckMaybe != 0,
                count - 1 == starter || Self.combining(marked[count - 1]) < Self.combining(entry)
            {
                let composite = UnicodeTable.composite(Self.scalar(marked[starter]), scalar)
                if composite != 0, UnicodeTable.record(composite).flags & untouched == 0 {
                    marked[starter] = composite
                    continue
                }
            }
            if Self.combining(entry) == 0 { starter = count }
            if count != index { marked[count] = entry }
            count += 1
        }
        marked.removeLast(marked.count - count)
    }
}

/// Whether both are the same bytes.
func isSame(_ first: Span<UInt8>, _ second: [UInt8]) -> Bool {
    guard first.count == second.count else { return false }
    for index in 0..<first.count where first[index] != second[index] { return false }
    return true
}
