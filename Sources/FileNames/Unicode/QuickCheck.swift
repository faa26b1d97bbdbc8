internal import CNameTables

/// What one pass over a name tells.
public enum QuickCheck: Sendable {
    /// ASCII, which each form leaves alone.
    case ascii
    /// UTF-8 that is in the form.
    case normal
    /// UTF-8 that may be in the form or not: normalizing tells.
    case perhaps
    /// Not UTF-8.
    case notUTF8
}

/// Looks once at each byte of a name.
///
/// - Returns: what it is in regard to `form`; most names of a tree are `ascii` or `normal` and need nothing else.
public func quickCheck(_ name: Span<UInt8>, for form: NormalForm) -> QuickCheck {
    firstLook(name, for: form).answer
}

/// The same, and how many bytes in front normalizing leaves as they are.
func firstLook(_ name: Span<UInt8>, for form: NormalForm) -> (answer: QuickCheck, untouched: Int) {
    var index = UTF8Bytes.asciiRun(name, from: 0)
    if index == name.count { return (.ascii, index) }
    let wanted = form.composes ? UnicodeTable.quickCheckNo | UnicodeTable.quickCheckMaybe : UnicodeTable.decomposes
    let untouched = form.untouched
    var last: UInt8 = 0
    // Where the last character begins that a mark could be composed with.
    var starter = max(0, index &- 1)
    var perhaps = false
    while index < name.count {
        let (scalar, length) = UTF8Bytes.scalar(in: name, at: index)
        guard length > 0 else { return (.notUTF8, 0) }
        let start = index
        index &+= length
        if scalar < 0xC0 {
            last = 0
            if !perhaps { starter = start }
            continue
        }
        let record = UnicodeTable.record(scalar)
        if record.combining != 0, record.combining < last { perhaps = true }
        if record.flags & wanted != 0, record.flags & untouched == 0 { perhaps = true }
        if !form.composes, Hangul.syllables.contains(scalar) { perhaps = true }
        last = record.combining
        if last == 0, !perhaps { starter = start }
    }
    return perhaps ? (.perhaps, starter) : (.normal, name.count)
}
