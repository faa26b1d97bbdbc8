internal import CNameTables

/// Brings names into a normal form. One is kept for many names, so that none needs memory of its own.
public struct Normalizer {
    private var scalars: [UInt32] = []
    private var classes: [UInt8] = []

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
        scalars.reserveCapacity(1024)
        classes.reserveCapacity(1024)
    }

    /// Normalizes a name.
    /// - Parameter output: emptied first; keeps its memory.
    public mutating func normalize(_ name: Span<UInt8>, to form: NormalForm, into output: inout [UInt8]) -> Answer {
        output.removeAll(keepingCapacity: true)
        let look = firstLook(name, for: form)
        switch look.answer {
        case .ascii, .normal: return .unchanged
        case .notUTF8: return .notUTF8
        case .perhaps: break
        }
        for index in 0..<look.untouched { output.append(name[index]) }
        decompose(name, from: look.untouched, form)
        order()
        if form.composes { compose(form) }
        for scalar in scalars { UTF8Bytes.append(scalar, to: &output) }
        if isSame(name, output) {
            output.removeAll(keepingCapacity: true)
            return .unchanged
        }
        return .changed
    }

    /// The name in the form; as it is where it is not UTF-8.
    public mutating func normalized(_ name: [UInt8], to form: NormalForm) -> [UInt8] {
        var output: [UInt8] = []
        return normalize(name.span, to: form, into: &output) == .changed ? output : name
    }

    private mutating func decompose(_ name: Span<UInt8>, from start: Int, _ form: NormalForm) {
        scalars.removeAll(keepingCapacity: true)
        classes.removeAll(keepingCapacity: true)
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

    private mutating func append(_ scalar: UInt32, _ combining: UInt8) {
        scalars.append(scalar)
        classes.append(combining)
    }

    /// Marks behind one character are sorted by class, those of one class stay in order.
    private mutating func order() {
        for index in classes.indices.dropFirst() where classes[index] != 0 {
            var at = index
            while at > 0, classes[at - 1] > classes[at] {
                scalars.swapAt(at, at - 1)
                classes.swapAt(at, at - 1)
                at -= 1
            }
        }
    }

    private mutating func compose(_ form: NormalForm) {
        var count = 0
        var starter = -1
        for index in scalars.indices {
            let scalar = scalars[index]
            let combining = classes[index]
            let isBlocked = starter < 0 || (count - 1 != starter && classes[count - 1] >= combining)
            if !isBlocked, scalar >= 0x300, UnicodeTable.record(scalar).flags & UnicodeTable.quickCheckMaybe != 0 {
                let composite = UnicodeTable.composite(scalars[starter], scalar)
                if composite != 0, UnicodeTable.record(composite).flags & form.untouched == 0 {
                    scalars[starter] = composite
                    continue
                }
            }
            if combining == 0 { starter = count }
            scalars[count] = scalar
            classes[count] = combining
            count += 1
        }
        scalars.removeLast(scalars.count - count)
        classes.removeLast(classes.count - count)
    }
}

/// Whether both are the same bytes.
func isSame(_ first: Span<UInt8>, _ second: [UInt8]) -> Bool {
    guard first.count == second.count else { return false }
    for index in 0..<first.count where first[index] != second[index] { return false }
    return true
}
