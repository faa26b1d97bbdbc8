/// Hashes names so that those which differ in case or form only have one hash: eight bytes a name instead of the name.
public struct KeyHasher {
    private var folder = CaseFolder()
    private var key: [UInt8] = []

    /// Ready for any name.
    public init() {}

    /// The hash of the name's key (`CaseFolder`).
    public mutating func hash(_ name: Span<UInt8>) -> UInt64 {
        if UTF8Bytes.asciiRun(name, from: 0) == name.count { return Self.mix(name) }
        folder.key(of: name, into: &key)
        return Self.mix(key.span)
    }

    /// Eight bytes at a time, ASCII capitals made small on the way.
    private static func mix(_ bytes: Span<UInt8>) -> UInt64 {
        var hash = UInt64(bytes.count) &* 0x9E37_79B9_7F4A_7C15
        var index = 0
        let raw = unsafe bytes.bytes
        while index &+ 8 <= bytes.count {
            step(&hash, unsafe raw.unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: UInt64.self))
            index &+= 8
        }
        var rest: UInt64 = 0
        while index < bytes.count {
            rest = rest << 8 | UInt64(unsafe bytes[unchecked: index])
            index &+= 1
        }
        step(&hash, rest)
        hash = (hash ^ hash >> 30) &* 0xBF58_476D_1CE4_E5B9
        return hash ^ hash >> 31
    }

    @inline(__always)
    private static func step(_ hash: inout UInt64, _ word: UInt64) {
        let ascii = ~word & 0x8080_8080_8080_8080
        let low = word & 0x7F7F_7F7F_7F7F_7F7F
        let isCapital = (low &+ 0x3F3F_3F3F_3F3F_3F3F) & ~(low &+ 0x2525_2525_2525_2525) & ascii
        hash = (hash ^ (word | isCapital >> 2)) &* 0xD6E8_FEB8_6659_FD93
        hash ^= hash >> 32
    }
}
