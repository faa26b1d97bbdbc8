public import ShareModel

/// A cephx key in its usual spelling, base64 of type, time, length and secret, as the kernel's keyring wants it: decoded
/// (net/ceph/crypto.c: ceph_key_preparse).
public enum CephKey {
    /// What a text that is no key has instead of one, as a clause that follows "the key".
    public struct Problem: Error, Equatable {
        /// The clause.
        public let what: String
    }

    /// The keyring's type for it.
    public static let keyType = "ceph"

    /// Decodes; blanks and line ends around the text do not count. Copies of the secret are wiped.
    public static func payload(of key: Secret) throws(Problem) -> Secret {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(key.count)
        defer { unsafe bytes.withUnsafeMutableBytes { unsafe wipe($0) } }
        let isSound = unsafe key.withBytes { text in unsafe decode(text, into: &bytes) }
        guard isSound else { throw Problem(what: "is not base64 such as 'ceph auth get-key client.USER' prints") }
        // struct ceph_crypto_key on the wire: type 16 bits, time 2 x 32 bits, length 16 bits, then the secret.
        let head = 12
        guard bytes.count > head, Int(bytes[10]) | Int(bytes[11]) << 8 == bytes.count - head else {
            throw Problem(what: "is base64 and no cephx key: its length does not fit")
        }
        return Secret(copying: bytes)
    }

    private static func decode(_ text: UnsafeRawBufferPointer, into bytes: inout [UInt8]) -> Bool {
        var bits: UInt32 = 0
        var count = 0
        var isPadded = false
        for index in text.indices {
            let byte = unsafe text[index]
            if byte <= 0x20 {
                // Blanks may stand before and after, not inside.
                if count > 0 || !bytes.isEmpty { isPadded = true }
                continue
            }
            if byte == UInt8(ascii: "=") {
                isPadded = true
                continue
            }
            guard !isPadded, let value = value(byte) else { return false }
            bits = bits << 6 | value
            count += 1
            if count == 4 {
                bytes += [UInt8(truncatingIfNeeded: bits >> 16), UInt8(truncatingIfNeeded: bits >> 8), UInt8(truncatingIfNeeded: bits)]
                (bits, count) = (0, 0)
            }
        }
        switch count {
        case 0: return !bytes.isEmpty
        case 2: bytes.append(UInt8(truncatingIfNeeded: bits >> 4))
        case 3: bytes += [UInt8(truncatingIfNeeded: bits >> 10), UInt8(truncatingIfNeeded: bits >> 2)]
        default: return false
        }
        return true
    }

    private static func value(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte - UInt8(ascii: "a") + 26)
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0") + 52)
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
