/// BLAKE2s-256 (RFC 7693), for the suffixes of names that collide: short inputs, no key.
enum Blake2s {
    private static let start: [UInt32] = [
        0x6A09_E667, 0xBB67_AE85, 0x3C6E_F372, 0xA54F_F53A, 0x510E_527F, 0x9B05_688C, 0x1F83_D9AB, 0x5BE0_CD19,
    ]
    private static let order: [[Int]] = [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15], [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
        [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4], [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
        [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13], [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
        [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11], [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
        [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5], [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
    ]

    /// The 32 bytes of the hash.
    static func digest(_ bytes: [UInt8]) -> [UInt8] {
        var state = start
        state[0] ^= 0x0101_0020
        var offset = 0
        repeat {
            let end = min(offset + 64, bytes.count)
            mix(&state, Array(bytes[offset..<end]), UInt64(end), isLast: end == bytes.count)
            offset = end
        } while offset < bytes.count
        return state.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) } }
    }

    private static func mix(_ state: inout [UInt32], _ block: [UInt8], _ count: UInt64, isLast: Bool) {
        var words = [UInt32](repeating: 0, count: 16)
        for (index, byte) in block.enumerated() { words[index >> 2] |= UInt32(byte) << UInt32((index & 3) * 8) }
        var v = state + start
        v[12] ^= UInt32(truncatingIfNeeded: count)
        v[13] ^= UInt32(truncatingIfNeeded: count >> 32)
        if isLast { v[14] = ~v[14] }

        func step(_ a: Int, _ b: Int, _ c: Int, _ d: Int, _ x: UInt32, _ y: UInt32) {
            v[a] = v[a] &+ v[b] &+ x
            v[d] = rotated(v[d] ^ v[a], 16)
            v[c] = v[c] &+ v[d]
            v[b] = rotated(v[b] ^ v[c], 12)
            v[a] = v[a] &+ v[b] &+ y
            v[d] = rotated(v[d] ^ v[a], 8)
            v[c] = v[c] &+ v[d]
            v[b] = rotated(v[b] ^ v[c], 7)
        }
        for round in order {
            for column in 0..<4 {
                step(column, column + 4, column + 8, column + 12, words[round[column * 2]], words[round[column * 2 + 1]])
            }
            for column in 0..<4 {
                step(
                    column, (column + 1) & 3 + 4, (column + 2) & 3 + 8, (column + 3) & 3 + 12, words[round[column * 2 + 8]],
                    words[round[column * 2 + 9]])
            }
        }
        for index in state.indices { state[index] ^= v[index] ^ v[index + 8] }
    }

    private static func rotated(_ word: UInt32, _ count: UInt32) -> UInt32 { word >> count | word << (32 - count) }
}
