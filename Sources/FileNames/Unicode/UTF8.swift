/// Strict UTF-8: no surrogates, nothing beyond U+10FFFF, nothing longer than it need be.
enum UTF8Bytes {
    /// The character that begins at `index`; length 0 where none does.
    @inline(__always)
    static func scalar(in bytes: Span<UInt8>, at index: Int) -> (value: UInt32, length: Int) {
        let first = UInt32(unsafe bytes[unchecked: index])
        if first < 0x80 { return (first, 1) }
        let left = bytes.count - index
        guard first >= 0xC2, left >= 2 else { return (0, 0) }
        let second = UInt32(unsafe bytes[unchecked: index + 1])
        guard second & 0xC0 == 0x80 else { return (0, 0) }
        if first < 0xE0 { return ((first & 0x1F) << 6 | second & 0x3F, 2) }
        guard left >= 3 else { return (0, 0) }
        let third = UInt32(unsafe bytes[unchecked: index + 2])
        guard third & 0xC0 == 0x80 else { return (0, 0) }
        if first < 0xF0 {
            let value = (first & 0x0F) << 12 | (second & 0x3F) << 6 | third & 0x3F
            return value < 0x800 || value & 0xF800 == 0xD800 ? (0, 0) : (value, 3)
        }
        guard first < 0xF5, left >= 4 else { return (0, 0) }
        let fourth = UInt32(unsafe bytes[unchecked: index + 3])
        let value = (first & 0x07) << 18 | (second & 0x3F) << 12 | (third & 0x3F) << 6 | fourth & 0x3F
        return fourth & 0xC0 != 0x80 || value < 0x1_0000 || value > 0x10_FFFF ? (0, 0) : (value, 4)
    }

    /// Appends a character, which must be one.
    @inline(__always)
    static func append(_ scalar: UInt32, to output: inout [UInt8]) {
        if scalar < 0x80 {
            output.append(UInt8(truncatingIfNeeded: scalar))
            return
        }
        if scalar < 0x800 {
            output.append(UInt8(truncatingIfNeeded: 0xC0 | scalar >> 6))
        } else {
            if scalar < 0x1_0000 {
                output.append(UInt8(truncatingIfNeeded: 0xE0 | scalar >> 12))
            } else {
                output.append(UInt8(truncatingIfNeeded: 0xF0 | scalar >> 18))
                output.append(UInt8(truncatingIfNeeded: 0x80 | scalar >> 12 & 0x3F))
            }
            output.append(UInt8(truncatingIfNeeded: 0x80 | scalar >> 6 & 0x3F))
        }
        output.append(UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3F))
    }

    /// How many bytes from `start` on are ASCII, looked at eight at a time.
    static func asciiRun(_ bytes: Span<UInt8>, from start: Int) -> Int {
        var index = start
        while index &+ 8 <= bytes.count {
            let above = bytesAboveASCII(bytes, at: index)
            if above != 0 { return index &- start &+ above.trailingZeroBitCount &>> 3 }
            index &+= 8
        }
        if bytes.count &- start >= 8 {
            // The last eight once more as a whole: those before `index` are ASCII, and a loop over the rest would cost as much as all before it.
            let above = bytesAboveASCII(bytes, at: bytes.count &- 8)
            return bytes.count &- start &- (above == 0 ? 0 : 8 &- above.trailingZeroBitCount &>> 3)
        }
        while index < bytes.count, unsafe bytes[unchecked: index] < 0x80 { index &+= 1 }
        return index &- start
    }

    /// The uppermost bit of each of eight bytes, the first byte lowest.
    @inline(__always)
    private static func bytesAboveASCII(_ bytes: Span<UInt8>, at index: Int) -> UInt64 {
        let raw = unsafe bytes.bytes
        return unsafe raw.unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: UInt64.self).littleEndian & 0x8080_8080_8080_8080
    }
}

/// Whether these bytes are UTF-8 that a program has cut inside a character because it counted bytes: at least two whole characters above
/// ASCII, then one that lacks bytes, and after it ASCII only (an extension).
func isCutUTF8(_ bytes: Span<UInt8>) -> Bool {
    var index = 0
    var whole = 0
    while true {
        index += UTF8Bytes.asciiRun(bytes, from: index)
        guard index < bytes.count else { return false }
        let length = UTF8Bytes.scalar(in: bytes, at: index).length
        if length == 0 { break }
        whole += 1
        index += length
    }
    let first = bytes[index]
    let needed = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2
    guard whole >= 2, first >= 0xC2, first < 0xF5 else { return false }
    var found = 1
    while index + found < bytes.count, bytes[index + found] & 0xC0 == 0x80 { found += 1 }
    guard found < needed else { return false }
    return UTF8Bytes.asciiRun(bytes, from: index + found) == bytes.count - index - found
}

/// Whether these bytes are strict UTF-8.
public func isUTF8(_ bytes: Span<UInt8>) -> Bool {
    var index = 0
    while true {
        index += UTF8Bytes.asciiRun(bytes, from: index)
        guard index < bytes.count else { return true }
        let length = UTF8Bytes.scalar(in: bytes, at: index).length
        guard length > 0 else { return false }
        index += length
    }
}
